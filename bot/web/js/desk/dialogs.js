/** Questions to the agent in a modal dialog: a few fields, one action. */

import { h } from "../dom.js";
import { w } from "./words.js";

/**
 * Asks with a form. `fields`: `{name, label, kind: "text"|"textarea"|"select"|"date", options: [[value, words]],
 * value, required, ...attributes}`. `send(values)` does what was asked; what it throws is shown and the dialog
 * stays. Resolves to whether it was done.
 */
export function ask({ title, text, fields = [], action, send }) {
  const failure = h("p", { class: "failure", role: "alert" });
  const button = h("button", { type: "submit", class: "primary" }, action);
  const form = h(
    "form",
    { class: "asked" },
    h("h2", {}, title),
    text && h("p", {}, text),
    fields.map(drawn),
    failure,
    h("div", { class: "buttons" }, h("button", { type: "button", class: "ghost", onclick: () => dialog.close() }, w("cancel")), button),
  );
  const dialog = h("dialog", { class: "desk-dialog", "aria-label": title }, form);
  let done = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    failure.textContent = "";
    button.disabled = true;
    try {
      await send(Object.fromEntries(new FormData(form)));
      done = true;
      dialog.close();
    } catch (error) {
      failure.textContent = error.message;
    }
    button.disabled = false;
  });
  return open(dialog).then(() => done);
}

/** Shows something until it is closed. */
export function show(title, ...content) {
  const close = h("button", { type: "button", class: "primary", onclick: () => dialog.close() }, w("close"));
  const dialog = h("dialog", { class: "desk-dialog", "aria-label": title }, h("h2", {}, title), content, h("div", { class: "buttons" }, close));
  return open(dialog);
}

function drawn({ name, label, kind = "text", options = [], value = "", ...attributes }) {
  let control;
  if (kind === "textarea") control = h("textarea", { name, rows: 3, maxlength: 4000, ...attributes }, value);
  else if (kind === "select")
    control = h(
      "select",
      { name, ...attributes },
      options.map(([key, words]) => h("option", { value: key, selected: key === value }, words)),
    );
  else control = h("input", { name, type: kind, value, ...attributes });
  return h("label", { class: "field" }, h("span", {}, label), control);
}

/** Opens a dialog that goes away when closed; the focus goes back to where it was. Resolves when closed. */
export function open(dialog) {
  const before = document.activeElement;
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (before?.isConnected) before.focus();
      resolve();
    });
  });
}
