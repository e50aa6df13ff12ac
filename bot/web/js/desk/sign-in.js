/** Signing in by password or single sign-on, and taking up an invitation. */

import { h } from "../dom.js";
import { languageSelect } from "./language.js";
import { named, w } from "./words.js";

const SHORTEST_PASSWORD = 12;

let invitation = null; // the token of a one-time link, until it is used; kept out of the address

/** Fills `root`; `done(session)` once signed in. `why`: a key of `signIn.*` that explains why one is here again. */
export class SignIn {
  #root;
  #api;
  #done;

  constructor(root, api, done, why = null) {
    this.#root = root;
    this.#api = api;
    this.#done = done;
    const { hash } = location;
    if (hash.startsWith("#invite=")) invitation = decodeURIComponent(hash.slice("#invite=".length));
    if (hash.startsWith("#error=")) why = hash.slice("#error=".length);
    // A one-time token or an old error must not stay in the address bar or the history.
    if (/^#(invite|error)=/.test(hash)) history.replaceState(null, "", location.pathname);
    if (invitation) this.#invited();
    else this.#password(why && (w(`signIn.${why}`) ?? w("signIn.ended")));
  }

  close() {
    this.#root.replaceChildren();
  }

  #frame(title, ...content) {
    const main = h(
      "main",
      { class: "sign-in" },
      h("img", { src: "/static/img/icon.svg", alt: "", width: 44, height: 44 }),
      h("h1", {}, title),
      content,
      languageSelect(),
    );
    this.#root.replaceChildren(main);
    main.querySelector("input:not([readonly])")?.focus();
  }

  async #password(notice) {
    const login = field(w("signIn.login"), { name: "login", autocomplete: "username", required: true, maxlength: 100 });
    const password = field(w("signIn.password"), {
      name: "password",
      type: "password",
      autocomplete: "current-password",
      required: true,
      maxlength: 200,
    });
    const other = h("div", {});
    const form = formOf(w("signIn.go"), [login, password], ({ login, password }) =>
      this.#api.post("/session", { login, password }).then(this.#done),
    );
    this.#frame(w("signIn.title"), notice && h("p", { class: "notice", role: "status" }, notice), form, other);
    try {
      const ways = await this.#api.get("/sign-in");
      if (ways.oidc) other.append(h("a", { class: "ghost as-link", href: ways.oidc.url }, ways.oidc.label));
      if (ways.demo) other.append(h("p", { class: "hint" }, w("signIn.demo")));
    } catch {
      // Signing in by password needs none of this.
    }
  }

  async #invited() {
    const token = invitation;
    let invited;
    try {
      invited = await this.#api.post("/invites/look", { token });
    } catch (error) {
      if (error.status === 404) invitation = null;
      return this.#password(error.status === 404 ? w("invite.gone") : error.message);
    }
    const name = field(w("invite.name"), { name: "name", value: invited.name, required: true, maxlength: 40 });
    const secret = { type: "password", autocomplete: "new-password", required: true, minlength: SHORTEST_PASSWORD, maxlength: 200 };
    const password = field(w("invite.password"), { name: "password", ...secret });
    const again = field(w("invite.again"), { name: "again", ...secret });
    const login = field(w("signIn.login"), { name: "username", value: invited.login, readonly: true, autocomplete: "username" });
    const form = formOf(w("invite.go"), [login, name, password, again], async (values) => {
      if (values.password !== values.again) throw new Error(w("invite.differ"));
      try {
        const session = await this.#api.post("/invites/accept", { token, password: values.password, name: values.name });
        invitation = null;
        this.#done(session);
      } catch (error) {
        throw error.kind === "weak_password" ? new Error(named("weak", error.problem.reason)) : error;
      }
    });
    this.#frame(w("invite.title"), h("p", { class: "hint" }, w("invite.hint", { role: named("role", invited.role) })), form);
  }
}

function field(words, attributes) {
  return h("label", { class: "field" }, h("span", {}, words), h("input", attributes));
}

function formOf(action, fields, send) {
  const failure = h("p", { class: "failure", role: "alert" });
  const button = h("button", { class: "primary", type: "submit" }, action);
  const form = h("form", {}, fields, failure, button);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    failure.textContent = "";
    button.disabled = true;
    try {
      await send(Object.fromEntries(new FormData(form)));
    } catch (error) {
      failure.textContent = error.message;
    }
    button.disabled = false;
  });
  return form;
}
