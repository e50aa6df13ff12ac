/** The desk's frame: top bar, views, presence, shortcuts, and the event stream that all views hear. */

import { h } from "../dom.js";
import { EventStream } from "../event-stream.js";
import { commonHeaders } from "../api.js";
import { AccountsView } from "./accounts.js";
import { AuditView } from "./audit.js";
import { CasesView } from "./cases.js";
import { ChatsView } from "./chats.js";
import { ask } from "./dialogs.js";
import { languageSelect } from "./language.js";
import { askPermission, canAsk } from "./notify.js";
import { ReportsView } from "./reports.js";
import { SearchView } from "./search.js";
import { Shortcuts } from "./shortcuts.js";
import { named, w } from "./words.js";

const PRESENCE_MS = 30_000;
const ACTIVITY_MS = 60_000; // a reader's session is kept alive this often at most
const ROLES = ["agent", "lead", "admin"];
const VIEWS = [
  { name: "chats", role: "agent", made: ChatsView },
  { name: "search", role: "agent", made: SearchView },
  { name: "cases", role: "agent", made: CasesView },
  { name: "reports", role: "lead", made: ReportsView },
  { name: "audit", role: "lead", made: AuditView },
  { name: "accounts", role: "admin", made: AccountsView },
];
const AVAILABLE = "imwallet.desk.available"; // over a reload of this tab

/** What a signed-in agent sees. `signedOut(why?)` is called when the session is over. */
export class Desk extends EventTarget {
  #root;
  #signedOut;
  #stream;
  #timers = [];
  #views = new Map(); // name → view, made when first shown
  #active = Date.now();
  #line = h("p", { class: "line", role: "status" });
  #main = h("main", { class: "view" });
  #nav = h("nav", { "aria-label": w("nav.label") });
  #available;
  holds = 0; // how many chats this agent has, as the chats view knows
  #leaving = new AbortController(); // listeners on window and document go with it

  constructor(root, api, session, signedOut) {
    super();
    this.#root = root;
    this.api = api;
    this.agent = session.agent;
    this.#signedOut = signedOut;
    this.#available = remembered() ?? true;
    root.replaceChildren(this.#topbar(), this.#line, this.#main);
    this.shortcuts = new Shortcuts(this.#leaving.signal);
    this.#connect();
    this.#announcePresence();
    this.#timers.push(setInterval(() => this.#announcePresence(), PRESENCE_MS));
    const { signal } = this.#leaving;
    for (const sign of ["pointermove", "keydown", "pointerdown"])
      document.addEventListener(sign, () => this.#stayActive(), { passive: true, signal });
    window.addEventListener("hashchange", () => this.#route(), { signal });
    this.#route();
  }

  /** Whether this agent may do what needs `role`. */
  may(role) {
    return ROLES.indexOf(this.agent.role) >= ROLES.indexOf(role);
  }

  /** Shows a view by its place, e.g. "chats/ID". */
  go(place) {
    if (location.hash === `#${place}`) this.#route();
    else location.hash = place;
  }

  /** Says something in passing, also to screen readers. */
  say(words) {
    const toast = h("p", { class: "toast" }, words);
    this.#toasts.append(toast);
    setTimeout(() => toast.remove(), 6000);
  }

  close() {
    this.#stream.close();
    this.#timers.forEach(clearInterval);
    this.#leaving.abort();
    for (const view of this.#views.values()) view.close?.();
    this.#root.replaceChildren();
  }

  #toasts = h("div", { class: "toasts", role: "status", "data-testid": "toasts" });

  #topbar() {
    const allowed = VIEWS.filter(({ role }) => this.may(role));
    this.#nav.append(...allowed.map(({ name }) => h("a", { href: `#${name}`, "data-view": name }, w(`nav.${name}`))));
    const available = h("input", {
      type: "checkbox",
      role: "switch",
      checked: this.#available,
      "data-testid": "available",
      onchange: ({ target }) => this.#setAvailable(target.checked, target),
    });
    const notifications = h("button", { type: "button", class: "ghost", "data-testid": "notifications" }, w("notify.ask"));
    notifications.hidden = !canAsk();
    notifications.addEventListener("click", async () => {
      if (await askPermission()) this.say(w("notify.on"));
      notifications.hidden = !canAsk();
    });
    return h(
      "header",
      { class: "desk-bar" },
      h("img", { src: "/static/img/icon.svg", alt: "", width: 28, height: 28 }),
      h("h1", { class: "visually-hidden" }, w("title")),
      this.#nav,
      notifications,
      h("label", { class: "switch" }, available, h("span", {}, w("available"))),
      languageSelect(),
      h(
        "button",
        { type: "button", class: "ghost round", "aria-label": w("shortcuts.title"), onclick: () => this.shortcuts.explain() },
        "?",
      ),
      this.#account(),
      this.#toasts,
    );
  }

  #account() {
    const item = (key, act) => h("button", { type: "button", "data-testid": key, onclick: act }, w(`account.${key}`));
    const menu = h(
      "details",
      { class: "account" },
      h("summary", { "data-testid": "account" }, this.agent.name),
      h(
        "div",
        { class: "menu" },
        h("p", { class: "hint" }, `${this.agent.login} · ${named("role", this.agent.role)}`),
        item("password", () => this.#changePassword()),
        item("signOut", () => this.#signOut("DELETE", "/session")),
        item("everywhere", () => this.#signOut("POST", "/session/everywhere")),
      ),
    );
    menu.addEventListener("keydown", ({ key }) => {
      if (key !== "Escape") return;
      menu.open = false;
      menu.querySelector("summary").focus();
    });
    document.addEventListener("click", ({ target }) => menu.contains(target) || (menu.open = false), {
      signal: this.#leaving.signal,
    });
    return menu;
  }

  #route() {
    const [name, ...rest] = location.hash.slice(1).split("/").map(decodeURIComponent);
    const found = VIEWS.find((view) => view.name === name && this.may(view.role)) ?? VIEWS[0];
    if (!this.#views.has(found.name)) this.#views.set(found.name, new found.made(this));
    const view = this.#views.get(found.name);
    if (!this.#main.contains(view.element)) this.#main.replaceChildren(view.element);
    for (const link of this.#nav.children)
      if (link.dataset.view === found.name) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    view.shown?.(rest[0] ?? null);
  }

  #connect() {
    this.#stream = new EventStream("/api/desk/events", commonHeaders);
    this.#stream.addEventListener("open", () => (this.#line.textContent = ""));
    this.#stream.addEventListener("lost", () => (this.#line.textContent = w("line.lost")));
    this.#stream.addEventListener("refused", () => this.#signedOut("ended"));
    this.#stream.addEventListener("event", ({ detail }) => {
      if (detail.event === "signed_out") return this.#signedOut("ended");
      this.dispatchEvent(new CustomEvent(detail.event, { detail: JSON.parse(detail.data || "{}") }));
    });
  }

  async #announcePresence() {
    try {
      await this.api.post("/presence", { available: this.#available });
    } catch {
      // The event stream tells when the line is down; the next heartbeat tries again.
    }
  }

  /** Whoever leaves gives their chats back to the queue, and should mean it. */
  async #setAvailable(available, control) {
    const leaving = !available && this.holds > 0;
    if (leaving && !(await ask({ title: w("leave.title"), text: w("leave.text", { count: this.holds }), action: w("leave.go"), send: async () => {} }))) {
      control.checked = true;
      return;
    }
    this.#available = available;
    sessionStorage.setItem(AVAILABLE, available ? "yes" : "no");
    this.#announcePresence();
    this.say(w(available ? "available.on" : "available.off"));
  }

  #stayActive() {
    if (Date.now() - this.#active < ACTIVITY_MS) return;
    this.#active = Date.now();
    this.api.get("/session").catch(() => {});
  }

  async #signOut(method, path) {
    try {
      await (method === "DELETE" ? this.api.delete(path) : this.api.post(path));
      sessionStorage.removeItem(AVAILABLE);
      this.#signedOut("left");
    } catch (error) {
      if (error.kind !== "desk_signed_out") this.say(error.message);
    }
  }

  async #changePassword() {
    const secret = { kind: "password", required: true, maxlength: 200 };
    const done = await ask({
      title: w("account.password"),
      fields: [
        { name: "old", label: w("password.old"), autocomplete: "current-password", ...secret },
        { name: "new", label: w("password.new"), autocomplete: "new-password", minlength: 12, ...secret },
      ],
      action: w("save"),
      send: (values) =>
        this.api.put("/password", values).catch((error) => {
          throw error.kind === "weak_password" ? new Error(named("weak", error.problem.reason)) : error;
        }),
    });
    if (done) this.say(w("password.done"));
  }
}

function remembered() {
  const kept = sessionStorage.getItem(AVAILABLE);
  return kept === null ? null : kept === "yes";
}
