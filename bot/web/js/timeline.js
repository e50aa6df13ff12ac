/** The way the money took, as a list of stations: words first, so that it reads the same without styles. */

import { h } from "./dom.js";
import { t } from "./i18n.js";

/** `moments`: [{stage, state: done | current | late | failed, time, amount}]; null for none or a stage without a word. */
export function timeline(moments) {
  const known = moments.filter((moment) => t(`stage.${moment.stage}`));
  if (!known.length) return null;
  return h("ol", { class: "timeline", "data-testid": "timeline", "aria-label": t("timeline.label") }, known.map(station));
}

function station({ stage, state, time, amount }) {
  const waiting = state === "current" || state === "late";
  const words = t(`stage.${stage}.${waiting ? "current" : state}`) ?? t(`stage.${stage}`);
  const when = { current: t("timeline.by", { time }), late: t("timeline.wasBy", { time }) }[state] ?? time;
  return h(
    "li",
    { "data-state": state, "aria-current": waiting ? "step" : null },
    h("span", { class: "stage" }, words, amount && h("span", { class: "stage-amount" }, ` ${amount}`)),
    time && h("span", { class: "stage-time" }, when),
    h("span", { class: "visually-hidden" }, t(`timeline.${state}`)),
  );
}
