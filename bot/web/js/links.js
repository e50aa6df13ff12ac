/** Addresses in words made into links, safely: only http and https, and never by way of markup. */

import { h } from "./dom.js";

// Plain ASCII only, so that Chinese words and punctuation after an address are no part of it.
const ADDRESS = /https?:\/\/[!#-;=?-_a-z~]+/gi;

/** The text as a list of strings and links. */
export function linked(text) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = trimmed(match[0]);
    const url = safe(address);
    if (!url) continue;
    parts.push(text.slice(end, match.index), link(url, address));
    end = match.index + address.length;
  }
  return [...parts, text.slice(end)];
}

function link(url, words) {
  return h("a", { href: url.href, target: "_blank", rel: "noopener noreferrer nofollow" }, words);
}

/** Without the punctuation of the sentence around it; a bracket stays if it was opened inside. */
function trimmed(address) {
  for (;;) {
    const last = address.at(-1);
    const closes = { ")": "(", "]": "[" }[last];
    if (closes ? address.includes(closes) : !".,!?;:'*_~".includes(last)) return address;
    address = address.slice(0, -1);
  }
}

/** The URL, or null for none that should be followed: `https://bank.example@evil.example` leads astray. */
function safe(address) {
  try {
    const url = new URL(address);
    return url.hostname && !url.username && !url.password ? url : null;
  } catch {
    return null;
  }
}
