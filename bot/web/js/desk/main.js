/** The agents' desk: signs in, then shows the desk; back to the sign-in whenever the session ends. */

import { languageChanges, locale } from "../i18n.js";
import { DeskApi } from "./api.js";
import { Desk } from "./desk.js";
import { SignIn } from "./sign-in.js";
import { w } from "./words.js";

const root = document.getElementById("desk");
const api = new DeskApi();
let shown = null; // what fills the page: a SignIn or a Desk, both with close()
let session = null;

function show(made) {
  shown?.close();
  document.documentElement.lang = locale();
  document.title = w("title");
  shown = made();
}

function signedIn(started) {
  session = started;
  api.csrf = started.csrf;
  show(() => new Desk(root, api, session, signedOut));
}

function signedOut(why = null) {
  session = null;
  api.forget();
  show(() => new SignIn(root, api, signedIn, why));
}

api.addEventListener("signedout", () => session && signedOut("ended"));
languageChanges.addEventListener("change", () => {
  show(() => (session ? new Desk(root, api, session, signedOut) : new SignIn(root, api, signedIn)));
});
window.addEventListener("hashchange", () => location.hash.startsWith("#invite=") && signedOut());

if (location.hash.startsWith("#invite=") || location.hash.startsWith("#error=")) {
  signedOut();
} else {
  try {
    signedIn(await api.get("/session"));
  } catch {
    signedOut();
  }
}
