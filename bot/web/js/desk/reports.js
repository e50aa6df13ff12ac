/** Reports for leads: the numbers as tiles, a bar a day, tables; the same as CSV. */

import { h } from "../dom.js";
import { asQuery } from "./api.js";
import { Page, day, filter, table } from "./page.js";
import { duration, named, percent, w } from "./words.js";

const BARS = ["handoff_reasons", "intents", "causes"];
const WORDS_OF = { handoff_reasons: "reason", intents: "intent", causes: "cause" };
const TILES = {
  conversations: (row) => row.conversations,
  resolved_rate: (row) => percent(row.resolved_rate),
  contained_rate: (row) => percent(row.contained_rate),
  handoff_rate: (row) => percent(row.handoff_rate),
  first_response: (row) => both(row.first_response_median_s, row.first_response_p90_s),
  resolution: (row) => both(row.resolution_median_s, row.resolution_p90_s),
  rating: (row) => (row.rating_mean === null ? "–" : w("reports.mean", { mean: row.rating_mean.toFixed(1), count: row.rating_count })),
  fallback_rate: (row) => percent(row.fallback_rate),
  diagnosis: (row) => w("reports.verdict", { right: row.diagnosis_confirmed, wrong: row.diagnosis_overturned }),
};
const COLUMNS = ["conversations", "resolved_rate", "contained_rate", "handoff_rate", "first_response", "resolution", "rating", "fallback_rate"];

export class ReportsView extends Page {
  #from = h("input", { type: "date", name: "from", value: day(6), required: true });
  #to = h("input", { type: "date", name: "to", value: day(), required: true });
  #language = h("select", { name: "language" }, h("option", { value: "" }, w("reports.all")), ["zh", "en"].map((tag) => h("option", { value: tag }, named("lang", tag))));
  #csv = h("a", { class: "ghost as-link", download: "" }, w("csv"));
  #body = h("div", { class: "report", "data-testid": "report" });

  constructor(desk) {
    super(desk, "reports");
    const form = h("form", { class: "filters" }, filter(w("from"), this.#from), filter(w("to"), this.#to), filter(w("language.of"), this.#language), h("button", { class: "primary small" }, w("reports.go")), this.#csv);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.shown();
    });
    this.element.append(form, this.status, this.#body);
  }

  shown() {
    const query = { from: this.#from.value, to: this.#to.value, language: this.#language.value, zone: Intl.DateTimeFormat().resolvedOptions().timeZone };
    this.#csv.href = `/api/desk/reports.csv${asQuery(query)}`;
    return this.loading(async () => this.#draw(await this.desk.api.get("/reports", query)));
  }

  #draw(report) {
    const { total } = report;
    const head = COLUMNS.map((name) => w(`reports.${name}`));
    const cells = (row) => COLUMNS.map((name) => String(TILES[name](row)));
    const counts = (name) => (Array.isArray(total[name]) ? total[name].map(({ name, count }) => [name, count]) : Object.entries(total[name] ?? {}).sort((a, b) => b[1] - a[1]));
    const ratings = [5, 4, 3, 2, 1].map((score) => [w("who.score", { score }), total.rating_distribution?.[score] ?? 0]);
    this.#body.replaceChildren(
      h(
        "dl",
        { class: "tiles" },
        tile(w("reports.queue_now"), report.queue_now),
        Object.entries(TILES).map(([name, read]) => tile(w(`reports.${name}`), read(total))),
      ),
      chart(w("reports.by_day"), report.by_day.map((row) => [row.day.slice(5), row.conversations])),
      table(w("reports.by_day"), [w("reports.day"), ...head], report.by_day.map((row) => [row.day, ...cells(row)])),
      table(w("reports.by_language"), [w("language.of"), ...head], report.by_language.map((row) => [named("lang", row.language), ...cells(row)])),
      h(
        "div",
        { class: "bar-groups" },
        BARS.map((name) => bars(w(`reports.${name}`), counts(name).map(([key, count]) => [named(WORDS_OF[name], key), count]))),
        bars(w("reports.ratings"), ratings),
      ),
    );
  }
}

function both(median, p90) {
  return median === null ? "–" : w("reports.times", { median: duration(median), p90: duration(p90) });
}

function tile(label, value) {
  return h("div", {}, h("dt", {}, label), h("dd", {}, String(value)));
}

/** Horizontal bars with their numbers; the bar is decoration, the list is the text. */
function bars(title, rows) {
  const most = Math.max(1, ...rows.map(([, count]) => count));
  return h(
    "section",
    { class: "bars" },
    h("h3", {}, title),
    rows.length
      ? h("ul", {}, rows.map(([words, count]) => h("li", {}, h("span", {}, words), bar(count / most), h("b", {}, String(count)))))
      : h("p", { class: "hint" }, w("reports.nothing")),
  );
}

function bar(share) {
  const drawn = h("i", { class: "bar", "aria-hidden": "true" });
  drawn.style.setProperty("--share", String(share));
  return drawn;
}

/** Upright bars, one a day. The table below says the same in numbers. */
function chart(title, days) {
  const most = Math.max(1, ...days.map(([, count]) => count));
  return h(
    "figure",
    { class: "chart" },
    h("figcaption", {}, title),
    h("div", { class: "chart-bars", "aria-hidden": "true" }, days.map(([words, count]) => h("span", {}, h("b", {}, String(count)), bar(count / most), h("small", {}, words)))),
  );
}
