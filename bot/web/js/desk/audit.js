/** Who has looked at what, for leads. */

import { h } from "../dom.js";
import { exactly } from "../format.js";
import { asQuery } from "./api.js";
import { Page, filter, table, tableRow } from "./page.js";
import { named, w } from "./words.js";

const HEAD = ["at", "agent", "action", "customer", "conversation", "why"];

export class AuditView extends Page {
  #agent = h("select", { name: "agent" }, h("option", { value: "" }, w("audit.everybody")));
  #customer = h("input", { name: "customer", maxlength: 100 });
  #from = h("input", { type: "date", name: "from" });
  #to = h("input", { type: "date", name: "to" });
  #csv = h("a", { class: "ghost as-link", download: "" }, w("csv"));
  #table = table(w("nav.audit"), HEAD.map((name) => w(`audit.${name}`)), []);

  constructor(desk) {
    super(desk, "audit");
    const form = h(
      "form",
      { class: "filters" },
      filter(w("audit.agent"), this.#agent),
      filter(w("audit.customer"), this.#customer),
      filter(w("from"), this.#from),
      filter(w("to"), this.#to),
      h("button", { class: "primary small" }, w("reports.go")),
      this.#csv,
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.shown();
    });
    this.element.append(form, this.status, this.#table, this.more);
    this.#agents();
  }

  shown() {
    this.#table.querySelector("tbody").replaceChildren();
    return this.#load();
  }

  get #filters() {
    return { agent: this.#agent.value, customer: this.#customer.value.trim(), from: startOf(this.#from.value), to: startOf(this.#to.value, 1) };
  }

  async #agents() {
    try {
      const { agents } = await this.desk.api.get("/agents");
      this.#agent.append(...agents.map(({ id, name }) => h("option", { value: id }, name)));
    } catch {
      // Everybody's entries can be read without the list.
    }
  }

  #load(before) {
    this.#csv.href = `/api/desk/audit.csv${asQuery(this.#filters)}`;
    return this.loading(async () => {
      const { entries, more } = await this.desk.api.get("/audit", { ...this.#filters, before });
      this.#table.querySelector("tbody").append(
        ...entries.map((entry) =>
          tableRow([exactly(new Date(entry.at)), entry.agent?.name, named("audited", entry.action), entry.customer, entry.conversation, entry.why]),
        ),
      );
      this.follow(more && entries.length > 0, () => this.#load(entries.at(-1).id));
      if (!entries.length && !before) return w("audit.none");
    });
  }
}

/** The instant at which a local day (YYYY-MM-DD) begins, or `later` days after that; "" for none. */
function startOf(value, later = 0) {
  if (!value) return "";
  const date = new Date(`${value}T00:00`);
  date.setDate(date.getDate() + later);
  return date.toISOString();
}
