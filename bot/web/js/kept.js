/** What this tab remembers over a reload, in sessionStorage: a closed tab forgets it. */

const PREFIX = "imwallet.";

/** What was kept under this name; null when there is nothing usable. */
export function recall(name) {
  try {
    return JSON.parse(sessionStorage.getItem(PREFIX + name));
  } catch {
    return null; // storage may be forbidden, or hold what is not ours
  }
}

/** Keeps a JSON value under this name; null forgets it. Without storage it just does not outlive a reload. */
export function keep(name, value) {
  try {
    if (value === null) sessionStorage.removeItem(PREFIX + name);
    else sessionStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // See above.
  }
}
