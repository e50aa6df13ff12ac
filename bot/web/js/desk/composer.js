/** The field to write replies and notes in, with canned replies behind `/` and the suggested reply. */

import { newKey } from "../api.js";
import { h } from "../dom.js";
import { chatPath } from "./api.js";
import { CannedList } from "./canned.js";
import { w } from "./words.js";

const TYPING_EVERY_MS = 3_000;
const LONGEST = 4_000;
const UNFILLED = /\{\w+\}/;

export class Composer {
  #desk;
  #chat;
  #hooks;
  #canned;
  #key = null; // the idempotency key of what is being sent: the same until it has arrived
  #toldTyping = 0;
  #sending = false;

  /** `hooks`: draft `{mode, text}`, sent(message), noted(note). */
  constructor(desk, chat, hooks) {
    this.#desk = desk;
    this.#chat = chat;
    this.#hooks = hooks;
    this.#field = h("textarea", { rows: 3, maxlength: LONGEST, "data-testid": "composer", "aria-autocomplete": "list" });
    this.#canned = new CannedList(desk, chat, this.#field, (text) => this.#insert(text));
    const mode = (name) =>
      h("button", { type: "button", class: "mode", "data-mode": name, "data-testid": `mode-${name}`, onclick: () => this.write(name) }, w(`mode.${name}`));
    this.#modes = [mode("reply"), mode("note")];
    this.#suggest = h("button", { type: "button", class: "ghost small", "data-testid": "suggest", onclick: () => this.#suggested() }, w("suggest"));
    this.#send = h("button", { type: "submit", class: "primary small", "data-testid": "send" });
    this.element = h(
      "form",
      { class: "composer" },
      h("div", { class: "composer-top", role: "group", "aria-label": w("mode.label") }, this.#modes, this.#suggest, h("span", { class: "hint" }, w("composer.hint"))),
      this.#canned.element,
      this.#field,
      h("div", { class: "composer-bottom" }, this.#failure, this.#send),
    );
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.#field.addEventListener("keydown", (event) => this.#pressed(event));
    this.#field.addEventListener("input", () => this.#changed());
    this.#field.value = hooks.draft?.text ?? "";
    this.#wanted = hooks.draft?.mode ?? "reply";
    this.#mode(this.#wanted);
  }

  #field;
  #modes;
  #suggest;
  #send;
  #mayReply = false;
  #failure = h("p", { class: "failure", role: "alert" });
  #wanted; // the agent's own choice, kept while only notes can be written
  #now = "reply";

  /** What is written but not sent. */
  get draft() {
    return { mode: this.#wanted, text: this.#field.value };
  }

  /** What may be written follows the chat's state. */
  allow(chat) {
    const couldReply = this.#mayReply;
    this.#chat = chat;
    this.#mayReply = chat.may.includes("send");
    this.element.hidden = !this.#mayReply && !chat.may.includes("note");
    if (!this.#mayReply) this.#mode("note");
    else this.#mode(couldReply ? this.#now : this.#wanted);
  }

  /** Turns to the field in that mode, perhaps with a first character in an empty field. */
  write(mode, text) {
    if (this.element.hidden) return;
    this.#wanted = mode;
    this.#mode(mode === "reply" && !this.#mayReply ? "note" : mode);
    if (text && !this.#field.value && this.#now === "reply") {
      this.#field.value = text;
      this.#changed();
    }
    this.#field.focus();
  }

  #mode(mode) {
    if (mode !== this.#now) this.#key = null; // a note is never the reply of the same words
    this.#now = mode;
    this.element.dataset.mode = mode;
    for (const button of this.#modes) {
      button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
      button.disabled = button.dataset.mode === "reply" && !this.#mayReply;
    }
    this.#field.setAttribute("aria-label", w(`composer.${mode}`));
    this.#field.placeholder = w(`composer.${mode}.placeholder`);
    this.#send.textContent = w(`send.${mode}`);
    this.#suggest.hidden = mode !== "reply" || !this.#chat.cause;
    if (mode === "note") this.#canned.close();
  }

  #pressed(event) {
    if (event.isComposing || this.#canned.pressed(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.#submit();
    } else if (event.key === "Escape") {
      this.#field.blur();
      event.stopPropagation();
    }
  }

  #changed() {
    this.#key = null;
    this.#failure.textContent = "";
    const { value } = this.#field;
    if (this.#now !== "reply") return;
    if (value.startsWith("/") && !value.includes("\n")) this.#canned.search(value.slice(1));
    else this.#canned.close();
    if (!value.trim() || value.startsWith("/") || Date.now() - this.#toldTyping < TYPING_EVERY_MS) return;
    this.#toldTyping = Date.now();
    this.#desk.api.post(chatPath(this.#chat.id, "typing")).catch(() => {});
  }

  /** Puts a text into the field; a variable that nobody could fill is selected, ready to be replaced. */
  #insert(text) {
    this.#field.value = text;
    this.#key = null;
    this.#field.focus();
    const open = UNFILLED.exec(text);
    if (open) {
      this.#field.setSelectionRange(open.index, open.index + open[0].length);
      this.#failure.textContent = w("unfilled", { name: open[0] });
    }
  }

  async #suggested() {
    try {
      this.#insert((await this.#desk.api.get(chatPath(this.#chat.id, "suggestion"))).text);
    } catch (error) {
      this.#failure.textContent = error.status === 404 ? w("suggest.none") : error.message;
    }
  }

  async #submit() {
    const text = this.#field.value.trim();
    if (!text || this.#sending) return;
    if (this.#now === "reply" && UNFILLED.test(text)) return this.#insert(text);
    // What looks for a canned reply is not meant for the customer, however fast Enter was pressed.
    if (this.#now === "reply" && text.startsWith("/")) return void (this.#failure.textContent = w("canned.choose"));
    this.#sending = this.#send.disabled = true;
    const { id } = this.#chat;
    try {
      this.#key ??= newKey();
      const headers = { "Idempotency-Key": this.#key };
      if (this.#now === "reply") this.#hooks.sent(await this.#desk.api.post(chatPath(id, "messages"), { text }, headers));
      else this.#hooks.noted(await this.#desk.api.post(chatPath(id, "notes"), { text }, headers));
      if (this.#field.value.trim() === text) this.#field.value = "";
      this.#key = null;
      this.#failure.textContent = "";
    } catch (error) {
      this.#failure.textContent = error.message;
    }
    this.#sending = this.#send.disabled = false;
  }
}
