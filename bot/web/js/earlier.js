/** The dialog of the customer's earlier conversations. */

import { h } from "./dom.js";
import { moment } from "./format.js";
import { t } from "./i18n.js";

/** Shows `conversations` (as the gateway lists them) in a dialog over `chat`; `onOpen(id)` hears which one is wanted. */
export function earlierDialog(conversations, current, chat, onOpen) {
  const item = ({ id, preview, updated_at, unread }) => {
    const choose = () => {
      dialog.close();
      onOpen(id);
    };
    const options = { type: "button", class: "earlier", "aria-current": id === current ? "true" : null, onclick: choose };
    return h(
      "li",
      {},
      h(
        "button",
        { ...options, "data-testid": "earlier" },
        h("span", { class: "earlier-words" }, preview || t("earlier.empty")),
        h("span", { class: "earlier-time" }, moment(updated_at)),
        unread > 0 && h("b", { class: "count" }, String(unread), h("span", { class: "visually-hidden" }, t("earlier.unread"))),
      ),
    );
  };
  const dialog = h(
    "dialog",
    { class: "earlier-dialog", "aria-labelledby": "earlier-title", onclose: () => dialog.remove() },
    h("h2", { id: "earlier-title" }, t("menu.earlier")),
    conversations.length ? h("ul", {}, conversations.map(item)) : h("p", {}, t("earlier.none")),
    h("form", { method: "dialog" }, h("button", { class: "ghost" }, t("close"))),
  );
  chat.append(dialog);
  dialog.showModal();
}
