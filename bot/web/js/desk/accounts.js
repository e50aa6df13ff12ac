/** Accounts and invitations, for admins. */

import { h } from "../dom.js";
import { moment } from "../format.js";
import { ask, show } from "./dialogs.js";
import { Page, table } from "./page.js";
import { named, w } from "./words.js";

const ROLES = ["agent", "lead", "admin"];

export class AccountsView extends Page {
  #body = h("div", { class: "report" });

  constructor(desk) {
    super(desk, "accounts");
    const invite = h("button", { type: "button", class: "primary small", "data-testid": "invite", onclick: () => this.#invite() }, w("accounts.invite"));
    this.element.append(h("div", { class: "filters" }, invite), this.status, this.#body);
  }

  shown() {
    return this.loading(async () => {
      const { accounts, invites } = await this.desk.api.get("/accounts");
      this.#body.replaceChildren(
        table(w("nav.accounts"), ["name", "login", "role", "state", "seen", "actions"].map((name) => w(`accounts.${name}`)), accounts.map((each) => this.#account(each))),
        h("h3", {}, w("accounts.invites")),
        invites.length
          ? table(w("accounts.invites"), ["name", "login", "role", "until", "actions"].map((name) => w(`accounts.${name}`)), invites.map((each) => this.#pending(each)))
          : h("p", { class: "hint" }, w("accounts.noInvites")),
      );
    });
  }

  #account(account) {
    const path = `/accounts/${encodeURIComponent(account.id)}`;
    const roles = h(
      "select",
      { "aria-label": w("accounts.roleOf", { name: account.name }), onchange: ({ target }) => this.#does(() => this.desk.api.patch(path, { role: target.value })) },
      ROLES.map((role) => h("option", { value: role, selected: role === account.role }, named("role", role))),
    );
    const button = (key, act) => h("button", { type: "button", class: "link", "aria-label": `${w(key)}: ${account.name}`, onclick: act }, w(key));
    return [
      account.name,
      account.login,
      roles,
      w(account.active ? "accounts.active" : "accounts.inactive"),
      account.last_seen_at && moment(account.last_seen_at),
      h(
        "span",
        { class: "cell-actions" },
        button(account.active ? "accounts.deactivate" : "accounts.activate", () => this.#does(() => this.desk.api.patch(path, { active: !account.active }))),
        button("accounts.signOut", () => this.#does(() => this.desk.api.post(`${path}/sign-out`))),
        button("accounts.reset", () => this.#does(async () => this.#link(await this.desk.api.post(`${path}/reset`)))),
      ),
    ];
  }

  #pending(invite) {
    const path = `/invites/${encodeURIComponent(invite.id)}`;
    const withdraw = h("button", { type: "button", class: "link", "aria-label": `${w("accounts.withdraw")}: ${invite.name}`, onclick: () => this.#does(() => this.desk.api.delete(path)) }, w("accounts.withdraw"));
    return [invite.name, invite.login, named("role", invite.role), moment(invite.expires_at), withdraw];
  }

  async #invite() {
    let made = null;
    await ask({
      title: w("accounts.invite"),
      fields: [
        { name: "login", label: w("accounts.login"), required: true, maxlength: 100, autocomplete: "off" },
        { name: "name", label: w("accounts.name"), required: true, maxlength: 40 },
        { name: "role", label: w("accounts.role"), kind: "select", options: ROLES.map((role) => [role, named("role", role)]) },
      ],
      action: w("accounts.invite"),
      send: async (values) => (made = await this.desk.api.post("/invites", values)),
    });
    if (!made) return;
    await this.#link(made);
    this.shown();
  }

  /** A one-time link is shown this once. */
  #link({ link, expires_at }) {
    const copy = h("button", { type: "button", class: "ghost small", onclick: () => navigator.clipboard?.writeText(link) }, w("accounts.copy"));
    return show(w("accounts.link"), h("p", {}, w("accounts.linkHint", { time: moment(expires_at) })), h("input", { class: "one-time", readonly: true, value: link, "aria-label": w("accounts.link"), "data-testid": "link", onfocus: ({ target }) => target.select() }), copy);
  }

  async #does(act) {
    try {
      await act();
    } catch (error) {
      this.desk.say(error.message);
    }
    this.shown();
  }
}
