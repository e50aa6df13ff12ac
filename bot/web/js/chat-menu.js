/** `<chat-menu>`: what else can be done with a conversation. Dispatches `choose` with the name of the choice. */

import { attention } from "./attention.js";
import { h, icon } from "./dom.js";

const DOTS = "M5 12h.01M12 12h.01M19 12h.01";
const CHOICES = ["new", "earlier", "transcript", "person", "sound", "end"];

class ChatMenu extends HTMLElement {
  #button;
  #list;

  connectedCallback() {
    if (this.#button) return;
    const button = { type: "button", class: "round", "aria-expanded": "false", "aria-controls": "chat-menu-list" };
    this.#button = h("button", { ...button, "data-i18n-label": "menu.label", "data-testid": "menu" }, icon(DOTS));
    this.#list = h("ul", { id: "chat-menu-list", hidden: true }, CHOICES.map((name) => h("li", {}, this.#choice(name))));
    this.append(this.#button, this.#list);
    this.#button.addEventListener("click", () => this.#open(this.#list.hidden));
    this.addEventListener("keydown", (event) => this.#onKey(event));
    this.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget && !this.contains(relatedTarget)) this.#open(false);
    });
    document.addEventListener("pointerdown", ({ target }) => this.contains(target) || this.#open(false));
  }

  /** Which choices make sense now: a set of names. */
  set offered(names) {
    for (const button of this.#list.querySelectorAll("button")) button.parentElement.hidden = !names.has(button.dataset.choice);
  }

  #choice(name) {
    const sound = name === "sound";
    const options = { type: "button", "data-choice": name, "data-testid": `menu-${name}`, "data-i18n": `menu.${name}` };
    const button = h("button", { ...options, "aria-pressed": sound ? String(attention.sound) : null });
    button.addEventListener("click", () => {
      if (sound) {
        attention.sound = !attention.sound;
        button.setAttribute("aria-pressed", String(attention.sound));
        return;
      }
      this.#button.focus(); // so that whatever opens now gives the focus back to here
      this.#open(false);
      this.dispatchEvent(new CustomEvent("choose", { detail: name }));
    });
    return button;
  }

  #open(open) {
    this.#list.hidden = !open;
    this.#button.setAttribute("aria-expanded", String(open));
  }

  #onKey(event) {
    const buttons = [this.#button, ...this.#list.querySelectorAll("li:not([hidden]) button")];
    const at = buttons.indexOf(document.activeElement);
    if (event.key === "Escape" && !this.#list.hidden) {
      this.#open(false);
      this.#button.focus();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      this.#open(true);
      buttons.at((at + (event.key === "ArrowDown" ? 1 : -1)) % buttons.length).focus();
    } else {
      return;
    }
    event.preventDefault(); // the widget closes on an Escape that nobody else wanted
  }
}

customElements.define("chat-menu", ChatMenu);
