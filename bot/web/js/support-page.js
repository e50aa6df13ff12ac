/**
 * `<support-page>`: brings session, chat and help together.
 *
 * Inside the wallet's app, sign-in needs no form: the app gives its own signed token to the page
 * with `document.querySelector("support-page").signIn(token)`.
 */

import { request } from "./api.js";
import "./demo-picker.js";
import { h } from "./dom.js";
import "./help-panel.js";
import { chooseLanguage, LANGUAGES, language, languageChanges, locale, suggestLanguage, t, translate } from "./i18n.js";
import "./service-status.js";
import { Session } from "./session.js";
import "./support-chat.js";

class SupportPage extends HTMLElement {
  #session = Session.restore();
  #part = (id) => this.querySelector(`#${id}`);
  #chat = this.querySelector("support-chat");
  #picker = this.querySelector("demo-picker");

  async connectedCallback() {
    const choices = Object.entries(LANGUAGES).map(([tag, name]) => h("option", { value: tag, lang: tag }, name));
    this.#part("language").append(...choices);
    this.#part("language").addEventListener("change", ({ target }) => chooseLanguage(target.value));
    this.#part("sign-in").addEventListener("click", () => this.#askToSignIn());
    this.#part("sign-out").addEventListener("click", () => this.signOut());
    for (const button of this.querySelectorAll(".views button"))
      button.addEventListener("click", () => this.#view(button.dataset.view));
    this.#picker.addEventListener("choose", ({ detail }) => this.#choose(detail));
    this.#chat.addEventListener("expired", ({ detail }) => this.#expired(detail));
    this.#chat.addEventListener("notice", ({ detail }) => this.#notice(detail));
    this.#chat.addEventListener("ended", () => this.signOut());
    languageChanges.addEventListener("change", () => this.#translate());
    window.visualViewport?.addEventListener("resize", () => this.#fitKeyboard());
    this.#view("chat");
    this.#translate();
    await Promise.all([this.#chat.use(this.#session), this.#offerDemo(), this.#takeQuestion()]);
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
    this.#chat.use(this.#session);
    this.#identity();
    this.#view(this.#picker.available ? "demo" : "chat");
  }

  async #signIn(credentials) {
    const session = new Session();
    await session.start(credentials);
    this.#session.end();
    this.#session = session;
    this.#notice("");
    this.#chat.use(session);
    suggestLanguage(session.language);
    this.#identity();
    this.dataset.side = "help"; // what the customer needs next; the demo's customers are one press away
    this.#view("chat");
    this.#chat.focusField();
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
    if (this.#picker.available) this.#view("demo");
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
    this.querySelector(".views [data-view=demo]").hidden = !this.#picker.available;
    this.#identity();
    const asked = new URLSearchParams(location.search).has("ask");
    if (!this.#session.token && !this.#chat.busy && !asked) this.#view("demo");
  }

  /** `/?ask=slug`, from a help article: what its reader may say, ready to be sent or changed. */
  async #takeQuestion() {
    const slug = new URLSearchParams(location.search).get("ask");
    if (!slug) return;
    history.replaceState(history.state, "", location.pathname);
    try {
      const { topics } = await request("GET", `/api/help?language=${language()}`);
      const article = topics.find((each) => each.slug === slug);
      if (article) this.#chat.restore(article.ask);
    } catch {
      // Then the customer finds their own words.
    }
    this.#chat.focusField();
  }

  #expired(words) {
    this.signOut();
    if (words) this.#chat.restore(words);
    this.#notice(t("error.expired"));
  }

  #translate() {
    document.documentElement.lang = locale();
    document.title = t("brand");
    translate(this);
    this.#part("language").value = locale();
    this.#identity();
  }

  #identity() {
    const { customer, token } = this.#session;
    this.#part("who").textContent = customer ? t("signedInAs", { name: customer.name }) : t("anonymous");
    this.#part("who").classList.toggle("signed-in", Boolean(customer));
    this.#part("sign-in").hidden = Boolean(customer);
    this.#part("sign-out").hidden = !customer;
    this.#picker.selected = token ? (customer?.id ?? null) : undefined;
  }

  /** On a phone one thing at a time: "chat", "help" or "demo". A wide page shows the chat beside one of the others. */
  #view(name) {
    this.dataset.view = name;
    if (name !== "chat") this.dataset.side = name;
    for (const button of this.querySelectorAll(".views button")) {
      const { view } = button.dataset;
      button.toggleAttribute("data-beside", view === this.dataset.side);
      if (view === name) button.setAttribute("aria-current", "page");
      else button.removeAttribute("aria-current");
    }
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
