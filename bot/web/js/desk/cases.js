/** Cases: promises to customers that wait to be kept. */

import { h } from "../dom.js";
import { moment } from "../format.js";
import { caseLine } from "./context.js";
import { picturesOf, picture } from "./desk-message.js";
import { ask, show } from "./dialogs.js";
import { Page } from "./page.js";
import { w, named } from "./words.js";

export class CasesView extends Page {
  #status = h("select", { "aria-label": w("cases.which"), onchange: () => this.shown() }, ["open", "closed"].map((each) => h("option", { value: each }, named("case", each))));
  #list = h("ul", { class: "results", "data-testid": "cases" });

  constructor(desk) {
    super(desk, "cases");
    this.element.append(h("div", { class: "filters" }, this.#status), this.status, this.#list, this.more);
  }

  shown() {
    this.#list.replaceChildren();
    return this.#load();
  }

  #load(after) {
    return this.loading(async () => {
      const { cases, next } = await this.desk.api.get("/cases", { status: this.#status.value, after });
      this.#list.append(
        ...cases.map((each) => h("li", {}, h("button", { type: "button", class: "chat-row", onclick: () => this.#open(each.id) }, caseSummary(each)))),
      );
      this.follow(next, () => this.#load(next));
      if (!this.#list.children.length) return w("cases.none");
    });
  }

  async #open(id) {
    try {
      const found = await this.desk.api.get(`/cases/${encodeURIComponent(id)}`);
      const act = (name) => h("button", { type: "button", class: "ghost small", onclick: () => this.#write(found, name) }, w(`case.${name}`));
      await show(
        found.reference,
        h("div", {}, caseLine(found)),
        found.cause && h("p", {}, named("cause", found.cause)),
        found.summary && h("p", { class: "words" }, found.summary),
        h("div", { class: "pictures" }, (found.pictures ?? []).map((each) => picture(each, picturesOf(each.chat)))),
        h("ul", { class: "known" }, found.notes.map((note) => h("li", {}, h("b", {}, note.agent.name), ` ${moment(note.created_at)}`, h("p", { class: "words" }, note.text)))),
        h("div", { class: "filters" }, act("note"), found.status === "open" && act("close"), found.chat && h("a", { class: "ghost small as-link", href: `#chats/${found.chat}`, onclick: ({ target }) => target.closest("dialog").close() }, w("case.chat"))),
      );
    } catch (error) {
      this.desk.say(error.message);
    }
  }

  async #write(found, name) {
    const path = `/cases/${encodeURIComponent(found.id)}`;
    const done = await ask({
      title: w(`case.${name}`),
      fields: [{ name: "text", label: w("case.text"), kind: "textarea", required: true }],
      action: w(`case.${name}`),
      send: ({ text }) => (name === "close" ? this.desk.api.post(`${path}/close`, { note: text }) : this.desk.api.post(`${path}/notes`, { text })),
    });
    if (!done) return;
    this.desk.say(w(`case.${name}.done`));
    this.shown();
  }
}

/** Without paragraphs, as it stands inside a button. */
function caseSummary(each) {
  return [
    h("span", { class: "row-top" }, h("b", { class: "reference" }, each.reference), each.promised_by && h("span", { class: "row-time" }, w("case.by", { time: moment(each.promised_by) }))),
    h("span", { class: "row-tags" }, each.overdue && h("span", { class: "badge alert" }, w("case.overdue")), h("span", {}, each.title ?? named("cause", each.cause))),
  ];
}
