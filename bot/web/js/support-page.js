/**
 * `<support-page>`: brings session, conversation and the page's parts together.
 *
 * Inside the wallet's app, sign-in needs no form: the app gives its own signed token to the page
 * with `document.querySelector("support-page").signIn(token)`.
 */

import { request } from "./api.js";
import "./chat-composer.js";
import "./chat-log.js";
import { Conversation } from "./conversation.js";
import "./demo-picker.js";
import { h } from "./dom.js";
import { FollowScroll } from "./follow-scroll.js";
import { chooseLanguage, language, languageChanges, locale, suggestLanguage, t, translate } from "./i18n.js";
import { Session } from "./session.js";

class SupportPage extends HTMLElement {
  #session = Session.restore();
  #conversation = null;
  #part = (id) => this.querySelector(`#${id}`);
  #log = this.querySelector("chat-log");
  #composer = this.querySelector("chat-composer");
  #picker = this.querySelector("demo-picker");
  #follow = new FollowScroll(this.#part("scroller"), this.#log, this.#part("jump"));

  async connectedCallback() {
    this.#part("language").addEventListener("click", () => chooseLanguage(language() === "zh" ? "en" : "zh"));
    this.#part("sign-in").addEventListener("click", () => this.#askToSignIn());
    this.#part("sign-out").addEventListener("click", () => this.signOut());
    this.#part("picker-close").addEventListener("click", () => this.#view("chat"));
    this.#picker.addEventListener("choose", ({ detail }) => this.#choose(detail));
    this.#composer.addEventListener("send", ({ detail }) => this.#conversation.send(detail));
    this.#log.addEventListener("reply", ({ detail }) => this.#reply(detail));
    this.#log.addEventListener("retry", ({ detail }) => this.#conversation.retry(detail));
    languageChanges.addEventListener("change", () => this.#translate());
    window.visualViewport?.addEventListener("resize", () => this.#fitKeyboard());
    this.#converse();
    this.#translate();
    await Promise.all([this.#offerDemo(), this.#resume()]);
  }

  /** Signs in with a token that the wallet's back end signed. Throws ApiError when it is refused. */
  signIn(token) {
    return this.#signIn({ token });
  }

  /** Forgets session and conversation on this device. */
  signOut() {
    this.#session.forget();
    this.#session = new Session();
    this.#notice("");
    this.#converse();
    this.#translate();
    this.#view(this.#picker.available ? "picker" : "chat");
  }

  async #signIn(credentials) {
    const session = new Session();
    await session.start(credentials);
    this.#session.end();
    this.#session = session;
    this.#notice("");
    this.#converse();
    suggestLanguage(session.language);
    this.#translate();
    this.#view("chat");
    this.#composer.focusField();
  }

  /** A pick from the demo list; picking whoever is signed in leads back to the conversation. */
  async #choose(id) {
    if (id === (this.#session.customer?.id ?? null)) return this.#view("chat");
    if (id === null) {
      this.signOut();
      return this.#view("chat");
    }
    this.#picker.busy = true;
    try {
      await this.#signIn({ demo_customer: id });
    } catch (error) {
      this.#notice(error.message);
    }
    this.#picker.busy = false;
  }

  #askToSignIn() {
    this.#identity();
    if (this.#picker.available) this.#view("picker");
    else this.#part("sign-in-help").showModal();
  }

  /** Demo customers, where the gateway has any: without demo mode the address does not exist. */
  async #offerDemo() {
    try {
      this.#picker.customers = await request("GET", "/api/demo/customers");
    } catch (error) {
      if (error.status !== 404) this.#notice(error.message);
      return;
    }
    this.#identity();
    if (!this.#session.token && !this.#conversation.outbox.length) this.#view("picker");
  }

  /** What this tab had before a reload. */
  async #resume() {
    if (!this.#session.conversation) return;
    try {
      await this.#conversation.resume();
      this.#follow.toEnd();
    } catch (error) {
      if (error.status === 401) this.#expired();
      else if (error.status === 404) this.#restart();
      else this.#notice(error.message);
    }
  }

  /** The server no longer knows the conversation: the session is still good for a new one. */
  #restart() {
    this.#session.openConversation(null);
    this.#converse();
  }

  #expired() {
    const unsent = this.#conversation.outbox.map(({ text }) => text);
    this.signOut();
    if (unsent.length) this.#composer.restore(unsent.join("\n"));
    this.#notice(t("error.expired"));
  }

  /** A fresh conversation in place of the one there was. Nothing is sent before the customer writes. */
  #converse() {
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
    document.documentElement.lang = locale();
    document.title = t("brand");
    translate(this);
    this.#part("language").textContent = t("switchLanguage");
    this.#part("language").setAttribute("aria-label", t("switchLanguageLabel"));
    this.#part("language").lang = language() === "zh" ? "en" : "zh-CN";
    this.#identity();
    // Redrawn as a whole, which is no news: nothing is to be read out.
    this.#log.setAttribute("aria-live", "off");
    this.#log.clear();
    this.#draw();
    requestAnimationFrame(() => this.#log.setAttribute("aria-live", "polite"));
  }

  #identity() {
    const { customer, token } = this.#session;
    this.#part("who").textContent = customer ? t("signedInAs", { name: customer.name }) : t("anonymous");
    this.#part("who").classList.toggle("signed-in", Boolean(customer));
    this.#part("sign-in").textContent = customer ? t("switchCustomer") : t("signIn");
    this.#part("sign-in").hidden = Boolean(customer) && !this.#picker.available;
    this.#part("sign-out").hidden = !customer;
    // Before the first choice nothing is selected, and there is no conversation to go back to.
    this.#picker.selected = token ? (customer?.id ?? null) : undefined;
    this.#part("picker-close").hidden = !token;
    this.#part("welcome-title").textContent = customer ? t("welcome.helloName", { name: customer.name }) : t("welcome.hello");
    this.#part("welcome-text").textContent = t(customer ? "welcome.text" : "welcome.textAnonymous");
    this.#part("starters").replaceChildren(
      ...t("starters").map(([label, text]) =>
        h(
          "li",
          {},
          h(
            "button",
            { type: "button", class: "chip", "data-testid": "starter", onclick: () => this.#conversation.send(text) },
            label,
          ),
        ),
      ),
    );
  }

  /** On a phone one thing at a time: "picker" or "chat". A wide page shows both. */
  #view(name) {
    this.dataset.view = name;
  }

  /** Where an on-screen keyboard covers the page instead of shrinking it (iOS), the page shrinks itself. */
  #fitKeyboard() {
    const { height, scale } = window.visualViewport;
    const covered = scale === 1 && window.innerHeight - height > 100;
    this.style.height = covered ? `${height}px` : "";
    if (covered) window.scrollTo(0, 0);
  }

  #notice(text) {
    this.#part("notice").textContent = text;
    this.#part("notice").hidden = !text;
  }
}

customElements.define("support-page", SupportPage);
