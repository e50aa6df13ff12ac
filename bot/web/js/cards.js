/** What a message shows besides words: the payment card, hand-off and case banners, a payment quote. */

import { h } from "./dom.js";
import { instant, moment } from "./format.js";
import { locale, t } from "./i18n.js";
import { timeline } from "./timeline.js";

// How a money state feels, for its colour; the words beside it carry the meaning.
const TONES = {
  not_charged: "good",
  hold_released: "good",
  paid: "good",
  reversed: "good",
  refunded: "good",
  held: "moving",
  debited_pending: "moving",
  reversing: "moving",
  refunding: "moving",
  partly_refunded: "moving",
  paid_twice: "alert",
  refund_failed: "alert",
  unclear: "moving",
};
const COUNT_MS = 5_000; // how often a quote's remaining time is told anew

/** Block type → what draws it; a type that is not here is left to the message's text. */
export const CARDS = { diagnosis, handoff, case: caseBanner, cases: caseList, quote };

/**
 * The records' answer as data, worded here in the interface's language; a state that the page has no
 * word for is shown as the server says it. Where the money is comes first, in words and colour; then
 * which payment, and when it will be over.
 */
function diagnosis(block) {
  const { money = {}, payment } = block;
  const due = instant(block.resolves_at);
  const stations = block.timeline ?? [];
  const dueShown = stations.some((station) => ["current", "late"].includes(station.state) && station.time);
  const facts = [
    ["card.merchant", payment?.merchant],
    ["card.amount", payment?.amount !== money.amount ? payment?.amount : null],
    ["card.time", payment?.time && moment(payment.time)],
    ["card.method", payment?.method],
    ["card.status", !stations.length && payment && (t(`status.${payment.status}`) ?? payment.status)],
    [due && due < new Date() ? "card.resolved" : "card.resolves", !dueShown && (block.resolves ?? (block.resolves_at && moment(block.resolves_at)))],
    ["card.next", t(`actor.${block.next_actor}`)],
  ];
  return h(
    "section",
    { class: "card", "data-testid": "diagnosis", "data-tone": TONES[money.state] ?? "moving", "aria-label": t("card.title") },
    h(
      "div",
      { class: "card-money" },
      h("p", { class: "card-state" }, t(`money.${money.state}`) ?? money.label),
      money.amount && h("p", { class: "card-amount" }, money.amount),
    ),
    timeline(stations),
    rows(facts),
    h(
      "p",
      { class: "card-foot" },
      block.urgency === "critical" && h("strong", { class: "badge alert" }, t("urgency.critical")),
      h("span", {}, t(`confidence.${block.confidence}`)),
    ),
  );
}

/** What paying abroad would cost, while the offer stands. */
function quote(block) {
  const until = instant(block.valid_until);
  const left = h("p", { class: "card-foot", "data-testid": "quote-left" });
  const card = h(
    "section",
    { class: "card", "data-testid": "quote", "aria-label": t("quote.title") },
    h("div", { class: "card-money" }, h("p", { class: "card-state" }, t("quote.title")), h("p", { class: "card-amount" }, block.pay)),
    rows([
      ["card.merchant", block.merchant],
      ["quote.amount", block.amount],
      ["quote.rate", block.rate],
      ["quote.fee", block.fee],
    ]),
    left,
  );
  const time = new Intl.RelativeTimeFormat(locale(), { numeric: "always" });
  const tell = () => {
    const seconds = Math.ceil((until - Date.now()) / 1000);
    const rounded = seconds >= 90 ? time.format(Math.round(seconds / 60), "minute") : time.format(seconds, "second");
    card.dataset.tone = seconds > 0 ? "good" : "moving";
    left.textContent = seconds > 0 ? t("quote.left", { time: rounded, at: moment(block.valid_until) }) : t("quote.over");
    return seconds > 0;
  };
  if (!until || !tell()) return card;
  const counting = setInterval(() => (card.isConnected && tell()) || clearInterval(counting), COUNT_MS);
  return card;
}

function handoff(block) {
  return h(
    "section",
    { class: "handoff", "data-testid": "handoff" },
    h("p", { class: "handoff-title" }, t(`handoff.${block.status}`) ?? t("handoff.queued")),
    block.reference && h("p", {}, `${t("handoff.reference")} `, h("strong", { class: "reference" }, block.reference)),
  );
}

function caseBanner(block) {
  const closed = block.status === "closed";
  return h(
    "section",
    { class: "handoff", "data-testid": "case" },
    h("p", { class: "handoff-title" }, t(`case.${block.status}`) ?? t("case.open")),
    h("p", {}, `${t("case.reference")} `, h("strong", { class: "reference" }, block.reference)),
    block.title && h("p", {}, block.title),
    !closed && block.promised_by && h("p", {}, t("case.by", { time: moment(block.promised_by) })),
  );
}

function caseList(block) {
  const cases = block.cases ?? [];
  if (!cases.length) return h("div", { class: "bubble" }, h("p", { class: "words" }, t("case.none")));
  return h("div", { class: "cases" }, cases.map(caseBanner));
}

function rows(facts) {
  const known = facts.filter(([, value]) => value);
  return h("dl", {}, known.map(([label, value]) => h("div", {}, h("dt", {}, t(label)), h("dd", {}, value))));
}
