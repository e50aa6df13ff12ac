/** One chat on the screen: what was said, what can be done with it, and the field to write in. */

import { h } from "../dom.js";
import { ask } from "./dialogs.js";
import { chatPath } from "./api.js";
import { actions } from "./chat-actions.js";
import { ChatLog } from "./chat-log.js";
import { customerName, urgencyBadge } from "./chat-row.js";
import { Composer } from "./composer.js";
import { picturesOf } from "./desk-message.js";
import { named, w } from "./words.js";

const VIEWING_MS = 15_000;
const TYPING_MS = 6_000; // how long a sign of typing lasts

export class ChatPane {
  #desk;
  #hooks;
  #viewing;
  #typingOver = null;
  #closed = false;

  /** `hooks`: draft, changed(chat), context(). */
  constructor(desk, chat, hooks) {
    this.#desk = desk;
    this.#hooks = hooks;
    this.chat = chat;
    this.log = new ChatLog(picturesOf(chat.id), () => this.#older());
    this.#composer = new Composer(desk, chat, {
      draft: hooks.draft,
      sent: (message) => this.add([message]),
      noted: (note) => this.log.setNotes([note]),
    });
    this.element = h("div", { class: "pane" }, this.#head, this.#collision, this.log.element, this.#typing, this.#composer.element);
    this.#draw();
    this.refresh();
    this.#look();
    this.#viewing = setInterval(() => document.visibilityState === "visible" && this.#look(), VIEWING_MS);
    window.addEventListener("pagehide", this.#left);
  }

  #composer;
  #head = h("header", { class: "pane-head" });
  #collision = h("p", { class: "collision", role: "status", "data-testid": "collision" });
  #typing = h("p", { class: "customer-typing", role: "status", "data-testid": "typing" });
  #left = () => this.#desk.api.leave("DELETE", chatPath(this.chat.id, "viewing"));

  /** What is being written but not sent. */
  get draft() {
    return this.#composer.draft;
  }

  close() {
    this.#closed = true;
    this.log.close();
    clearInterval(this.#viewing);
    clearTimeout(this.#typingOver);
    window.removeEventListener("pagehide", this.#left);
    this.#left();
  }

  /** Loads the chat's state, and what was said since the last message here. */
  async refresh() {
    await Promise.all([this.reload(), this.#load(this.log.last === null ? {} : { after: this.log.last }), this.loadNotes()]);
  }

  /** Loads the chat's state only. */
  async reload() {
    try {
      this.#become(await this.#desk.api.get(chatPath(this.chat.id)));
    } catch (error) {
      if (error.status === 404 || error.status === 403) this.#become({ ...this.chat, may: [] });
    }
  }

  async loadNotes() {
    if (!this.#may("read")) return;
    const { notes } = await this.#quietly(this.#desk.api.get(chatPath(this.chat.id, "notes")), { notes: [] });
    this.log.setNotes(notes);
  }

  /** New messages, from the stream or of one's own. */
  add(messages) {
    if (messages.some(({ author }) => author === "customer")) this.#typing.textContent = "";
    this.log.addMessages(messages);
  }

  typing({ who, name }) {
    this.#typing.textContent = who === "customer" ? w("typing.customer") : w("typing.agent", { name });
    clearTimeout(this.#typingOver);
    this.#typingOver = setTimeout(() => (this.#typing.textContent = ""), TYPING_MS);
  }

  viewers(agents) {
    this.#collision.textContent = agents.length ? w("collision", { names: agents.map(({ name }) => name).join(w("list.comma")) }) : "";
  }

  /** Turns to the field, to write a "reply" or a "note". */
  write(mode, text) {
    this.#composer.write(mode, text);
  }

  /** Does one of the chat's actions, if it may be done now. */
  async act(name) {
    const action = actions.find((each) => each.name === name);
    if (!this.#may(name) || !action) return;
    try {
      const changed = action.dialog ? await this.#asked(action) : await action.send(this.#desk.api, this.chat.id);
      if (!changed) return;
      this.#become(changed);
      this.#hooks.changed(changed);
      this.#desk.say(w(`${name}.done`));
      if (action.name !== "take") return;
      this.#composer.write("reply");
      await this.refresh();
    } catch (error) {
      this.#desk.say(error.kind === "taken" ? w("taken", { name: error.problem.agent?.name ?? "" }) : error.message);
      await this.reload();
      this.#hooks.changed(this.chat);
    }
  }

  async #asked(action) {
    let changed = null;
    const dialog = await action.dialog(this.#desk, this.chat);
    await ask({ ...dialog, send: async (values) => (changed = await action.send(this.#desk.api, this.chat.id, values)) });
    return changed;
  }

  async #load(query) {
    if (!this.#may("read")) return;
    try {
      let answer = await this.#desk.api.get(chatPath(this.chat.id, "messages"), { limit: 100, ...query });
      this.log.addMessages(answer.messages);
      if (!query.after) this.log.older.hidden = !answer.more;
      while (query.after && answer.more && answer.messages.length) {
        answer = await this.#desk.api.get(chatPath(this.chat.id, "messages"), { limit: 100, after: this.log.last });
        this.log.addMessages(answer.messages);
      }
    } catch (error) {
      if (error.kind !== "desk_signed_out") this.#desk.say(error.message);
    }
  }

  #older() {
    return this.#load({ before: this.log.first });
  }

  #look() {
    this.#quietly(this.#desk.api.post(chatPath(this.chat.id, "viewing")));
  }

  async #quietly(call, otherwise = null) {
    try {
      return await call;
    } catch {
      return otherwise; // told by the event stream's line, or tried again soon
    }
  }

  #may(what) {
    return this.chat.may.includes(what);
  }

  #become(chat) {
    if (this.#closed) return;
    this.chat = chat;
    this.#draw();
  }

  #draw() {
    const { chat } = this;
    const focused = document.activeElement?.closest?.(".pane-head [data-action]")?.dataset.action;
    this.#head.replaceChildren(
      h(
        "div",
        { class: "pane-who" },
        h("h2", {}, customerName(chat)),
        h(
          "p",
          { class: "row-tags" },
          urgencyBadge(chat.urgency),
          h("span", { "data-testid": "status" }, named("status", chat.status)),
          chat.agent && h("span", {}, chat.agent.id === this.#desk.agent.id ? w("chat.yours") : w("chat.of", { name: chat.agent.name })),
          chat.reason && h("span", {}, named("reason", chat.reason)),
          chat.reference && h("span", { class: "reference" }, chat.reference),
          (chat.labels ?? []).map((label) => h("span", { class: "label" }, label)),
        ),
      ),
      h(
        "div",
        { class: "pane-actions", role: "group", "aria-label": w("actions.label") },
        actions
          .filter(({ name }) => this.#may(name))
          .map(({ name, main }) =>
            h(
              "button",
              { type: "button", class: main ? "primary small" : "ghost small", "data-action": name, "data-testid": name, onclick: () => this.act(name) },
              w(`${name}.action`),
            ),
          ),
        h("button", { type: "button", class: "ghost small context-toggle", "data-action": "context", onclick: () => this.#hooks.context() }, w("context.toggle")),
      ),
    );
    if (focused) this.#head.querySelector(`[data-action="${focused}"]`)?.focus();
    this.#composer.allow(chat);
  }
}
