/** `<chat-composer>`: where the customer writes. Dispatches `send` with the text as detail. */

import { h, icon } from "./dom.js";
import { languageChanges, t } from "./i18n.js";

const LONGEST = 2000; // characters, the gateway's limit
const COUNT_FROM = 1800; // the counter shows itself only near the limit

class ChatComposer extends HTMLElement {
  #field;
  #button;
  #count;

  connectedCallback() {
    this.append(...template());
    this.#field = this.querySelector("textarea");
    this.#button = this.querySelector("button");
    this.#count = this.querySelector("#message-count");
    this.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    this.#field.addEventListener("input", () => this.#update());
    this.#field.addEventListener("keydown", (event) => this.#onKey(event));
    languageChanges.addEventListener("change", () => this.#update());
    this.#update();
  }

  /** Puts the cursor into the field, except where that would pop up an on-screen keyboard. */
  focusField() {
    if (matchMedia("(pointer: fine)").matches) this.#field.focus();
  }

  /** Gives words back to the customer, before what they have written since. */
  restore(text) {
    this.#field.value = [text, this.#field.value].filter(Boolean).join("\n");
    this.#update();
  }

  #onKey(event) {
    // While an input method composes, Enter picks a candidate; Safari tells so only by key code 229.
    const composing = event.isComposing || event.keyCode === 229;
    if (event.key !== "Enter" || event.shiftKey || composing) return;
    event.preventDefault();
    this.#send();
  }

  #send() {
    if (this.#button.disabled) return;
    const text = this.#field.value.trim();
    this.#field.value = "";
    this.#update();
    this.dispatchEvent(new CustomEvent("send", { detail: text }));
  }

  #update() {
    const length = [...this.#field.value.trim()].length;
    const left = LONGEST - length;
    this.#button.disabled = length === 0 || left < 0;
    this.#field.toggleAttribute("aria-invalid", left < 0);
    this.#count.textContent =
      left < 0 ? t("composer.over", { count: -left }) : length >= COUNT_FROM ? t("composer.left", { count: left }) : "";
    this.#count.classList.toggle("over", left < 0);
    this.#field.style.height = "auto";
    this.#field.style.height = `${this.#field.scrollHeight}px`;
  }
}

function template() {
  return [
    h(
      "form",
      {},
      h("label", { class: "visually-hidden", for: "message-text", "data-i18n": "composer.label" }),
      h("textarea", {
        id: "message-text",
        rows: 1,
        enterkeyhint: "send",
        autocomplete: "off",
        "aria-describedby": "message-safety message-count",
        "data-i18n-placeholder": "composer.placeholder",
        "data-testid": "composer",
      }),
      h(
        "button",
        { type: "submit", class: "send", "data-i18n-label": "composer.send", "data-testid": "send", disabled: true },
        icon("M4 12 20 4l-5 16-3.5-6.5zM20 4l-8.5 9.5"),
      ),
    ),
    h(
      "p",
      { class: "composer-note" },
      h("span", { id: "message-safety", "data-i18n": "composer.safety" }),
      h("span", { id: "message-count", role: "status" }),
    ),
  ];
}

customElements.define("chat-composer", ChatComposer);
