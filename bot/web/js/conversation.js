/**
 * One conversation as the page knows it: the messages that the server has, and those that are
 * still on their way to it. Draws nothing; dispatches `change`, and `expired` when the session ended.
 */

import { commonHeaders, newKey, request } from "./api.js";
import { EventStream } from "./event-stream.js";
import { language } from "./i18n.js";

const TYPING_MS = 30_000; // an indicator without an answer goes away by itself

export class Conversation extends EventTarget {
  #session;
  #stream = null;
  #messages = new Map(); // id → message
  #early = []; // own messages that the stream brought while their POST had not answered yet
  #sending = false;
  #ready = null;
  #closed = false;
  #typingTimer = 0;

  /** Own messages not stored yet: `{key, text, body, state: sending|failed, error, created_at}`. */
  outbox = [];
  typing = false;
  connected = true;

  constructor(session) {
    super();
    this.#session = session;
  }

  /** What the server has, in order. */
  get messages() {
    return [...this.#messages.values()].sort((a, b) => a.seq - b.seq);
  }

  /** Shows a conversation that is there already, e.g. after a reload. Throws ApiError. */
  resume() {
    return this.#prepare();
  }

  /** Sends words, or one of the bot's quick replies (`{reply: id}`, shown as `text` meanwhile). */
  send(text, body = { text }) {
    this.outbox.push({ key: newKey(), text, body, state: "sending", error: null, created_at: new Date().toISOString() });
    this.#changed();
    this.#deliver();
  }

  /** Tries a failed message again, under the same idempotency key: it can't be stored twice. */
  retry(key) {
    const item = this.outbox.find((each) => each.key === key);
    if (item?.state !== "failed") return;
    item.state = "sending";
    this.#changed();
    this.#deliver();
  }

  /** Stops listening; the conversation itself stays on the server. */
  close() {
    this.#closed = true;
    clearTimeout(this.#typingTimer);
    this.#stream?.close();
  }

  /** One message at a time, in the order written. */
  async #deliver() {
    if (this.#sending) return;
    this.#sending = true;
    let item;
    while (!this.#closed && (item = this.outbox.find((each) => each.state === "sending"))) {
      await this.#post(item);
      this.#changed();
    }
    this.#sending = false;
  }

  async #post(item) {
    try {
      await this.#prepare();
      const stored = await request("POST", this.#path("messages"), {
        token: this.#session.token,
        body: item.body,
        headers: { "Idempotency-Key": item.key },
      });
      this.outbox = this.outbox.filter((each) => each !== item);
      this.#messages.set(stored.id, stored);
    } catch (error) {
      item.state = "failed";
      item.error = error.message;
      if (error.status === 401) this.#expire();
    }
    this.#early.splice(0).forEach((message) => this.#take(message));
  }

  /** A session, a conversation and the open stream, each made when first needed. */
  #prepare() {
    this.#ready ??= this.#begin().catch((error) => {
      this.#ready = null;
      throw error;
    });
    return this.#ready;
  }

  async #begin() {
    if (!this.#session.token) await this.#session.start({});
    if (!this.#session.conversation) {
      const options = { token: this.#session.token, body: { language: language() } };
      const created = await request("POST", "/api/conversations", options);
      this.#session.openConversation(created.id);
    }
    await this.#open();
  }

  async #open() {
    const { messages } = await request("GET", this.#path("messages"), { token: this.#session.token });
    for (const message of messages) this.#messages.set(message.id, message);
    if (this.#closed) return;
    const last = this.messages.at(-1)?.seq ?? 0;
    this.#stream = new EventStream(this.#path("events"), () => commonHeaders(this.#session.token), last);
    this.#stream.addEventListener("event", ({ detail }) => this.#receive(detail));
    this.#stream.addEventListener("open", () => this.#setConnected(true));
    this.#stream.addEventListener("lost", () => this.#setConnected(false));
    this.#stream.addEventListener("refused", () => this.#expire());
    this.#changed();
  }

  #receive({ event, data }) {
    if (event === "typing") {
      this.#setTyping(true);
    } else if (event === "message") {
      const message = JSON.parse(data);
      if (message.author === "customer" && this.outbox.some((each) => each.state === "sending")) this.#early.push(message);
      else this.#take(message);
    }
    this.#changed();
  }

  #take(message) {
    this.#messages.set(message.id, message);
    if (message.author !== "customer") return this.#setTyping(false);
    // A message that seemed to fail but was stored after all (its answer was lost on the way).
    const sent = this.outbox.find((each) => each.state === "failed" && each.text === message.text);
    if (sent) this.outbox = this.outbox.filter((each) => each !== sent);
  }

  #setTyping(typing) {
    clearTimeout(this.#typingTimer);
    this.typing = typing;
    if (!typing) return;
    this.#typingTimer = setTimeout(() => {
      this.typing = false;
      this.#changed();
    }, TYPING_MS);
  }

  #setConnected(connected) {
    this.connected = connected;
    this.#changed();
  }

  #expire() {
    if (this.#closed) return;
    this.close();
    this.dispatchEvent(new Event("expired"));
  }

  #path(what) {
    return `/api/conversations/${encodeURIComponent(this.#session.conversation)}/${what}`;
  }

  #changed() {
    if (!this.#closed) this.dispatchEvent(new Event("change"));
  }
}
