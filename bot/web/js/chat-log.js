/** `<chat-log>`: the messages of a conversation, with day separators and the current quick replies. */

import { h } from "./dom.js";
import { dayName, sameDay } from "./format.js";
import { t } from "./i18n.js";
import { messageView, outgoingView, repliesOf, repliesView } from "./message-view.js";

class ChatLog extends HTMLElement {
  /** Who does what the messages' parts ask for: see `<support-chat>`. */
  chat = null;
  #drawn = new Map(); // key → element, so that what is shown already stays as it is

  /**
   * Shows the server's messages, then those on their way; a divider before the message with the `seq`
   * `unreadFrom`. Returns the elements of messages not shown before.
   */
  show({ messages, outbox, unreadFrom }) {
    const wanted = this.#wanted(messages, outbox.items, unreadFrom);
    const added = [];
    let place = this.firstChild;
    for (const { key, draw, follows } of wanted) {
      let element = this.#drawn.get(key);
      if (!element) {
        element = draw();
        this.#drawn.set(key, element);
        if (element.matches(".message")) added.push(element);
      }
      element.toggleAttribute("data-follows", Boolean(follows));
      if (element === place) place = place.nextSibling;
      else this.insertBefore(element, place);
    }
    const keys = new Set(wanted.map(({ key }) => key));
    for (const [key, element] of this.#drawn) {
      if (keys.has(key)) continue;
      element.remove();
      this.#drawn.delete(key);
    }
    this.#settle();
    return added;
  }

  /** Forgets what is drawn: for another conversation, or the same one in another language. */
  clear() {
    this.#drawn.clear();
    this.replaceChildren();
  }

  #wanted(messages, outgoing, unreadFrom) {
    const wanted = [];
    let previous = null;
    const add = (message, key, draw) => {
      const date = new Date(message.created_at);
      const newDay = !previous || !sameDay(new Date(previous.created_at), date);
      if (newDay) wanted.push({ key: `day ${date.toDateString()}`, draw: () => h("p", { class: "day" }, dayName(date)) });
      const firstUnread = message.seq === unreadFrom;
      if (firstUnread) wanted.push({ key: "unread", draw: () => h("p", { class: "day unread", "data-testid": "unread" }, t("chat.unread")) });
      wanted.push({ key, draw, follows: !newDay && !firstUnread && previous.author === message.author });
      previous = message;
    };
    for (const message of messages) add(message, message.id, () => messageView(message, this.chat));
    for (const item of outgoing) {
      add({ ...item, author: "customer" }, `${item.key} ${item.state} ${item.auto}`, () => outgoingView(item, this.chat));
    }
    const last = messages.at(-1);
    const replies = last && last.author !== "customer" && !outgoing.length ? repliesOf(last) : [];
    if (replies.length) wanted.push({ key: `replies ${last.id}`, draw: () => repliesView(replies, this.chat) });
    return wanted;
  }

  /** Only the newest steps are still to be done; of ratings, only the newest is asked for. */
  #settle() {
    const lists = [...this.querySelectorAll(".fix-steps")];
    lists.forEach((list) => (list.disabled = list !== lists.at(-1)));
    const ratings = [...this.querySelectorAll(".rating")];
    ratings.forEach((rating) => (rating.hidden = rating !== ratings.at(-1)));
  }
}

customElements.define("chat-log", ChatLog);
