/** Canned replies under the field: found by what follows `/`, chosen with the arrow keys or a press. */

import { h } from "../dom.js";
import { w } from "./words.js";

const PAUSE_MS = 150;

export class CannedList {
  #desk;
  #chat;
  #field;
  #choose;
  #found = [];
  #at = 0;
  #later = null;
  #asked = 0; // the number of the latest search: an earlier one's late answer is not shown

  /** `choose(text)` hears the chosen reply with its variables filled in. */
  constructor(desk, chat, field, choose) {
    this.#desk = desk;
    this.#chat = chat;
    this.#field = field;
    this.#choose = choose;
    field.setAttribute("aria-controls", this.#list.id);
    this.element.append(this.#list, this.#count);
  }

  element = h("div", { class: "canned", hidden: true });
  #list = h("ul", { id: "canned-list", role: "listbox", "aria-label": w("canned.label"), "data-testid": "canned" });
  #count = h("p", { class: "hint", role: "status" });

  search(words) {
    clearTimeout(this.#later);
    this.#later = setTimeout(() => this.#load(words), PAUSE_MS);
  }

  close() {
    clearTimeout(this.#later);
    this.#asked += 1;
    this.#found = [];
    this.#list.replaceChildren();
    this.element.hidden = true;
    this.#field.removeAttribute("aria-activedescendant");
  }

  /** Whether a pressed key was for the list. */
  pressed(event) {
    if (this.element.hidden) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.#found.length) this.#point((this.#at + step + this.#found.length) % this.#found.length);
    else if ((event.key === "Enter" || event.key === "Tab") && this.#found.length) this.#take(this.#at);
    else if (event.key === "Escape") this.close();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  async #load(q) {
    const asked = ++this.#asked;
    try {
      const language = this.#chat.language.startsWith("zh") ? "zh" : "en"; // what the customer reads
      const { canned } = await this.#desk.api.get("/canned", { language, q: q.trim(), chat: this.#chat.id });
      if (asked !== this.#asked) return;
      this.#found = canned;
    } catch {
      return;
    }
    this.#list.replaceChildren(
      ...this.#found.map((each, index) =>
        h(
          "li",
          { id: `canned-${index}`, role: "option", "aria-selected": "false", onpointerdown: (event) => event.preventDefault(), onclick: () => this.#take(index) },
          h("b", {}, each.title),
          h("span", {}, each.filled ?? each.text),
        ),
      ),
    );
    this.#count.textContent = w("canned.count", { count: this.#found.length });
    this.element.hidden = false;
    if (this.#found.length) this.#point(0);
  }

  #point(index) {
    this.#at = index;
    [...this.#list.children].forEach((option, each) => option.setAttribute("aria-selected", String(each === index)));
    this.#list.children[index].scrollIntoView({ block: "nearest" });
    this.#field.setAttribute("aria-activedescendant", `canned-${index}`);
  }

  #take(index) {
    const chosen = this.#found[index];
    this.close();
    this.#choose(chosen.filled ?? chosen.text);
  }
}
