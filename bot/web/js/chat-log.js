/** `<chat-log>`: the messages of a conversation, with day separators and the current quick replies. */

import { h } from "./dom.js";
import { dayName, sameDay } from "./format.js";
import { messageView, outgoingView, repliesOf, repliesView } from "./message-view.js";

class ChatLog extends HTMLElement {
  #drawn = new Map(); // key → element, so that what is shown already stays and only news is announced

  /**
   * Shows the server's messages, then those on their way. Dispatches `reply` (detail `{id, title}`)
   * and `retry` (detail: the key). Returns the elements of messages not shown before.
   */
  show({ messages, outbox }) {
    const wanted = this.#wanted(messages, outbox);
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
    return added;
  }

  /** Forgets what is drawn: for another conversation, or the same one in another language. */
  clear() {
    this.#drawn.clear();
    this.replaceChildren();
  }

  #wanted(messages, outbox) {
    const wanted = [];
    let previous = null;
    const add = (message, key, draw) => {
      const date = new Date(message.created_at);
      const newDay = !previous || !sameDay(new Date(previous.created_at), date);
      if (newDay) wanted.push({ key: `day ${date.toDateString()}`, draw: () => h("p", { class: "day" }, dayName(date)) });
      wanted.push({ key, draw, follows: !newDay && previous.author === message.author });
      previous = message;
    };
    for (const message of messages) add(message, message.id, () => messageView(message));
    for (const item of outbox) {
      const retry = () => this.#tell("retry", item.key);
      add({ ...item, author: "customer" }, `${item.key} ${item.state}`, () => outgoingView(item, retry));
    }
    const last = messages.at(-1);
    const replies = last && last.author !== "customer" && !outbox.length ? repliesOf(last) : [];
    if (replies.length) {
      const draw = () => repliesView(replies, (reply) => this.#tell("reply", reply));
      wanted.push({ key: `replies ${last.id}`, draw });
    }
    return wanted;
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

customElements.define("chat-log", ChatLog);
