/**
 * `<support-chat>`: the whole chat, the same on the support page and in the widget. `use(session)` shows
 * the conversation of a session. Dispatches `expired` when that session is over (detail: words not sent),
 * and `notice` (detail: a sentence to show).
 */

import "./chat-composer.js";
import "./chat-log.js";
import { Conversation } from "./conversation.js";
import { h } from "./dom.js";
import { FollowScroll } from "./follow-scroll.js";
import { languageChanges, t, translate } from "./i18n.js";

class SupportChat extends HTMLElement {
  #session = null;
  #conversation = null;
  #log;
  #composer;
  #follow;
  #part = (id) => this.querySelector(`#${id}`);

  connectedCallback() {
    if (this.#log) return;
    this.append(...template());
    this.#log = this.querySelector("chat-log");
    this.#composer = this.querySelector("chat-composer");
    this.#follow = new FollowScroll(this.#part("scroller"), this.#log, this.#part("jump"));
    this.#composer.addEventListener("send", ({ detail }) => this.send(detail));
    this.#log.addEventListener("reply", ({ detail }) => this.#reply(detail));
    this.#log.addEventListener("retry", ({ detail }) => this.#conversation.retry(detail));
    languageChanges.addEventListener("change", () => this.#translate());
  }

  /** Shows the conversation of this session. Nothing is sent before the customer writes. */
  async use(session) {
    this.#session = session;
    this.#begin();
    this.#translate();
    if (!session.conversation) return;
    try {
      await this.#conversation.resume();
      this.#follow.toEnd();
    } catch (error) {
      if (error.status === 401) this.#expired();
      else if (error.status === 404) this.#restart();
      else this.#tell("notice", error.message);
    }
  }

  /** Whether the customer has words on their way. */
  get busy() {
    return this.#conversation.outbox.length > 0;
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

  /** The server no longer knows the conversation: the session is still good for a new one. */
  #restart() {
    this.#session.openConversation(null);
    this.#begin();
  }

  #expired() {
    const words = this.#conversation.outbox.map(({ text }) => text).join("\n");
    this.#tell("expired", words);
  }

  #begin() {
    this.#conversation?.close();
    this.#log.clear();
    this.#conversation = new Conversation(this.#session);
    this.#conversation.addEventListener("change", () => this.#draw());
    this.#conversation.addEventListener("expired", () => this.#expired());
    this.#draw();
  }

  #reply({ id, title }) {
    this.#conversation.send(title, { reply: id });
    this.#composer.focusField();
  }

  #draw() {
    const { messages, outbox, typing, connected } = this.#conversation;
    this.#part("welcome").hidden = messages.length + outbox.length > 0;
    const typed = typing && this.#part("typing").hidden;
    this.#part("typing").hidden = !typing;
    this.#part("connection").textContent = connected ? "" : t("chat.reconnecting");
    const added = this.#log.show({ messages, outbox });
    if (added.length || typed) this.#follow.follow(added);
  }

  #translate() {
    if (!this.#conversation) return;
    translate(this);
    this.#welcome();
    // Redrawn as a whole, which is no news: nothing is to be read out.
    this.#log.setAttribute("aria-live", "off");
    this.#log.clear();
    this.#draw();
    requestAnimationFrame(() => this.#log.setAttribute("aria-live", "polite"));
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

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** The chat's parts, without words: these are filled in by `translate`. */
function template() {
  return [
    h(
      "div",
      { class: "scroller", id: "scroller" },
      h(
        "section",
        { class: "welcome", id: "welcome", "aria-labelledby": "welcome-title" },
        h("h2", { id: "welcome-title" }),
        h("p", { id: "welcome-text" }),
        h("ul", { class: "starters", id: "starters" }),
      ),
      h("chat-log", { role: "log", "aria-live": "polite", "aria-relevant": "additions", "data-i18n-label": "chat.log" }),
      h(
        "p",
        { class: "typing", id: "typing", role: "status", hidden: true },
        h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")),
        h("span", { class: "visually-hidden", "data-i18n": "chat.typing" }),
      ),
    ),
    h("div", { class: "overlay" }, h("button", { type: "button", class: "jump", id: "jump", "data-i18n": "chat.jump", hidden: true })),
    h("p", { class: "connection", id: "connection", role: "status" }),
    h("chat-composer"),
  ];
}

customElements.define("support-chat", SupportChat);
