/**
 * `<chat-composer>`: where the customer writes and adds pictures. Dispatches `send` with `{text, pictures}`
 * as detail, `problem` (detail: a sentence), and `typing` while they write.
 */

import { h, icon } from "./dom.js";
import { languageChanges, t } from "./i18n.js";
import { keep, recall } from "./kept.js";
import "./picture-tray.js";

const LONGEST = 2000; // characters, the gateway's limit
const COUNT_FROM = 1800; // the counter shows itself only near the limit
const PICTURE = "M4 6h16v13H4zM4 16l5-5 4 4 3-3 4 4M15 9.5h.01";
const SEND = "M4 12 20 4l-5 16-3.5-6.5zM20 4l-8.5 9.5";

class ChatComposer extends HTMLElement {
  #field;
  #button;
  #count;
  #tray;

  connectedCallback() {
    this.append(...template());
    this.#field = this.querySelector("textarea");
    this.#button = this.querySelector(".send");
    this.#count = this.querySelector("#message-count");
    this.#tray = this.querySelector("picture-tray");
    const picker = this.querySelector("input[type=file]");
    this.querySelector("#attach").addEventListener("click", () => picker.click());
    picker.addEventListener("change", () => {
      this.addPictures(picker.files);
      picker.value = "";
    });
    this.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    this.#field.addEventListener("input", () => {
      this.#update();
      if (this.text.trim()) this.dispatchEvent(new CustomEvent("typing"));
    });
    this.#field.addEventListener("keydown", (event) => this.#onKey(event));
    this.#field.addEventListener("paste", (event) => {
      const { files } = event.clipboardData;
      if (!files.length) return;
      event.preventDefault();
      this.addPictures(files);
    });
    this.#tray.addEventListener("change", () => this.#update());
    this.#tray.addEventListener("problem", ({ detail }) => this.dispatchEvent(new CustomEvent("problem", { detail })));
    languageChanges.addEventListener("change", () => this.#update());
    this.#field.value = recall("draft") ?? "";
    this.#update();
  }

  /** How a picture gets to the server: see `<picture-tray>`. */
  set upload(upload) {
    this.#tray.upload = upload;
  }

  /** What is written and not sent. */
  get text() {
    return this.#field.value;
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

  /** Takes picture files, to be sent with the next message. */
  addPictures(files) {
    this.#tray.add([...files]);
    this.focusField();
  }

  /** Forgets what is written, and with it the pictures. */
  clear() {
    this.#field.value = "";
    this.clearPictures();
  }

  /** Forgets the pictures: they belong to one conversation. */
  clearPictures() {
    this.#tray.clear();
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
    const pictures = this.#tray.release();
    this.#field.value = "";
    this.#update();
    this.dispatchEvent(new CustomEvent("send", { detail: { text, pictures } }));
  }

  #update() {
    const length = [...this.#field.value.trim()].length;
    const left = LONGEST - length;
    this.#button.disabled = (length === 0 && this.#tray.empty) || left < 0 || !this.#tray.ready;
    this.#field.toggleAttribute("aria-invalid", left < 0);
    this.#count.textContent =
      left < 0 ? t("composer.over", { count: -left }) : length >= COUNT_FROM ? t("composer.left", { count: left }) : "";
    this.#count.classList.toggle("over", left < 0);
    this.#field.style.height = "auto";
    this.#field.style.height = `${this.#field.scrollHeight}px`;
    keep("draft", this.#field.value || null);
  }
}

function template() {
  return [
    h("picture-tray"),
    h(
      "form",
      {},
      h(
        "button",
        { type: "button", class: "attach", id: "attach", "data-i18n-label": "picture.add", "data-testid": "attach" },
        icon(PICTURE),
      ),
      h("input", { type: "file", accept: "image/png,image/jpeg,image/webp,image/heic,.heic,.heif", multiple: true, hidden: true }),
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
        icon(SEND),
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
