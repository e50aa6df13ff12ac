/**
 * `<demo-picker>`: the made-up customers of demo mode, to sign in as with one press.
 * Dispatches `choose` with the customer's id as detail, null for "not signed in".
 */

import { h } from "./dom.js";
import { languageChanges, t } from "./i18n.js";

class DemoPicker extends HTMLElement {
  #customers = [];
  #selected = undefined;
  #search;

  connectedCallback() {
    this.#search = this.querySelector("input");
    this.#search.addEventListener("input", () => this.#draw());
    languageChanges.addEventListener("change", () => this.#draw());
  }

  /** `[{id, name, story, language}]`; the picker shows itself once it has some. */
  set customers(customers) {
    this.#customers = customers;
    this.hidden = customers.length === 0;
    this.#draw();
  }

  get available() {
    return this.#customers.length > 0;
  }

  /** Who is chosen: a customer's id, null for "not signed in", undefined for nobody yet. */
  set selected(id) {
    this.#selected = id;
    this.#draw();
  }

  /** Keeps a second press from starting a second session. */
  set busy(busy) {
    this.toggleAttribute("aria-busy", busy);
    for (const button of this.querySelectorAll("li button")) button.disabled = busy;
  }

  #draw() {
    const query = this.#search.value.trim().toLowerCase();
    const found = this.#customers.filter(({ name, story }) => `${name} ${story}`.toLowerCase().includes(query));
    const guest = query ? [] : [{ id: null, name: t("demo.guest"), story: t("demo.guestStory") }];
    this.querySelector("ul").replaceChildren(...[...guest, ...found].map((each) => this.#row(each)));
    this.querySelector(".picker-empty").textContent = found.length
      ? t("demo.count", { count: found.length })
      : this.#customers.length
        ? t("demo.none")
        : "";
  }

  #row({ id, name, story, language }) {
    return h(
      "li",
      {},
      h(
        "button",
        {
          type: "button",
          class: "person",
          lang: language === "zh" ? "zh-CN" : language,
          "aria-current": id === this.#selected ? "true" : null,
          "data-testid": id === null ? "demo-guest" : "demo-customer",
          "data-customer-id": id,
          onclick: () => this.dispatchEvent(new CustomEvent("choose", { detail: id })),
        },
        h("span", { class: "avatar", "aria-hidden": "true" }, id === null ? "?" : [...name][0]),
        h("span", { class: "person-name" }, name),
        h("span", { class: "person-story" }, story),
      ),
    );
  }
}

customElements.define("demo-picker", DemoPicker);
