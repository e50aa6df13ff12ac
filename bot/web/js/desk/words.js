/** The desk's words, beside the customers' ones of i18n.js, in the same language. */

import { language, locale } from "../i18n.js";
import en from "./words/en.js";
import zh from "./words/zh-CN.js";

/** The desk's languages as BCP 47 tags, with their own names. */
export const DESK_LANGUAGES = { "zh-CN": "简体中文", en: "English" };

/** The desk's language: a key of DESK_LANGUAGES. */
export function deskLanguage() {
  return language() === "en" ? "en" : "zh-CN";
}

/** The sentence for `key`, with `{name}` replaced from `values`; undefined when there is none. */
export function w(key, values = {}) {
  return (language() === "en" ? en : zh)[key]?.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** The word for a key of the server's, such as a reason; one that the page does not know shows as it is. */
export function named(group, key) {
  return key === null || key === undefined ? "" : (w(`${group}.${key}`) ?? String(key).replaceAll("_", " "));
}

/** A length of time in words, e.g. "3 min"; "–" for null. */
export function duration(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  const unit = (value, name) =>
    new Intl.NumberFormat(locale(), { style: "unit", unit: name, unitDisplay: "short" }).format(value);
  if (seconds < 60) return unit(Math.round(seconds), "second");
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return unit(minutes, "minute");
  if (minutes < 48 * 60) return `${unit(Math.floor(minutes / 60), "hour")} ${unit(minutes % 60, "minute")}`;
  return unit(Math.floor(minutes / 1440), "day");
}

/** A share from 0 to 1 as per cent; "–" for null. */
export function percent(share) {
  if (share === null || share === undefined) return "–";
  return new Intl.NumberFormat(locale(), { style: "percent", maximumFractionDigits: 1 }).format(share);
}
