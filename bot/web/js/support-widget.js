/**
 * `<support-widget>`: the chat inside the widget's iframe, and its side of the talk with widget.js on
 * the page around it. In an app's web view the app signs its customer in with
 * `document.querySelector("support-widget").signIn(token)`.
 */

import { languageChanges, locale, suggestLanguage, t, translate, useLanguage } from "./i18n.js";
import { Session } from "./session.js";
import "./support-chat.js";
import { applyTheme } from "./theme.js";

/** Starts the chat with the surrounding page's options; `port` leads to that page, null when there is none. */
export function begin(options, port) {
  const widget = document.querySelector("support-widget");
  customElements.define("support-widget", SupportWidget);
  widget.begin(options, port);
}

class SupportWidget extends HTMLElement {
  #session = Session.restore();
  #chat = this.querySelector("support-chat");
  #part = (id) => this.querySelector(`#${id}`);
  #port = null;
  #signingIn = Promise.resolve();

  begin(options, port) {
    this.#port = port;
    this.#part("close").hidden = !port;
    this.#part("close").addEventListener("click", () => this.#tell({ type: "close" }));
    this.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.isComposing && !event.defaultPrevented) this.#tell({ type: "close" });
    });
    this.#chat.addEventListener("expired", ({ detail }) => this.#expired(detail));
    this.#chat.addEventListener("notice", ({ detail }) => this.#notice(detail));
    this.#chat.addEventListener("ended", () => this.signOut());
    this.#chat.addEventListener("unread", ({ detail }) => this.#tell({ type: "unread", count: detail }));
    this.#chat.addEventListener("message", ({ detail }) => this.#tell({ type: "message", author: detail.author }));
    languageChanges.addEventListener("change", () => this.#translate());
    this.#dress(options);
    this.#translate();
    this.#chat.use(this.#session);
    if (port) port.onmessage = ({ data }) => this.#hear(data);
    this.#tell({ type: "ready" });
  }

  /** Signs in with a token that the wallet's back end signed. */
  signIn(token) {
    return this.#signIn({ token });
  }

  /** Forgets session and conversation on this device. */
  signOut() {
    this.#session.forget();
    this.#use(new Session());
  }

  #hear(message) {
    if (message.type === "view") {
      this.#chat.visible = message.open;
      if (message.open) this.#chat.focusField();
    } else if (message.type === "user") {
      // One after the other: the customer named last is the one who stays.
      const credentials = typeof message.user === "string" ? { token: message.user } : message.user;
      this.#signingIn = this.#signingIn.then(() => this.#signIn(credentials));
    } else if (message.type === "signOut") {
      this.#signingIn = this.#signingIn.then(() => this.signOut());
    } else if (message.type === "options") {
      this.#dress(message.options);
      useLanguage(message.options.language);
    }
  }

  async #signIn(credentials) {
    const session = new Session();
    try {
      await session.start(credentials);
    } catch (error) {
      if (this.#session.customer) this.signOut(); // never go on as whoever was here before
      this.#notice(t("widget.refused"));
      this.#tell({ type: "error", code: error.status === 0 ? "unreachable" : "refused" });
      return;
    }
    this.#session.end();
    this.#use(session);
    suggestLanguage(session.language);
  }

  #use(session) {
    this.#session = session;
    this.#notice("");
    this.#translate();
    this.#chat.use(session);
  }

  #expired(words) {
    this.signOut();
    if (words) this.#chat.restore(words);
    this.#notice(t("error.expired"));
    this.#tell({ type: "error", code: "expired" });
  }

  #dress({ color, scheme, logo }) {
    applyTheme({ color, scheme });
    const picture = this.querySelector(".logo");
    // The policy of this page allows pictures of its own origin only: another logo stays on the launcher.
    if (logo && new URL(logo).origin === location.origin) picture.src = logo;
  }

  #translate() {
    document.documentElement.lang = locale();
    document.title = t("brand");
    translate(this);
    const { customer } = this.#session;
    this.#part("who").textContent = customer ? t("signedInAs", { name: customer.name }) : t("anonymous");
  }

  #notice(text) {
    this.#part("notice").textContent = text;
    this.#part("notice").hidden = !text;
  }

  #tell(message) {
    this.#port?.postMessage(message);
  }
}
