/** Searching the chats that the agent may read. */

import { h } from "../dom.js";
import { chatRow } from "./chat-row.js";
import { Page } from "./page.js";
import { named, w } from "./words.js";

const SHORTEST = 2;

export class SearchView extends Page {
  #query = h("input", { type: "search", name: "q", required: true, minlength: SHORTEST, maxlength: 100, "aria-label": w("search.label"), placeholder: w("search.placeholder"), "data-testid": "search" });
  #results = h("ul", { class: "results", "data-testid": "results" });

  constructor(desk) {
    super(desk, "search");
    const form = h("form", { class: "filters", role: "search" }, this.#query, h("button", { class: "primary small" }, w("search.go")));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#results.replaceChildren();
      this.#load();
    });
    this.element.append(form, this.status, this.#results, this.more);
  }

  shown() {
    this.#query.focus();
  }

  #load(before) {
    return this.loading(async () => {
      const { results, next } = await this.desk.api.get("/search", { q: this.#query.value.trim(), before });
      this.#results.append(
        ...results.map(({ chat, found, snippet }) => {
          const row = chatRow(chat, { open: false, elapsed: 0, go: () => this.desk.go(`chats/${chat.id}`) });
          row.firstChild.append(h("span", { class: "row-preview" }, h("b", {}, `${named("found", found)}: `), snippet));
          return row;
        }),
      );
      this.follow(next, () => this.#load(next));
      if (!this.#results.children.length) return w("search.none");
    });
  }
}
