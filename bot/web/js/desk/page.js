/** What the desk's other pages share: a title, a status line, "more", tables. */

import { h } from "../dom.js";
import { w } from "./words.js";

/** A page with a heading; its parts are appended to `element`. */
export class Page {
  constructor(desk, name) {
    this.desk = desk;
    this.status = h("p", { class: "page-status", role: "status" });
    this.more = h("button", { type: "button", class: "ghost", hidden: true }, w("more"));
    this.element = h("div", { class: "page", "data-testid": `page-${name}` }, h("h2", {}, w(`nav.${name}`)));
  }

  /** Loads, and tells how it goes; what `load` returns is told at the end. */
  async loading(load) {
    this.status.textContent = w("loading");
    try {
      this.status.textContent = (await load()) ?? "";
    } catch (error) {
      this.status.textContent = error.message;
    }
  }

  /** Whether there is more, and how to get it. */
  follow(more, load) {
    this.more.hidden = !more;
    this.more.onclick = load;
  }
}

/** A table with a caption for screen readers; `head` are words, `rows` arrays of words or nodes. It scrolls sideways by itself. */
export function table(caption, head, rows) {
  const body = h("tbody", {}, rows.map(tableRow));
  const drawn = h(
    "table",
    {},
    h("caption", { class: "visually-hidden" }, caption),
    h("thead", {}, h("tr", {}, head.map((words) => h("th", { scope: "col" }, words)))),
    body,
  );
  return h("div", { class: "table-scroller", tabindex: "0", role: "region", "aria-label": caption }, drawn);
}

/** A row of a table. */
export function tableRow(cells) {
  return h("tr", {}, cells.map((cell) => h("td", {}, cell ?? "–")));
}

/** A labelled field of a filter form. */
export function filter(label, control) {
  return h("label", { class: "filter" }, h("span", {}, label), control);
}

/** A local day as YYYY-MM-DD, `ago` days before today. */
export function day(ago = 0) {
  const date = new Date();
  date.setDate(date.getDate() - ago);
  const two = (number) => String(number).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
