/** Draws one message: its bubbles, steps, payment card and hand-off banner. */

import { h } from "./dom.js";
import { clock, instant, moment } from "./format.js";
import { t } from "./i18n.js";
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

const DRAWN = { diagnosis: card, handoff, case: caseBanner, cases: caseList };

/** A message that the server has. */
export function messageView(message) {
  return frame(message, "stored", blocks(message), h("span", { class: "sent" }, t("state.sent")));
}

/** An own message on its way, or one that failed, which offers to try again. */
export function outgoingView(item, onRetry) {
  const footer =
    item.state === "failed"
      ? h(
          "span",
          { class: "failed", role: "alert" },
          [t("state.failed"), item.error].filter(Boolean).join(" · "),
          h("button", { type: "button", class: "link", "data-testid": "retry", onclick: onRetry }, t("state.retry")),
        )
      : h("span", {}, t("state.sending"));
  return frame({ author: "customer", created_at: item.created_at }, item.state, [bubble([paragraph(item.text)])], footer);
}

/** The bot's suggestions; `onChoose` gets the chosen `{id, title}`. */
export function repliesView(replies, onChoose) {
  return h(
    "div",
    { class: "quick-replies", role: "group", "aria-label": t("replies.label") },
    replies.map((reply) =>
      h(
        "button",
        { type: "button", class: "chip", "data-testid": "quick-reply", onclick: () => onChoose(reply) },
        reply.title,
      ),
    ),
  );
}

/** The quick replies that a message carries, none for most. */
export function repliesOf(message) {
  return (message.blocks ?? []).filter((block) => block.type === "quick_replies").flatMap((block) => block.replies ?? []);
}

function frame(message, state, content, footer) {
  const own = message.author === "customer";
  const sentAt = new Date(message.created_at);
  return h(
    "article",
    {
      class: "message",
      "data-testid": "message",
      "data-author": message.author,
      "data-state": state,
      "aria-live": own ? "off" : null, // nobody needs their own words read back
    },
    h("p", { class: own ? "author visually-hidden" : "author" }, t(`author.${message.author}`) ?? message.author),
    content,
    h(
      "p",
      { class: "meta" },
      h("time", { datetime: message.created_at }, clock(sentAt)),
      own && footer,
    ),
  );
}

/** The blocks in order, neighbouring words and steps in one bubble; without any words, the text twin. */
function blocks(message) {
  const list = message.blocks ?? [];
  const worded = list.some((block) => block.type === "text" || block.type === "steps");
  const shown = worded || !message.text ? list : [{ type: "text", text: message.text }, ...list];
  const parts = [];
  let words = [];
  const closeBubble = () => {
    if (words.length) parts.push(bubble(words));
    words = [];
  };
  for (const block of shown) {
    if (block.type === "text") words.push(paragraph(block.text));
    else if (block.type === "steps") words.push(steps(block.items ?? []));
    else if (block.type in DRAWN) {
      closeBubble();
      parts.push(DRAWN[block.type](block));
    }
  }
  closeBubble();
  return parts;
}

function bubble(children) {
  return h("div", { class: "bubble" }, children);
}

function paragraph(text) {
  return h("p", { class: "words" }, text);
}

function steps(items) {
  const list = { class: "steps", "data-testid": "steps", "aria-label": t("steps.label") };
  return h("ol", list, items.map((item) => h("li", {}, item)));
}

/**
 * The records' answer as data, worded here in the interface's language; a state that the page has no
 * word for is shown as the server says it. Where the money is comes first, in words and colour; then
 * which payment, and when it will be over.
 */
function card(block) {
  const { money = {}, payment } = block;
  const due = instant(block.resolves_at);
  const stations = block.timeline ?? [];
  const dueShown = stations.some((station) => ["current", "late"].includes(station.state) && station.time);
  const rows = [
    ["card.merchant", payment?.merchant],
    ["card.amount", payment?.amount !== money.amount ? payment?.amount : null],
    ["card.time", payment?.time && moment(payment.time)],
    ["card.method", payment?.method],
    ["card.status", !stations.length && payment && (t(`status.${payment.status}`) ?? payment.status)],
    [due && due < new Date() ? "card.resolved" : "card.resolves", !dueShown && (block.resolves ?? (block.resolves_at && moment(block.resolves_at)))],
    ["card.next", t(`actor.${block.next_actor}`)],
  ].filter(([, value]) => value);
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
    h("dl", {}, rows.map(([label, value]) => h("div", {}, h("dt", {}, t(label)), h("dd", {}, value)))),
    h(
      "p",
      { class: "card-foot" },
      block.urgency === "critical" && h("strong", { class: "badge alert" }, t("urgency.critical")),
      h("span", {}, t(`confidence.${block.confidence}`)),
    ),
  );
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
  return h(
    "section",
    { class: "handoff", "data-testid": "case" },
    h("p", { class: "handoff-title" }, t(`case.${block.status}`) ?? t("case.open")),
    h("p", {}, `${t("case.reference")} `, h("strong", { class: "reference" }, block.reference)),
    block.title && h("p", {}, block.title),
  );
}

function caseList(block) {
  const cases = block.cases ?? [];
  if (!cases.length) return bubble([paragraph(t("case.none"))]);
  return h("div", { class: "cases" }, cases.map(caseBanner));
}
