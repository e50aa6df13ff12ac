/**
 * `<support-page>`: brings session, conversation and the page's parts together.
 *
 * Inside the wallet's app, sign-in needs no form: the app gives its own signed token to the page
 * with `document.querySelector("support-page").signIn(token)`.
 */

import { request } from "./api.js";
import "./demo-picker.js";
import { h } from "./dom.js";
import { LANGUAGES, chooseLanguage, languageChanges, locale, suggestLanguage, t, translate } from "./i18n.js";
import { Session } from "./session.js";
import "./support-chat.js";

class SupportPage extends HTMLElement {
  #session = Session.restore();
  #part = (id) => this.querySelector(`#${id}`);
  #chat = this.querySelector("support-chat");
  #picker = this.querySelector("demo-picker");

  async connectedCallback() {
    this.#languages();
    this.#part("sign-in").addEventListener("click", () => this.#askToSignIn());
    this.#part("sign-out").addEventListener("click", () => this.signOut());
    this.#part("picker-close").addEventListener("click", () => this.#view("chat"));
    this.#picker.addEventListener("choose", ({ detail }) => this.#choose(detail));
    this.#chat.addEventListener("expired", ({ detail }) => this.#expired(detail));
    this.#chat.addEventListener("notice", ({ detail }) => this.#notice(detail));
    languageChanges.addEventListener("change", () => this.#translate());
    window.visualViewport?.addEventListener("resize", () => this.#fitKeyboard());
    this.#translate();
    await Promise.all([this.#chat.use(this.#session), this.#offerDemo()]);
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
    this.#translate();
    this.#view(this.#picker.available ? "picker" : "chat");
  }

  async #signIn(credentials) {
    const session = new Session();
    await session.start(credentials);
    this.#session.end();
    this.#session = session;
    this.#notice("");
    this.#chat.use(session);
    suggestLanguage(session.language);
    this.#translate();
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
    if (!this.#session.token && !this.#chat.busy) this.#view("picker");
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

  #languages() {
    const options = Object.entries(LANGUAGES).map(([tag, name]) => h("option", { value: tag, lang: tag }, name));
    this.#part("language").replaceChildren(...options);
    this.#part("language").addEventListener("change", async ({ target }) => {
      try {
        await chooseLanguage(target.value);
      } catch {
        target.value = locale();
        this.#notice(t("error.network"));
      }
    });
  }

  #identity() {
    const { customer, token } = this.#session;
    this.#part("who").textContent = customer ? t("signedInAs", { name: customer.name }) : t("anonymous");
    this.#part("who").classList.toggle("signed-in", Boolean(customer));
    this.#part("sign-in").textContent = customer ? t("nav.demo") : t("signIn");
    this.#part("sign-in").hidden = Boolean(customer) && !this.#picker.available;
    this.#part("sign-out").hidden = !customer;
    // Before the first choice nothing is selected, and there is no conversation to go back to.
    this.#picker.selected = token ? (customer?.id ?? null) : undefined;
    this.#part("picker-close").hidden = !token;
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
