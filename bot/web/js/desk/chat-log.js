/** The messages and notes of one chat in the order of time, with a line for each day. */

import { h } from "../dom.js";
import { dayName, sameDay } from "../format.js";
import { deskMessage, noteView } from "./desk-message.js";
import { w } from "./words.js";

const NEAR_PX = 120; // this close to the end counts as being there

export class ChatLog {
  #messages = new Map(); // id → message
  #notes = new Map();
  #drawn = new Map(); // key → element, kept so that nothing is drawn twice
  #pictures;
  #atEnd = true;
  #size = new ResizeObserver(() => this.#keepEnd());

  /** `pictures`: see `deskMessage`; `older()` loads what was before. */
  constructor(pictures, older) {
    this.#pictures = pictures;
    this.older = h("button", { type: "button", class: "ghost older", hidden: true, onclick: older }, w("chat.older"));
    this.log = h("div", { class: "log", role: "log", "aria-label": w("chat.log"), "data-testid": "log" });
    this.element = h("div", { class: "log-scroller", tabindex: "0", role: "region", "aria-label": w("chat.log") }, this.older, this.log);
    this.element.addEventListener("scroll", () => (this.#atEnd = this.#below() < NEAR_PX), { passive: true });
    // Pictures that arrive and a field that grows must not hide the newest words.
    this.#size.observe(this.log);
    this.#size.observe(this.element);
  }

  close() {
    this.#size.disconnect();
  }

  /** The seq of the first and the last message; null without any. */
  get first() {
    return this.#edge(Math.min);
  }

  get last() {
    return this.#edge(Math.max);
  }

  addMessages(messages) {
    const [first, height] = [this.first, this.element.scrollHeight];
    for (const message of messages) this.#messages.set(message.id, message);
    this.#draw();
    // Earlier ones come above what is being read, which must stay where it is.
    if (first !== null && this.first < first) this.element.scrollTop += this.element.scrollHeight - height;
  }

  setNotes(notes) {
    for (const note of notes) this.#notes.set(note.id, note);
    this.#draw();
  }

  #edge(choose) {
    return this.#messages.size ? choose(...[...this.#messages.values()].map(({ seq }) => seq)) : null;
  }

  #draw() {
    const items = [
      ...[...this.#messages.values()].map((message) => ({ key: `message ${message.id}`, at: message.created_at, seq: message.seq, draw: () => deskMessage(message, this.#pictures) })),
      ...[...this.#notes.values()].map((note) => ({ key: `note ${note.id}`, at: note.created_at, seq: Infinity, draw: () => noteView(note) })),
    ].sort((a, b) => new Date(a.at) - new Date(b.at) || a.seq - b.seq);
    const wanted = [];
    let day = null;
    for (const item of items) {
      const at = new Date(item.at);
      if (!day || !sameDay(day, at)) wanted.push(this.#once(`day ${at.toDateString()}`, () => h("p", { class: "day" }, dayName(at))));
      day = at;
      wanted.push(this.#once(item.key, item.draw));
    }
    wanted.forEach((node, index) => this.log.children[index] !== node && this.log.insertBefore(node, this.log.children[index] ?? null));
    this.#keepEnd();
  }

  #below() {
    return this.element.scrollHeight - this.element.scrollTop - this.element.clientHeight;
  }

  #keepEnd() {
    if (this.#atEnd) this.element.scrollTop = this.element.scrollHeight;
  }

  #once(key, draw) {
    if (!this.#drawn.has(key)) this.#drawn.set(key, draw());
    return this.#drawn.get(key);
  }
}
