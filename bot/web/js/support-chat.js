/**
 * `<support-chat>`: the whole chat, the same on the support page and in the widget. `use(session)` shows the
 * conversation of a session.
 *
 * Dispatches `expired` when that session is over (detail: words not sent), `ended` when it was signed out in
 * another tab, `notice` (detail: a sentence to show), `unread` (detail: a count) and `message` (detail: a
 * message that has just come in).
 */

import { attention } from "./attention.js";
import "./chat-composer.js";
import "./chat-log.js";
import "./chat-menu.js";
import { Conversation } from "./conversation.js";
import { h } from "./dom.js";
import { earlierDialog } from "./earlier.js";
import { FollowScroll } from "./follow-scroll.js";
import "./handoff-status.js";
import { languageChanges, t, translate } from "./i18n.js";
import { keep, recall } from "./kept.js";
import { Pictures } from "./pictures.js";

const AGAIN_MS = 3_000;
const HEARD = 3; // messages left in the live region: older ones have been read out

class SupportChat extends HTMLElement {
  #session = null;
  #conversation = null;
  #pictures = null;
  #log;
  #composer;
  #follow;
  #visible = true;
  #onScreen = true;
  #unread = 0;
  #part = (id) => this.querySelector(`#${id}`);
  #onEnded = () => this.#tell("ended");

  connectedCallback() {
    if (this.#log) return;
    this.append(...template());
    this.#log = this.querySelector("chat-log");
    this.#composer = this.querySelector("chat-composer");
    this.#follow = new FollowScroll(this.#part("scroller"), this.#log, this.#part("jump"));
    this.#log.chat = this.#messageParts();
    this.#composer.upload = (file, options) => this.#conversation.upload(file, options);
    this.#composer.addEventListener("send", ({ detail }) => this.#say(detail));
    this.#composer.addEventListener("typing", () => this.#conversation.types());
    this.#composer.addEventListener("problem", ({ detail }) => this.#tell("notice", detail));
    this.#part("menu").addEventListener("choose", ({ detail }) => this.#choose(detail));
    this.#part("human").addEventListener("cancel", () => this.#attempt(() => this.#conversation.call("POST", "handoff/cancel")));
    this.#takeDrops();
    languageChanges.addEventListener("change", () => this.#translate());
    document.addEventListener("visibilitychange", () => this.#read());
    new IntersectionObserver(([entry]) => {
      this.#onScreen = entry.isIntersecting;
      this.#read();
    }).observe(this);
  }

  /** Shows the newest conversation of this session. Nothing is sent before the customer writes. */
  async use(session) {
    const another = this.#session && this.#session !== session;
    if (another && this.#session.customer) this.#composer.clear();
    this.#session?.removeEventListener("ended", this.#onEnded);
    session.addEventListener("ended", this.#onEnded);
    this.#session = session;
    this.#begin();
    this.#translate();
    await this.#resume(this.#conversation);
  }

  /** Whether the customer has words on their way. */
  get busy() {
    return this.#conversation.outbox.items.length > 0;
  }

  /** Whether the customer can see the chat at all: a closed widget reads nothing. */
  set visible(visible) {
    this.#visible = visible;
    if (this.#conversation) this.#read();
  }

  /** Says this for the customer. */
  send(text) {
    this.#conversation.send(text);
  }

  /** Gives words back to the customer. */
  restore(text) {
    this.#composer.restore(text);
  }

  /** Puts the cursor into the field, except where that would pop up an on-screen keyboard. */
  focusField() {
    this.#composer.focusField();
  }

  /** What was there before: of this tab, else the customer's newest on any device. */
  async #resume(conversation) {
    const session = this.#session;
    try {
      if (!session.conversation && session.customer) {
        const { conversations } = await session.request("GET", "/api/conversations");
        if (conversation !== this.#conversation || this.busy) return;
        if (!conversations.length) return;
        session.openConversation(conversations[0].id);
        conversation = this.#begin();
      }
      await conversation.resume();
      if (conversation === this.#conversation) this.#follow.toEnd();
    } catch (error) {
      if (conversation !== this.#conversation) return;
      if (error.status === 401) this.#expired();
      else if (error.status === 404) this.#restart();
      else this.#tell("notice", error.message);
      if (error.passing) setTimeout(() => conversation === this.#conversation && this.#resume(conversation), AGAIN_MS);
    }
  }

  /** What the messages' parts ask for. */
  #messageParts() {
    const chat = this;
    return {
      get pictures() {
        return chat.#pictures;
      },
      get rated() {
        return recall("rated")?.[chat.#session.conversation] ?? null;
      },
      rate: async (score, words) => {
        await this.#conversation.call("POST", "rating", { body: { score, words } });
        keep("rated", { ...recall("rated"), [this.#session.conversation]: score });
      },
      reply: ({ id, title }) => {
        this.#conversation.send(title, { reply: id });
        this.#composer.focusField();
      },
      retry: (key) => this.#conversation.outbox.retry(key),
      steps: (message) => ({
        onTick: (done) => this.#attempt(() => this.#conversation.tick(message, done)),
        onDone: (done) => {
          this.#conversation.send(t("steps.done"), { steps_done: { message: message.id, done } });
          this.#composer.focusField();
        },
      }),
    };
  }

  #say({ text, pictures }) {
    if (!pictures.length) return this.send(text);
    for (const { id, file } of pictures) this.#pictures.adopt(id, file);
    const shown = pictures.map(({ id, width, height }) => ({ id, width, height }));
    const body = { attachments: shown.map(({ id }) => id), ...(text ? { text } : {}) };
    this.#conversation.send(text, body, shown);
  }

  async #choose(name) {
    if (name === "new") return this.#restart();
    if (name === "person") return this.send(t("menu.personWords"));
    if (name === "end") return this.#attempt(() => this.#conversation.call("POST", "end"));
    if (name === "transcript") return this.#attempt(() => this.#download());
    await this.#attempt(async () => {
      const { conversations } = await this.#session.request("GET", "/api/conversations");
      earlierDialog(conversations, this.#session.conversation, this, (id) => this.#open(id));
    });
  }

  async #download() {
    const zone = encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone);
    const words = await this.#conversation.call("GET", `transcript?zone=${zone}`, { as: "blob" });
    const url = URL.createObjectURL(words);
    const link = h("a", { href: url, download: `${t("transcript.file")}.txt` });
    this.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(url), 1_000);
  }

  async #attempt(errand) {
    try {
      this.#tell("notice", "");
      await errand();
    } catch (error) {
      if (error.status !== 401) this.#tell("notice", error.message);
    }
  }

  #open(id) {
    if (id === this.#session.conversation) return;
    this.#session.openConversation(id);
    this.#resume(this.#begin());
  }

  /** A new conversation: begun on the server with the first message. */
  #restart() {
    this.#session.openConversation(null);
    this.#begin();
    this.#composer.focusField();
  }

  #expired() {
    const words = [...this.#conversation.outbox.items.map(({ text }) => text), this.#composer.text];
    this.#composer.clear();
    this.#tell("expired", words.filter(Boolean).join("\n"));
  }

  #begin() {
    this.#conversation?.close();
    this.#pictures?.close();
    this.#composer.clearPictures();
    this.#log.clear();
    this.#part("heard").replaceChildren();
    const conversation = new Conversation(this.#session);
    this.#conversation = conversation;
    this.#pictures = new Pictures((id) => conversation.call("GET", `attachments/${encodeURIComponent(id)}`, { as: "blob" }));
    conversation.addEventListener("change", () => this.#draw());
    conversation.addEventListener("news", ({ detail }) => this.#hear(detail));
    conversation.addEventListener("gone", () => this.#restart());
    conversation.addEventListener("expired", () => this.#expired());
    this.#draw();
    return conversation;
  }

  /** A message has just come in: read out once, and the customer is called if they are elsewhere. */
  #hear(message) {
    const heard = this.#part("heard");
    heard.append(h("p", {}, `${t(`author.${message.author}`) ?? ""}: ${message.text}`));
    while (heard.childElementCount > HEARD) heard.firstChild.remove();
    attention.call();
    if (!this.#attended) this.#conversation.unreadFrom ??= message.seq;
    this.#tell("message", message);
  }

  get #attended() {
    return this.#visible && this.#onScreen && !document.hidden;
  }

  #read() {
    if (!this.#conversation) return;
    if (this.#attended) this.#conversation.read();
    const { unread } = this.#conversation;
    if (unread === this.#unread) return;
    this.#unread = unread;
    this.#tell("unread", unread);
  }

  #draw() {
    const { messages, outbox, typing, connected, status, unreadFrom } = this.#conversation;
    const begun = messages.length + outbox.items.length > 0;
    this.#part("welcome").hidden = begun;
    const typed = typing && this.#part("typing").hidden;
    this.#part("typing").hidden = !typing;
    if (typing) this.#part("typing-who").textContent = typing.name ? t("chat.typingName", { name: typing.name }) : t("chat.typing");
    this.#part("connection").textContent = connected ? "" : t("chat.reconnecting");
    this.#part("human").show(status);
    const now = begun ? ["new", "transcript", "end"] : [];
    this.#part("menu").offered = new Set([...now, "person", "sound", ...(this.#session.token ? ["earlier"] : [])]);
    const added = this.#log.show({ messages, outbox, unreadFrom });
    if (added.length || typed) this.#follow.follow(added);
    this.#read();
  }

  #translate() {
    if (!this.#conversation) return;
    translate(this);
    this.#welcome();
    this.#log.clear();
    this.#draw();
  }

  #welcome() {
    const { customer } = this.#session;
    this.#part("welcome-title").textContent = customer ? t("welcome.helloName", { name: customer.name }) : t("welcome.hello");
    this.#part("welcome-text").textContent = t(customer ? "welcome.text" : "welcome.textAnonymous");
    const starter = ([label, text]) => {
      const options = { type: "button", class: "chip", "data-testid": "starter", onclick: () => this.send(text) };
      return h("li", {}, h("button", options, label));
    };
    this.#part("starters").replaceChildren(...t("starters").map(starter));
  }

  /** Files dragged over the chat may be dropped anywhere on it. */
  #takeDrops() {
    const files = (event) => event.dataTransfer?.types.includes("Files");
    const drag = (on) => (event) => {
      if (!files(event)) return;
      event.preventDefault();
      if (on || !this.contains(event.relatedTarget)) this.#part("drop").hidden = !on;
    };
    this.addEventListener("dragenter", drag(true));
    this.addEventListener("dragover", drag(true));
    this.addEventListener("dragleave", drag(false));
    this.addEventListener("drop", (event) => {
      if (!files(event)) return;
      event.preventDefault();
      this.#part("drop").hidden = true;
      this.#composer.addPictures(event.dataTransfer.files);
    });
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** The chat's parts, without words: these are filled in by `translate`. */
function template() {
  return [
    h("div", { class: "chat-bar" }, h("handoff-status", { id: "human", "data-testid": "human" }), h("chat-menu", { id: "menu" })),
    h(
      "div",
      { class: "scroller", id: "scroller", tabindex: 0, role: "region", "data-i18n-label": "chat.log" },
      h(
        "section",
        { class: "welcome", id: "welcome", "aria-labelledby": "welcome-title" },
        h("h2", { id: "welcome-title" }),
        h("p", { id: "welcome-text" }),
        h("ul", { class: "starters", id: "starters" }),
      ),
      // What is news is read out by the live region below, once, and without buttons and times.
      h("chat-log", { role: "log", "aria-live": "off", "data-i18n-label": "chat.log" }),
      h(
        "p",
        { class: "typing", id: "typing", role: "status", hidden: true },
        h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")),
        h("span", { id: "typing-who" }),
      ),
    ),
    h("div", { class: "overlay" }, h("button", { type: "button", class: "jump", id: "jump", "data-i18n": "chat.latest", hidden: true })),
    h("p", { class: "connection", id: "connection", role: "status" }),
    h("chat-composer"),
    h("div", { class: "visually-hidden", id: "heard", "aria-live": "polite", "data-testid": "heard" }),
    h("div", { class: "drop", id: "drop", "data-testid": "drop", "data-i18n": "picture.drop", hidden: true }),
  ];
}

customElements.define("support-chat", SupportChat);
