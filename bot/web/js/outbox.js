/**
 * Own messages on their way to the server: in order, each under one idempotency key until it has arrived,
 * kept over a reload. What fails for want of a network is tried again by itself. Dispatches `change`.
 */

import { newKey } from "./api.js";
import { keep, recall } from "./kept.js";

const FIRST_DELAY_MS = 4_000;
const LONGEST_DELAY_MS = 60_000;

export class Outbox extends EventTarget {
  /** `{key, text, body, pictures, state: sending|failed, error, auto, created_at}`; `auto`: will be tried again. */
  items;
  #conversation;
  #deliver;
  #running = false;
  #closed = false;
  #delay = FIRST_DELAY_MS;
  #timer = 0;
  #again = () => this.#run();

  /** `conversation`: whose messages they are, null for one not begun; `deliver(item)` throws ApiError. */
  constructor(conversation, deliver) {
    super();
    this.#conversation = conversation;
    this.#deliver = deliver;
    const kept = recall("outbox");
    const ours = kept?.conversation === conversation && Array.isArray(kept.items);
    this.items = ours ? kept.items.map((item) => ({ ...item, state: "sending", auto: true })) : [];
    window.addEventListener("online", this.#again);
  }

  /** Sends what was left over from before a reload. */
  start() {
    this.#run();
  }

  /** From now on the messages are of this conversation. */
  belongTo(conversation) {
    this.#conversation = conversation;
    this.#changed();
  }

  add(text, body, pictures = []) {
    const created_at = new Date().toISOString();
    this.items.push({ key: newKey(), text, body, pictures, state: "sending", error: null, auto: true, created_at });
    this.#changed();
    this.#run();
  }

  /** Tries a failed message again: under the same key, so it can't be stored twice. */
  retry(key) {
    const item = this.items.find((each) => each.key === key);
    if (!item) return;
    Object.assign(item, { state: "sending", auto: true });
    this.#changed();
    this.#run();
  }

  /** The server has this message. */
  settle(key) {
    const left = this.items.filter((each) => each.key !== key);
    if (left.length === this.items.length) return;
    this.items = left;
    this.#changed();
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
    window.removeEventListener("online", this.#again);
  }

  /** One message at a time, in the order written. */
  async #run() {
    if (this.#running) return;
    this.#running = true;
    clearTimeout(this.#timer);
    let item;
    while (!this.#closed && (item = this.items.find((each) => each.auto))) {
      try {
        await this.#deliver(item);
        this.#delay = FIRST_DELAY_MS;
        this.settle(item.key);
      } catch (error) {
        item.error = error.message;
        item.auto = Boolean(error.passing);
        const stuck = item.auto ? this.items.filter((each) => each.auto) : [item];
        for (const each of stuck) each.state = "failed";
        this.#changed();
        if (item.auto) {
          this.#wait();
          break;
        }
      }
    }
    this.#running = false;
  }

  #wait() {
    if (this.#closed) return;
    this.#timer = setTimeout(this.#again, this.#delay * (0.75 + Math.random() / 2));
    this.#delay = Math.min(this.#delay * 2, LONGEST_DELAY_MS);
  }

  #changed() {
    if (this.#closed) return;
    keep("outbox", this.items.length ? { conversation: this.#conversation, items: this.items } : null);
    this.dispatchEvent(new Event("change"));
  }
}
