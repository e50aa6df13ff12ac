/** A message or a note as an agent sees it: everything there, nothing to press but pictures. */

import { CARDS } from "../cards.js";
import { h } from "../dom.js";
import { clock, exactly } from "../format.js";
import { linked } from "../links.js";
import { chatPath } from "./api.js";
import { open } from "./dialogs.js";
import { named, percent, w } from "./words.js";

/** `pictures`: the path under /api that the message's pictures are found at. */
export function deskMessage(message, pictures) {
  const sentAt = new Date(message.created_at);
  const understood = message.understood;
  return h(
    "article",
    { class: "said", "data-testid": "message", "data-author": message.author },
    h(
      "p",
      { class: "said-by" },
      h("span", {}, message.agent?.name ?? named("author", message.author)),
      " ",
      h("time", { datetime: message.created_at, title: exactly(sentAt) }, clock(sentAt)),
      understood && h("span", { class: "understood" }, ` ${w("understood", { intent: named("intent", understood.intent), sure: percent(understood.confidence) })}`),
    ),
    h("div", { class: "said-what" }, parts(message, pictures)),
  );
}

/** A note, which customers never see. */
export function noteView(note) {
  const at = new Date(note.created_at);
  return h(
    "article",
    { class: "said note", "data-testid": "note" },
    h("p", { class: "said-by" }, h("span", {}, w("note.by", { name: note.agent.name })), " ", h("time", { datetime: note.created_at, title: exactly(at) }, clock(at))),
    h("p", { class: "words" }, linked(note.text)),
  );
}

/** The path of a chat's pictures. */
export function picturesOf(chatId) {
  return `/api/desk${chatPath(chatId, "attachments")}`;
}

/** A picture that opens large. */
export function picture({ id, width, height }, pictures) {
  const src = `${pictures}/${encodeURIComponent(id)}`;
  const large = () =>
    open(
      h(
        "dialog",
        { class: "large-picture", "aria-label": w("picture.alt") },
        h("form", { method: "dialog" }, h("button", { class: "primary" }, w("close"))),
        h("img", { src, alt: w("picture.alt") }),
      ),
    );
  return h(
    "button",
    { type: "button", class: "picture", "aria-label": w("picture.open"), onclick: large },
    h("img", { src, alt: "", width, height, loading: "lazy" }),
  );
}

function parts(message, pictures) {
  const blocks = message.blocks ?? [];
  const worded = blocks.some(({ type }) => type === "text" || type === "steps");
  const all = worded || !message.text ? blocks : [{ type: "text", text: message.text }, ...blocks];
  return all.map((block) => {
    if (block.type === "text") return h("p", { class: "words" }, linked(block.text));
    if (block.type === "steps") return steps(block);
    if (block.type === "quick_replies") return h("p", { class: "offered" }, w("offered", { replies: (block.replies ?? []).map(({ title }) => title).join(" · ") }));
    if (block.type === "image") return picture(block, pictures);
    if (block.type === "rating") return h("p", { class: "offered" }, w("rating.asked"));
    return CARDS[block.type]?.(block);
  });
}

/** Steps that the bot gave; those that the customer has ticked say so. */
export function steps({ items = [], done = [] }) {
  return h(
    "ol",
    { class: "given-steps" },
    items.map((words, index) => h("li", {}, words, done.includes(index) && h("b", { class: "ticked" }, ` ${w("steps.done")}`))),
  );
}
