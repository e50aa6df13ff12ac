/**
 * The interface's language, and its words: one file a language under words/, of which only the one
 * in use is loaded. Importing this module waits for it, so that `t` always has an answer.
 */

/** The interface languages as BCP 47 tags, with their own names. */
export const LANGUAGES = { "zh-CN": "简体中文", "zh-TW": "繁體中文", en: "English" };

const STORED = "imwallet.language"; // a preference, not personal data: localStorage is fine

let current = told() ?? stored() ?? wished();
let words = await load(current);

/** Tells listeners with a `change` event that the language is another one now. */
export const languageChanges = new EventTarget();

/** The language that the server speaks with this customer: "zh" or "en". */
export function language() {
  return current === "en" ? "en" : "zh";
}

/** The interface's language, for `lang` attributes and `Intl` formats: a key of LANGUAGES. */
export function locale() {
  return current;
}

/** The customer's own choice: used from now on, and on later visits. */
export async function chooseLanguage(tag) {
  try {
    localStorage.setItem(STORED, tag);
  } catch {
    // Storage may be forbidden: the choice then lasts as long as the page.
  }
  await useLanguage(tag);
}

/** The language ("zh" or "en") that the server knows of; gives way to the customer's own choice here. */
export async function suggestLanguage(value) {
  if (value === language() || told() || stored()) return;
  await useLanguage(value === "en" ? "en" : traditional() ? "zh-TW" : "zh-CN");
}

/** Another language for as long as this page lasts. Words that can't be had leave it as it is. */
export async function useLanguage(tag) {
  if (tag === current || !(tag in LANGUAGES)) return;
  try {
    words = await load(tag);
  } catch {
    return;
  }
  current = tag;
  languageChanges.dispatchEvent(new Event("change"));
}

/** The sentence for `key`, with `{name}` replaced from `values`; undefined when there is none. */
export function t(key, values = {}) {
  const text = words[key];
  return typeof text === "string" ? text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "") : text;
}

/** Fills every `data-i18n`, `data-i18n-label` and `data-i18n-placeholder` under `root`. */
export function translate(root) {
  for (const element of root.querySelectorAll("[data-i18n]")) element.textContent = t(element.dataset.i18n);
  for (const element of root.querySelectorAll("[data-i18n-label]"))
    element.setAttribute("aria-label", t(element.dataset.i18nLabel));
  for (const element of root.querySelectorAll("[data-i18n-placeholder]"))
    element.setAttribute("placeholder", t(element.dataset.i18nPlaceholder));
}

async function load(tag) {
  return (await import(`./words/${tag}.js`)).default;
}

function stored() {
  try {
    const value = localStorage.getItem(STORED);
    return value in LANGUAGES ? value : null;
  } catch {
    return null;
  }
}

/** What the page around a widget asks for. */
function told() {
  const tag = document.documentElement.dataset.language;
  return tag in LANGUAGES ? tag : null;
}

/** What the browser asks for, Chinese or English by its first language. */
function wished() {
  if (!navigator.language.toLowerCase().startsWith("zh")) return "en";
  return traditional() ? "zh-TW" : "zh-CN";
}

function traditional() {
  const tag = navigator.languages.find((each) => each.toLowerCase().startsWith("zh")) ?? "";
  return /hant|tw|hk|mo/i.test(tag.slice(2));
}
