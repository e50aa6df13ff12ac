/** All that is known about the customer of a chat. Each loading is written to the audit log, so it is done sparingly. */

import { CARDS } from "../cards.js";
import { h } from "../dom.js";
import { moment } from "../format.js";
import { t } from "../i18n.js";
import { chatPath } from "./api.js";
import { show } from "./dialogs.js";
import { urgencyBadge } from "./chat-row.js";
import { deskMessage, picture, picturesOf, steps } from "./desk-message.js";
import { named, w } from "./words.js";

export class ContextPanel {
  #desk;
  #shown = null; // "chat id, status" of what is on the screen
  #body = h("div", { class: "context-body" });

  /** `close()` puts the panel away where it lies over the chat. */
  constructor(desk, close) {
    this.#desk = desk;
    const away = h("button", { type: "button", class: "ghost small context-close", onclick: close }, w("close"));
    this.element = h("aside", { class: "context", tabindex: "-1", "aria-label": w("context.label"), "data-testid": "context" }, away, this.#body);
  }

  /** Shows what is known about this chat; loaded anew only for another chat or another state of it. */
  async of(chat) {
    const key = `${chat.id} ${chat.status} ${chat.may.includes("read")}`;
    if (key === this.#shown) return;
    this.#shown = key;
    if (!chat.may.includes("read")) return this.#body.replaceChildren(h("p", { class: "empty" }, w("context.take")));
    this.#body.replaceChildren(h("p", { class: "empty" }, w("loading")));
    try {
      const [context, earlier] = await Promise.all([
        this.#desk.api.get(chatPath(chat.id, "context")),
        this.#desk.api.get(chatPath(chat.id, "earlier")),
      ]);
      if (key === this.#shown) this.#draw(chat, context, earlier.conversations);
    } catch (error) {
      if (key !== this.#shown) return;
      this.#shown = null;
      this.#body.replaceChildren(h("p", { class: "empty", role: "alert" }, error.message));
    }
  }

  #draw(chat, context, earlier) {
    const { customer, diagnosis, current, records } = context;
    const changed = current && (!diagnosis || current.cause !== diagnosis.cause || current.money?.state !== diagnosis.money?.state);
    const sections = [
      section(
        "who",
        facts([
          ["who.name", customer.name ?? w("customer.guest")],
          ["who.id", customer.id],
          ["who.language", named("lang", customer.language)],
          ["who.zone", customer.zone],
          ["who.rating", context.rating && w("who.score", { score: context.rating.score })],
        ]),
        h("p", { class: "row-tags" }, urgencyBadge(context.urgency), context.reason && h("span", {}, named("reason", context.reason))),
        context.summary && h("p", { class: "words" }, context.summary),
        context.rating?.words && h("p", { class: "words" }, context.rating.words),
      ),
      diagnosis && section("diagnosis", this.#diagnosis(diagnosis)),
      changed && section("current", this.#diagnosis(current)),
      (context.tried.length || context.still_not_working > 0) &&
        section(
          "tried",
          context.still_not_working > 0 && h("p", { class: "badge alert" }, w("tried.still", { count: context.still_not_working })),
          context.tried.map(steps),
        ),
      section("records", records.available ? payments(records.payments) : h("p", { class: "hint" }, w("records.down"))),
      context.cases.length > 0 && section("cases", list(context.cases.map(caseLine))),
      earlier.length > 0 && section("earlier", list(earlier.map((each) => this.#earlier(chat, each)))),
      context.pictures.length > 0 &&
        section("pictures", h("div", { class: "pictures" }, context.pictures.map((each) => picture(each, picturesOf(each.chat))))),
    ];
    this.#body.replaceChildren(...sections.filter(Boolean));
  }

  #diagnosis(found) {
    return [
      h("p", {}, h("b", {}, named("cause", found.cause))),
      CARDS.diagnosis(found),
      found.evidence?.length > 0 &&
        h(
          "details",
          {},
          h("summary", {}, w("evidence", { count: found.evidence.length })),
          h("ul", { class: "evidence" }, found.evidence.map(({ record, id, field, value }) => h("li", {}, h("code", {}, `${record} ${id} · ${field}`), h("span", {}, String(value))))),
        ),
    ];
  }

  #earlier(chat, other) {
    const open = async () => {
      try {
        const { messages } = await this.#desk.api.get(chatPath(chat.id, `earlier/${encodeURIComponent(other.id)}/messages`));
        await show(moment(other.created_at), h("div", { class: "log" }, messages.map((message) => deskMessage(message, picturesOf(other.id)))));
      } catch (error) {
        this.#desk.say(error.message);
      }
    };
    const about = [...other.causes.map((cause) => named("cause", cause)), other.outcome && named("outcome", other.outcome), other.rating && w("who.score", { score: other.rating })];
    return [
      h("button", { type: "button", class: "link", onclick: open }, moment(other.updated_at)),
      h("span", { class: "hint" }, ` ${about.filter(Boolean).join(" · ")}`),
      other.preview && h("p", { class: "row-preview" }, other.preview),
    ];
  }
}

function section(name, ...content) {
  return h("section", { "data-testid": `context-${name}` }, h("h3", {}, w(`context.${name}`)), content.flat(Infinity));
}

/** A list of terms and values; unknown values are left out. */
export function facts(rows) {
  const known = rows.filter(([, value]) => value);
  return h("dl", { class: "facts" }, known.map(([label, value]) => h("div", {}, h("dt", {}, w(label)), h("dd", {}, value))));
}

function list(items) {
  return h("ul", { class: "known" }, items.map((item) => h("li", {}, [item].flat(Infinity))));
}

function payments(all) {
  if (!all.length) return h("p", { class: "hint" }, w("records.none"));
  return list(
    all.map((payment) => [
      h("p", { class: "row-top" }, h("b", {}, payment.merchant), h("span", { class: "amount" }, payment.amount)),
      h("p", { class: "row-tags" }, h("span", {}, t(`status.${payment.status}`) ?? payment.status), h("span", {}, moment(payment.created_at)), payment.method && h("span", {}, payment.method), payment.in_question && h("span", { class: "badge" }, w("records.question"))),
      payment.refunds.map((refund) =>
        h("p", { class: "hint" }, w("records.refund", { amount: refund.amount, status: named("refund", refund.status), to: refund.destination ?? "", time: moment(refund.completed_at ?? refund.accepted_at) })),
      ),
    ]),
  );
}

/** A case in one line. */
export function caseLine(each) {
  return [
    h("b", { class: "reference" }, each.reference),
    " ",
    h("span", {}, each.title ?? ""),
    h("p", { class: "row-tags" }, h("span", {}, named("case", each.status)), each.promised_by && h("span", {}, w("case.by", { time: moment(each.promised_by) })), each.overdue && h("span", { class: "badge alert" }, w("case.overdue"))),
  ];
}
