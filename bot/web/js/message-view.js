/** Draws one message: its words, steps, pictures and cards. */

import { CARDS } from "./cards.js";
import { h, icon } from "./dom.js";
import { fixSteps } from "./fix-steps.js";
import { clock, exactly } from "./format.js";
import { t } from "./i18n.js";
import { linked } from "./links.js";
import { thumbnail } from "./pictures.js";
import { ratingForm } from "./rating-form.js";

// Longer words are folded until somebody wants to read on.
const LONG_CHARACTERS = 700;
const LONG_LINES = 14;

const COPY = "M9 9h10v11H9zM15 9V4H5v11h4";
const DONE = "M5 12.5l4.5 4.5L19 7.5";

/** A message that the server has. `chat` does what its parts ask for: see `<support-chat>`. */
export function messageView(message, chat) {
  return frame(message, "stored", parts(message, chat), h("span", { class: "sent" }, t("state.sent")));
}

/** An own message on its way, or one that failed, which offers to try again. */
export function outgoingView(item, chat) {
  const { text, pictures } = item;
  const images = pictures.map((picture) => ({ type: "image", ...picture }));
  const message = { author: "customer", created_at: item.created_at, text, blocks: [...(text ? [{ type: "text", text }] : []), ...images] };
  const why = [t("state.failed"), item.error, item.auto && t("state.auto")].filter(Boolean).join(" · ");
  const retry = { type: "button", class: "link", "data-testid": "retry", onclick: () => chat.retry(item.key) };
  const footer =
    item.state === "failed"
      ? h("span", { class: "failed", role: "alert" }, why, h("button", retry, t("state.retry")))
      : h("span", {}, t("state.sending"));
  return frame(message, item.state, parts(message, chat), footer);
}

/** The bot's suggestions; those that name a payment are drawn as a list to pick from. */
export function repliesView(replies, chat) {
  const picking = replies.some(({ payment }) => payment);
  const reply = (each) =>
    h(
      "button",
      { type: "button", class: each.payment ? "pick" : "chip", "data-testid": "quick-reply", onclick: () => chat.reply(each) },
      each.payment ? pick(each.payment) : each.title,
    );
  const label = t(picking ? "replies.payments" : "replies.label");
  return h("div", { class: picking ? "quick-replies picks" : "quick-replies", role: "group", "aria-label": label }, replies.map(reply));
}

/** The quick replies that a message carries, none for most. */
export function repliesOf(message) {
  return (message.blocks ?? []).filter((block) => block.type === "quick_replies").flatMap((block) => block.replies ?? []);
}

function pick({ merchant, amount, time }) {
  return [h("b", {}, merchant), " ", h("span", { class: "pick-amount" }, amount), " ", h("span", { class: "pick-time" }, time)];
}

function frame(message, state, content, footer) {
  const own = message.author === "customer";
  const sentAt = new Date(message.created_at);
  const name = t(`author.${message.author}`) ?? message.author;
  return h(
    "article",
    { class: "message", "data-testid": "message", "data-author": message.author, "data-state": state },
    h("p", { class: own ? "author visually-hidden" : "author" }, message.agent?.name ? `${message.agent.name} · ${name}` : name),
    content,
    h(
      "p",
      { class: "meta" },
      h("time", { datetime: message.created_at, title: exactly(sentAt) }, clock(sentAt)),
      own && footer,
      state === "stored" && message.text && copyButton(message.text),
    ),
  );
}

/** The blocks in order, neighbouring words and steps in one bubble; without any words, the text twin. */
function parts(message, chat) {
  const list = message.blocks ?? [];
  const worded = list.some((block) => block.type === "text" || block.type === "steps");
  const shown = worded || !message.text ? list : [{ type: "text", text: message.text }, ...list];
  const drawn = [];
  let words = [];
  const closeBubble = () => {
    if (words.length) drawn.push(bubble(words));
    words = [];
  };
  for (const block of shown) {
    if (block.type === "text") words.push(...paragraph(block.text));
    else if (block.type === "steps") words.push(fixSteps(block, chat.steps(message)));
    else {
      closeBubble();
      if (block.type === "image") drawn.push(thumbnail(block, chat.pictures));
      else if (block.type === "rating") drawn.push(ratingForm(chat.rated, chat.rate));
      else if (block.type in CARDS) drawn.push(CARDS[block.type](block));
    }
  }
  closeBubble();
  return drawn;
}

function bubble(children) {
  return h("div", { class: "bubble" }, children);
}

function paragraph(text) {
  const words = h("p", { class: "words" }, linked(text));
  if (text.length <= LONG_CHARACTERS && text.split("\n").length <= LONG_LINES) return [words];
  const fold = (folded) => {
    words.classList.toggle("folded", folded);
    button.setAttribute("aria-expanded", String(!folded));
    button.textContent = t(folded ? "message.more" : "message.less");
  };
  const toggle = () => fold(!words.classList.contains("folded"));
  const button = h("button", { type: "button", class: "link", "data-testid": "more", onclick: toggle });
  fold(true);
  return [words, button];
}

function copyButton(text) {
  const copied = async () => {
    await copy(text, button);
    button.replaceChildren(icon(DONE));
    button.setAttribute("aria-label", t("message.copied"));
    setTimeout(fresh, 2000);
  };
  const button = h("button", { type: "button", class: "copy", "data-testid": "copy", onclick: copied });
  const fresh = () => {
    button.replaceChildren(icon(COPY));
    button.setAttribute("aria-label", t("message.copy"));
  };
  fresh();
  return button;
}

/** Plain-HTTP pages and frames of other sites have no clipboard to write to: there the old way does. */
async function copy(text, button) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const field = h("textarea", { class: "visually-hidden" }, text);
    button.after(field);
    field.select();
    document.execCommand("copy");
    field.remove();
    button.focus();
  }
}
