/**
 * One conversation as the page knows it: the messages that the server has, those on their way to it, and
 * what goes on meanwhile. Draws nothing; dispatches `change`, `news` (detail: a message that has just come
 * in from somebody else), `gone` when the server no longer knows it, `expired` when the session is over.
 */

import { commonHeaders, upload } from "./api.js";
import { EventStream } from "./event-stream.js";
import { language } from "./i18n.js";
import { Outbox } from "./outbox.js";

const TYPING_MS = 30_000; // an indicator without an answer goes away by itself
const TYPING_EVERY_MS = 3_000;
const READ_MS = 600; // read marks of messages that come together are one
const PAGE = 500; // messages that the server tells at a time
const AGAIN_MS = 3_000;

export class Conversation extends EventTarget {
  #session;
  #id;
  #stream = null;
  #messages = new Map(); // id → message
  #ready = null;
  #closed = false;
  #typingTimer = 0;
  #readTimer = 0;
  #toldTyping = 0;
  #readUpTo = 0;

  outbox;
  typing = null; // {who: bot|agent, name?} while somebody is
  connected = true;
  status = { mode: "bot" }; // how far it is with bringing in a person
  unreadFrom = null; // seq of the first message that was not read when it came

  constructor(session) {
    super();
    this.#session = session;
    this.#id = session.conversation;
    this.outbox = new Outbox(this.#id, (item) => this.#post(item));
    this.outbox.addEventListener("change", () => this.#changed());
  }

  /** What the server has, in order. */
  get messages() {
    return [...this.#messages.values()].sort((a, b) => a.seq - b.seq);
  }

  /** How many messages of others wait to be read. */
  get unread() {
    return this.messages.filter((each) => each.seq > this.#readUpTo && fromOthers(each)).length;
  }

  /** Shows a conversation that is there already, and sends what was left over. Throws ApiError. */
  async resume() {
    if (this.#id) await this.#prepare();
    this.outbox.start();
  }

  /** Sends words, or another body of a message, shown as `text` meanwhile. */
  send(text, body = { text }, pictures = []) {
    this.unreadFrom = null;
    this.outbox.add(text, body, pictures);
  }

  /** A request about this conversation, e.g. `call("POST", "rating", {body})`. Throws ApiError. */
  async call(method, what, options) {
    await this.#prepare();
    try {
      return await this.#session.request(method, this.#path(what), options);
    } catch (error) {
      if (error.status === 401) this.#expire();
      throw error;
    }
  }

  /** Uploads a picture to be sent in a message; resolves to `{id, width, height, size}`. Throws ApiError. */
  async upload(file, options) {
    await this.#prepare();
    const send = () => upload(this.#path("attachments"), file, { ...options, token: this.#session.token });
    try {
      return await send();
    } catch (error) {
      if (error.status !== 401) throw error;
      await this.#session.renew();
      return send();
    }
  }

  /** The customer ticked these steps: remembered at once, told to the server. Throws ApiError. */
  tick(message, done) {
    const block = message.blocks.find(({ type }) => type === "steps");
    block.done = done;
    return this.call("PUT", `messages/${encodeURIComponent(message.id)}/steps`, { body: { done } });
  }

  /** The customer is writing: told to the person who has the conversation, now and then. */
  types() {
    if (this.status.mode !== "assigned" || Date.now() - this.#toldTyping < TYPING_EVERY_MS) return;
    this.#toldTyping = Date.now();
    this.call("POST", "typing").catch(() => {});
  }

  /** Everything that is here has been seen. */
  read() {
    const last = this.messages.at(-1)?.seq ?? 0;
    if (last <= this.#readUpTo) return;
    this.#readUpTo = last;
    clearTimeout(this.#readTimer);
    this.#readTimer = setTimeout(() => this.call("POST", "read", { body: { seq: last } }).catch(() => {}), READ_MS);
  }

  /** Stops listening; the conversation itself stays on the server. */
  close() {
    this.#closed = true;
    clearTimeout(this.#typingTimer);
    clearTimeout(this.#readTimer);
    this.outbox.close();
    this.#stream?.close();
  }

  async #post(item) {
    const headers = { "Idempotency-Key": item.key };
    this.#take(await this.call("POST", "messages", { body: item.body, headers }));
  }

  /** A session, a conversation and the open stream, each made when first needed. */
  #prepare() {
    this.#ready ??= this.#begin().catch((error) => {
      this.#ready = null;
      if (error.status === 401) this.#expire();
      throw error;
    });
    return this.#ready;
  }

  async #begin() {
    if (!this.#session.token) await this.#session.start({});
    if (this.#id) {
      await this.#load();
    } else {
      const created = await this.#session.request("POST", "/api/conversations", { body: { language: language() } });
      this.#id = created.id;
      this.#session.openConversation(created.id);
      this.outbox.belongTo(created.id);
    }
    if (!this.#closed) this.#listen();
  }

  async #load() {
    const [about] = await Promise.all([this.#session.request("GET", this.#path()), this.#history()]);
    const others = this.messages.filter(fromOthers);
    this.unreadFrom = about.unread ? (others.at(-about.unread)?.seq ?? null) : null;
    this.#readUpTo = this.unreadFrom === null ? (this.messages.at(-1)?.seq ?? 0) : this.unreadFrom - 1;
    this.status = about.status ?? this.status;
    this.#changed();
  }

  async #history() {
    let page;
    do {
      const after = this.messages.at(-1)?.seq ?? 0;
      ({ messages: page } = await this.#session.request("GET", `${this.#path("messages")}?after=${after}`));
      page.forEach((message) => this.#keep(message));
    } while (page.length === PAGE);
  }

  #listen() {
    const last = this.messages.at(-1)?.seq ?? 0;
    this.#stream = new EventStream(this.#path("events"), () => commonHeaders(this.#session.token), last);
    this.#stream.addEventListener("event", ({ detail }) => this.#receive(detail));
    this.#stream.addEventListener("open", () => this.#setConnected(true));
    this.#stream.addEventListener("lost", () => this.#setConnected(false));
    this.#stream.addEventListener("refused", ({ detail }) => this.#refused(detail));
  }

  async #refused(status) {
    if (this.#closed) return;
    if (status !== 401) return this.dispatchEvent(new Event("gone"));
    try {
      await this.#session.renew();
      this.#listen();
    } catch (error) {
      if (error.passing) setTimeout(() => this.#refused(status), AGAIN_MS);
      else this.#expire();
    }
  }

  #receive({ event, data }) {
    const content = JSON.parse(data);
    if (event === "typing") this.#setTyping(content);
    else if (event === "status") this.status = content;
    else if (event === "message") this.#take(content);
    this.#changed();
  }

  #take(message) {
    const known = this.#messages.has(message.id);
    this.#keep(message);
    if (message.author === "customer") return;
    this.#setTyping(null);
    if (!known) this.dispatchEvent(new CustomEvent("news", { detail: message }));
  }

  /** Keeps a message of the server's; if it is one of ours, it has arrived. */
  #keep(message) {
    this.#messages.set(message.id, message);
    if (message.key) this.outbox.settle(message.key);
  }

  #setTyping(typing) {
    clearTimeout(this.#typingTimer);
    this.typing = typing;
    if (!typing) return;
    this.#typingTimer = setTimeout(() => {
      this.typing = null;
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
    return `/api/conversations/${encodeURIComponent(this.#id)}${what ? `/${what}` : ""}`;
  }

  #changed() {
    if (!this.#closed) this.dispatchEvent(new Event("change"));
  }
}

function fromOthers({ author }) {
  return author === "bot" || author === "agent";
}
