/** One chat as a row of a list: how urgent, who, why, and for how long. */

import { h } from "../dom.js";
import { clock, dayName, sameDay } from "../format.js";
import { duration, named, w } from "./words.js";

/** `open`: it is on the screen; `elapsed`: seconds since the list was loaded; `go()` opens it. */
export function chatRow(chat, { open, elapsed, go }) {
  const waits = chat.waiting_seconds !== null && chat.waiting_seconds !== undefined;
  const when = new Date(chat.updated_at);
  return h(
    "li",
    {},
    h(
      "button",
      { type: "button", class: "chat-row", "data-chat": chat.id, "data-urgency": chat.urgency, "aria-current": open ? "true" : null, onclick: go },
      h(
        "span",
        { class: "row-top" },
        h("b", {}, customerName(chat)),
        h("span", { class: "row-time" }, waits ? w("queue.waits", { time: duration(chat.waiting_seconds + elapsed) }) : sameDay(when, new Date()) ? clock(when) : dayName(when)),
      ),
      h(
        "span",
        { class: "row-tags" },
        urgencyBadge(chat.urgency),
        chat.reason && h("span", {}, named("reason", chat.reason)),
        h("span", {}, named("lang", chat.language)),
        chat.status === "parked" && h("span", {}, named("status", "parked")),
        chat.unread > 0 && h("span", { class: "unread" }, w("row.unread", { count: chat.unread })),
      ),
      chat.preview && h("span", { class: "row-preview" }, chat.preview),
    ),
  );
}

/** The urgency in a word and a colour. */
export function urgencyBadge(urgency) {
  return urgency && h("span", { class: "urgency", "data-urgency": urgency }, named("urgency", urgency));
}

/** What a customer is called here: the masked name, or that they are not signed in. */
export function customerName(chat) {
  return chat.customer?.name ?? chat.customer?.id ?? w("customer.guest");
}
