/** How the conversation was: one to five stars, and words if the customer likes. */

import { h, icon } from "./dom.js";
import { t } from "./i18n.js";

const STAR = "M12 3l2.7 5.8 6.3.8-4.6 4.4 1.2 6.3-5.6-3.1-5.6 3.1 1.2-6.3L3 9.6l6.3-.8z";
const MAX_WORDS = 1000;

/** `given`: the score there is already, or null. `onRate(score, words)` resolves once it is stored. */
export function ratingForm(given, onRate) {
  const section = h("section", { class: "rating", "data-testid": "rating", "aria-label": t("rating.label") });
  const thanks = (score) => {
    const change = { type: "button", class: "link", "data-testid": "rating-change", onclick: () => ask(score, true) };
    section.replaceChildren(
      h("p", { role: "status" }, t("rating.thanks"), " ", h("span", { class: "stars-given" }, t(`rating.${score}`))),
      h("button", change, t("rating.change")),
    );
  };
  const ask = (score, focus = false) => {
    const form = questions(score, async (chosen, words) => {
      await onRate(chosen, words);
      thanks(chosen);
      section.querySelector("button").focus();
    });
    section.replaceChildren(form);
    if (focus) form.querySelector("input:checked").focus();
  };
  if (given) thanks(given);
  else ask(null);
  return section;
}

function questions(score, onSend) {
  const words = h("textarea", { rows: 2, maxlength: MAX_WORDS, "aria-label": t("rating.words"), placeholder: t("rating.words") });
  const send = h("button", { type: "submit", class: "primary small", "data-testid": "rating-send" }, t("rating.send"));
  const problem = h("p", { class: "failed", role: "alert" });
  const said = h("p", { class: "rating-said", "aria-hidden": "true" });
  const more = h("div", { class: "rating-more" }, words, send);
  const stars = [1, 2, 3, 4, 5].map((n) => {
    const input = { type: "radio", name: "score", value: n, class: "visually-hidden", onchange: () => choose(n) };
    const radio = h("input", input);
    radio.checked = n === score;
    return h("label", { class: "star", title: t(`rating.${n}`) }, radio, icon(STAR), h("span", { class: "visually-hidden" }, t(`rating.${n}`)));
  });
  let chosen = score;
  const choose = (n) => {
    chosen = n;
    more.hidden = !n;
    said.textContent = n ? t(`rating.${n}`) : "";
    stars.forEach((star, index) => star.classList.toggle("lit", index < n));
    if (n) more.scrollIntoView({ block: "nearest" });
  };
  choose(score);
  const submit = async (event) => {
    event.preventDefault();
    send.disabled = true;
    try {
      await onSend(chosen, words.value.trim());
    } catch (error) {
      problem.textContent = error.message;
      send.disabled = false;
    }
  };
  return h(
    "form",
    { onsubmit: submit },
    h("fieldset", {}, h("legend", {}, t("rating.question")), h("div", { class: "stars" }, stars), said),
    more,
    problem,
  );
}
