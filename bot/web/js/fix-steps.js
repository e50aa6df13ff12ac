/** Fix steps as a checklist: ticks are kept, and the bot is told which ones are done. */

import { h } from "./dom.js";
import { t } from "./i18n.js";

/**
 * `block`: `{items, done?}`. `onTick(done)` hears the ticked indexes, `onDone(done)` that the customer says
 * so. The list is a fieldset: disabled, it can only be read.
 */
export function fixSteps(block, { onTick, onDone }) {
  const boxes = (block.items ?? []).map((_, index) => {
    const box = h("input", { type: "checkbox", value: index, onchange: () => changed() });
    box.checked = (block.done ?? []).includes(index);
    return box;
  });
  const ticked = () => boxes.filter((box) => box.checked).map((box) => Number(box.value));
  const tell = () => {
    button.hidden = true;
    onDone(ticked());
  };
  const button = h("button", { type: "button", class: "primary small", "data-testid": "steps-done", onclick: tell }, t("steps.done"));
  const changed = () => {
    button.hidden = ticked().length === 0;
    onTick(ticked());
  };
  button.hidden = ticked().length === 0;
  const item = (words, index) => h("li", {}, h("label", {}, boxes[index], h("span", {}, words)));
  return h(
    "fieldset",
    { class: "fix-steps" },
    h("legend", { class: "visually-hidden" }, t("steps.label")),
    h("ol", { class: "steps", "data-testid": "steps" }, (block.items ?? []).map(item)),
    button,
  );
}
