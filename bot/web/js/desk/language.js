/** The choice of the desk's language. */

import { h } from "../dom.js";
import { chooseLanguage } from "../i18n.js";
import { DESK_LANGUAGES, deskLanguage, w } from "./words.js";

/** A select that changes the language of the whole page. */
export function languageSelect() {
  const options = Object.entries(DESK_LANGUAGES).map(([tag, name]) =>
    h("option", { value: tag, lang: tag, selected: tag === deskLanguage() }, name),
  );
  return h(
    "select",
    { class: "language", "aria-label": w("language"), "data-testid": "language", onchange: ({ target }) => chooseLanguage(target.value) },
    options,
  );
}
