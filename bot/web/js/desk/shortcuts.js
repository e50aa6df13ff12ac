/** Keys that save agents a way with the mouse; not while writing, and they can be turned off (WCAG 2.1.4). */

import { h } from "../dom.js";
import { show } from "./dialogs.js";
import { w } from "./words.js";

const KEYS = ["j", "k", "t", "n", "r", "/", "?", "Escape"];
const OFF = "imwallet.desk.noShortcuts";

/** Calls what was bound to a key; `signal` ends it. */
export class Shortcuts {
  #bound = new Map();

  constructor(signal) {
    document.addEventListener("keydown", (event) => this.#pressed(event), { signal });
  }

  /** What keys do, e.g. `{j: fn}`; a later binding of a key replaces the earlier one. */
  bind(actions) {
    for (const [key, act] of Object.entries(actions)) this.#bound.set(key, act);
  }

  /** The dialog that lists them. */
  explain() {
    const on = h("input", {
      type: "checkbox",
      checked: !localStorage.getItem(OFF),
      onchange: ({ target }) => (target.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1")),
    });
    return show(
      w("shortcuts.title"),
      h("dl", { class: "keys" }, KEYS.map((key) => h("div", {}, h("dt", {}, h("kbd", {}, key === "Escape" ? "Esc" : key.toUpperCase())), h("dd", {}, w(`key.${key}`))))),
      h("label", { class: "switch" }, on, h("span", {}, w("shortcuts.on"))),
    );
  }

  #pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape") return this.#bound.get("Escape")?.(event);
    if (event.target.closest("input, textarea, select, [contenteditable]") || localStorage.getItem(OFF)) return;
    const act = event.key === "?" ? () => this.explain() : this.#bound.get(event.key.toLowerCase());
    if (!act) return;
    event.preventDefault();
    act(event);
  }
}
