/** The three columns: queue and own chats, the conversation, and all that is known about it. */

import { h } from "../dom.js";
import { chatPath } from "./api.js";
import { ChatPane } from "./chat-pane.js";
import { chatRow } from "./chat-row.js";
import { ContextPanel } from "./context.js";
import { notify } from "./notify.js";
import { w } from "./words.js";

const SOON_MS = 400; // several events in a row are one loading
const WAITING_MS = 30_000; // how often waiting times are told anew

const drafts = new Map(); // "agent id, chat id" → what was being written; outlives a sign-out and another language

export class ChatsView {
  #desk;
  #lists = { mine: [], queue: [], everyones: [], done: [] };
  #other = "mine"; // which of the agent's lists is shown beside the queue
  #loadedAt = Date.now();
  #pane = null;
  #context;
  #urgent = 0;
  #soon = null;
  #ticking;

  constructor(desk) {
    this.#desk = desk;
    this.#context = new ContextPanel(desk, () => this.#toggleContext());
    this.element = this.#frame();
    desk.addEventListener("hello", () => this.#reload());
    desk.addEventListener("queue", ({ detail }) => this.#queueChanged(detail));
    desk.addEventListener("chat", ({ detail }) => this.#chatChanged(detail));
    desk.addEventListener("message", ({ detail }) => this.#messageCame(detail));
    desk.addEventListener("note", ({ detail }) => this.#openIs(detail.chat) && this.#pane.loadNotes());
    desk.addEventListener("typing", ({ detail }) => this.#openIs(detail.chat) && this.#pane.typing(detail));
    desk.addEventListener("viewers", ({ detail }) => this.#openIs(detail.chat) && this.#pane.viewers(detail.agents));
    desk.shortcuts.bind({
      j: () => this.#step(1),
      k: () => this.#step(-1),
      t: () => this.#pane?.act("take"),
      r: () => this.#pane?.act("resolve"),
      n: () => this.#pane?.write("note"),
      "/": () => this.#pane?.write("reply", "/"),
      Escape: () => this.#escape(),
    });
    this.#ticking = setInterval(() => this.#draw(), WAITING_MS);
    this.#reload();
  }

  close() {
    clearInterval(this.#ticking);
    clearTimeout(this.#soon);
    this.#leave();
  }

  /** Opens the chat of that id; none for null. */
  async shown(id) {
    if (!id || this.#openIs(id)) return;
    this.#leave();
    try {
      const chat = await this.#desk.api.get(chatPath(id));
      this.#leave();
      this.#pane = new ChatPane(this.#desk, chat, {
        draft: drafts.get(this.#draftOf(id)),
        changed: (changed) => this.#changed(changed),
        context: () => this.#toggleContext(),
      });
      this.#middle.replaceChildren(this.#pane.element);
      this.#context.of(chat);
      this.#draw();
    } catch (error) {
      this.#middle.replaceChildren(h("p", { class: "empty", role: "alert" }, error.message));
    }
  }

  #middle = h("section", { class: "middle", "aria-label": w("chat.label") }, h("p", { class: "empty" }, w("chat.none")));
  #queueList = h("ul", { "data-testid": "queue" });
  #mineList = h("ul", { "data-testid": "mine" });
  #queueTitle = h("h2", {});
  #listSelect = h("select", { "aria-label": w("list.label"), "data-testid": "list", onchange: () => this.#chooseList() });

  #frame() {
    const lists = ["mine", "done", ...(this.#desk.may("lead") ? ["everyones"] : [])];
    this.#listSelect.append(...lists.map((name) => h("option", { value: name }, w(`list.${name}`))));
    return h(
      "div",
      { class: "columns" },
      h(
        "section",
        { class: "lists", "aria-label": w("list.label") },
        h("div", { class: "list-head" }, h("h2", { class: "visually-hidden" }, w("list.mine")), this.#listSelect),
        this.#mineList,
        h("div", { class: "list-head" }, this.#queueTitle),
        this.#queueList,
      ),
      this.#middle,
      this.#context.element,
    );
  }

  #openIs(id) {
    return this.#pane?.chat.id === id;
  }

  async #reload() {
    this.#pane?.refresh();
    await Promise.all([this.#loadQueue(), this.#loadMine()]);
  }

  #loadQueue() {
    return this.#load("queue", "/queue");
  }

  #loadMine() {
    const loads = [this.#load("mine", "/chats", { view: "mine" })];
    if (this.#other !== "mine") loads.push(this.#load(this.#other, "/chats", { view: this.#other }));
    return Promise.all(loads);
  }

  async #load(list, path, query) {
    try {
      const { chats } = await this.#desk.api.get(path, query);
      this.#lists[list] = chats;
      if (list === "queue") this.#loadedAt = Date.now();
      this.#draw();
    } catch (error) {
      if (error.kind !== "desk_signed_out") this.#desk.say(error.message);
    }
  }

  #loadSoon() {
    clearTimeout(this.#soon);
    this.#soon = setTimeout(() => this.#loadMine(), SOON_MS);
  }

  #chooseList() {
    this.#other = this.#listSelect.value;
    this.#draw();
    this.#loadMine();
  }

  #draw() {
    const elapsed = (Date.now() - this.#loadedAt) / 1000;
    const row = (chat) => chatRow(chat, { open: this.#openIs(chat.id), elapsed, go: () => this.#desk.go(`chats/${chat.id}`) });
    const { mine, queue } = this.#lists;
    this.#queueTitle.textContent = w("queue.title", { count: queue.length });
    fill(this.#queueList, queue.map(row), w("queue.none"));
    fill(this.#mineList, this.#lists[this.#other].map(row), w("list.none"));
    this.#desk.holds = mine.length;
    const unread = mine.reduce((sum, chat) => sum + (chat.unread > 0), 0);
    document.title = unread ? `(${unread}) ${w("title")}` : w("title");
  }

  #queueChanged({ urgent = 0 }) {
    this.#loadQueue();
    if (this.#pane?.chat.status === "queued") this.#stateChanged(); // a colleague may have taken it
    if (urgent > this.#urgent) notify(w("notify.urgent"), "queue", () => this.#desk.go("chats"));
    this.#urgent = urgent;
  }

  #chatChanged({ chat, what, by }) {
    this.#loadSoon();
    if (this.#openIs(chat)) this.#stateChanged();
    if (!["assigned", "transferred"].includes(what) || !by || by.name === this.#desk.agent.name) return;
    const words = w(`notify.${what}`, { name: by.name });
    this.#desk.say(words);
    notify(words, chat, () => this.#desk.go(`chats/${chat}`));
  }

  #messageCame({ chat, message }) {
    if (this.#openIs(chat)) this.#pane.add([message]);
    this.#loadSoon();
    if (message.author === "customer") notify(w("notify.message"), chat, () => this.#desk.go(`chats/${chat}`));
  }

  /** The open chat is in another state, or another's: what may be done and seen follows. */
  async #stateChanged() {
    const pane = this.#pane;
    await pane.reload();
    if (pane === this.#pane) this.#context.of(pane.chat);
  }

  /** After an action of the agent's own. */
  #changed(chat) {
    this.#context.of(chat);
    this.#loadQueue();
    this.#loadMine();
  }

  #leave() {
    if (!this.#pane) return;
    drafts.set(this.#draftOf(this.#pane.chat.id), this.#pane.draft);
    this.#pane.close();
    this.#pane = null;
  }

  #draftOf(chatId) {
    return `${this.#desk.agent.id} ${chatId}`;
  }

  #step(by) {
    const all = [...this.#lists[this.#other], ...this.#lists.queue];
    if (!all.length) return;
    const at = all.findIndex((chat) => this.#openIs(chat.id));
    this.#desk.go(`chats/${all[(at + by + all.length) % all.length].id}`);
  }

  #toggleContext() {
    const shown = this.element.classList.toggle("with-context");
    // It comes from beside the screen: scrolling to it would move everything else.
    if (shown) this.#context.element.focus({ preventScroll: true });
    else this.#pane?.element.querySelector(".context-toggle").focus();
  }

  #escape() {
    if (this.element.classList.contains("with-context")) this.#toggleContext();
    else document.activeElement?.blur();
  }
}

/** New rows, with the focus on the same chat as before. */
function fill(list, rows, none) {
  const focused = list.contains(document.activeElement) ? document.activeElement.dataset.chat : null;
  list.replaceChildren(...(rows.length ? rows : [h("li", { class: "empty" }, none)]));
  if (focused) list.querySelector(`[data-chat="${CSS.escape(focused)}"]`)?.focus();
}
