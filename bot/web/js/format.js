/** Times as the customer reads them: in the interface's language and the device's time zone. */

import { locale, t } from "./i18n.js";

/** Hour and minute. */
export function clock(date) {
  return new Intl.DateTimeFormat(locale(), { hour: "numeric", minute: "2-digit" }).format(date);
}

/** Everything about an instant, for whoever wants to know exactly. */
export function exactly(date) {
  return new Intl.DateTimeFormat(locale(), { dateStyle: "full", timeStyle: "long" }).format(date);
}

/** A day's name for a separator: today, yesterday, or the date (with the year if it is another). */
export function dayName(date, now = new Date()) {
  if (sameDay(date, now)) return t("today");
  const yesterday = new Date(now);
  yesterday.setDate(now.getDate() - 1);
  if (sameDay(date, yesterday)) return t("yesterday");
  const year = date.getFullYear() === now.getFullYear() ? undefined : "numeric";
  return new Intl.DateTimeFormat(locale(), { year, month: "long", day: "numeric", weekday: "short" }).format(date);
}

/** Whether both instants fall on one calendar day here. */
export function sameDay(a, b) {
  return a.toDateString() === b.toDateString();
}

/** An ISO instant as local date and time; anything else is already formatted and comes back as it is. */
export function moment(value) {
  const date = instant(value);
  if (!date) return String(value);
  return new Intl.DateTimeFormat(locale(), {
    month: "short",
    day: "numeric",
    weekday: "short",
    hour: "numeric",
    minute: "2-digit",
  }).format(date);
}

/** The Date of an ISO instant, or null when `value` is not one. */
export function instant(value) {
  if (!/^\d{4}-\d{2}-\d{2}T/.test(String(value))) return null;
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? null : date;
}
