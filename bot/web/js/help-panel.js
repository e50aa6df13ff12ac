/** `<help-panel>`: the help articles by topic, and a search over them that answers while one types. */

import { request } from "./api.js";
import { h } from "./dom.js";
import { language, languageChanges, t } from "./i18n.js";

const PAUSE_MS = 200; // of typing, before the search asks the server

class HelpPanel extends HTMLElement {
  #field = this.querySelector("input");
  #status = this.querySelector("[role=status]");
  #results = this.querySelector(".results");
  #topics = this.querySelector(".topics");
  #timer = 0;
  #asked = 0; // an answer to an older question than this is not shown

  connectedCallback() {
    this.#field.addEventListener("input", () => this.#soon());
    this.addEventListener("keydown", (event) => this.#onKey(event));
    languageChanges.addEventListener("change", () => this.#fill());
    this.#fill();
  }

  async #fill() {
    this.querySelector(".all-help a").href = `/help/${language()}`;
    if (this.#query) this.#search();
    const wanted = language();
    try {
      const { topics } = await request("GET", `/api/help?language=${wanted}`);
      if (wanted === language()) this.#topics.replaceChildren(...byTopic(topics).map(section));
    } catch {
      if (!this.#topics.hasChildNodes()) this.#say(t("help.offline"));
    }
  }

  get #query() {
    return this.#field.value.trim();
  }

  #soon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#search(), PAUSE_MS);
  }

  async #search() {
    const question = ++this.#asked;
    const query = this.#query;
    if (!query) return this.#show([], "");
    try {
      const address = `/api/help/search?language=${language()}&q=${encodeURIComponent(query)}`;
      const { results } = await request("GET", address);
      if (question !== this.#asked) return;
      this.#show(results, results.length ? t("help.results", { count: results.length }) : t("help.none"));
    } catch (error) {
      if (question === this.#asked) this.#show([], error.message);
    }
  }

  #show(results, status) {
    this.#results.replaceChildren(...results.map(result));
    this.#topics.hidden = results.length > 0;
    this.#say(status);
  }

  #say(status) {
    this.#status.textContent = status;
  }

  /** Arrow keys move through the results, and back up into the field; Escape empties it. */
  #onKey(event) {
    if (event.isComposing) return;
    const links = [...this.#results.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement);
    const inField = document.activeElement === this.#field;
    if (event.key === "ArrowDown" && (inField || at >= 0)) links[at + 1]?.focus();
    else if (event.key === "ArrowUp" && at >= 0) (links[at - 1] ?? this.#field).focus();
    else if (event.key === "Enter" && inField) links[0]?.click();
    else if (event.key === "Escape" && (inField || at >= 0) && this.#query) this.#clear();
    else return;
    event.preventDefault();
  }

  #clear() {
    this.#field.value = "";
    this.#field.focus();
    this.#search();
  }
}

function byTopic(articles) {
  const topics = new Map();
  for (const article of articles) topics.set(article.topic, [...(topics.get(article.topic) ?? []), article]);
  return [...topics];
}

function section([title, articles]) {
  const links = articles.map(({ url, title }) => h("li", {}, h("a", { href: url, "data-testid": "help-article" }, title)));
  return h("details", { class: "topic", lang: spoken() }, h("summary", {}, title), h("ul", {}, links));
}

function result({ url, title, snippet }) {
  return h("li", { lang: spoken() }, h("a", { href: url, "data-testid": "help-result" }, h("b", {}, title), h("span", {}, snippet)));
}

/** The articles' language, which need not be the interface's. */
function spoken() {
  return language() === "zh" ? "zh-CN" : "en";
}

customElements.define("help-panel", HelpPanel);
