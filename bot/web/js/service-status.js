/**
 * How the service is doing: `<known-incidents>` shows what disturbs payments now, and nothing when all
 * is well or nobody can say; `<contact-channels>` where else to turn, and who is there. Asked again
 * each minute while somebody looks.
 */

import { request } from "./api.js";
import { h } from "./dom.js";
import { moment } from "./format.js";
import { language, languageChanges, t } from "./i18n.js";

const EVERY_MS = 60_000;

class Asked extends HTMLElement {
  #answer = null;

  connectedCallback() {
    languageChanges.addEventListener("change", () => this.#answer && this.draw(this.#answer));
    setInterval(() => document.hidden || this.#ask(), EVERY_MS);
    document.addEventListener("visibilitychange", () => document.hidden || this.#ask());
    this.#ask();
  }

  async #ask() {
    let answer;
    try {
      answer = await request("GET", this.address);
    } catch {
      return; // what was known last is better than nothing
    }
    if (JSON.stringify(answer) === JSON.stringify(this.#answer)) return;
    this.#answer = answer;
    this.draw(answer);
  }
}

class KnownIncidents extends Asked {
  address = "/api/incidents";

  draw({ incidents }) {
    this.hidden = incidents.length === 0;
    const [first] = incidents;
    if (!first) return this.replaceChildren();
    const title = h("strong", {}, t("incidents.title"), incidents.length > 1 && ` (${incidents.length})`);
    const summary = h("summary", {}, title, h("span", { class: "incident-first" }, first.what[language()]));
    this.replaceChildren(h("details", {}, summary, h("ul", {}, incidents.map(incident))));
  }
}

function incident({ what, since, expected_end: end }) {
  const times = [t("incidents.since", { time: moment(since) }), end && t("incidents.until", { time: moment(end) })];
  return h("li", {}, what[language()], h("span", { class: "incident-times" }, times.filter(Boolean).join(" · ")));
}

class ContactChannels extends Asked {
  address = "/api/contacts";

  draw({ channels }) {
    this.hidden = channels.length === 0;
    this.replaceChildren(h("h2", {}, t("contacts.title")), h("dl", {}, channels.map(channel)));
  }
}

function channel({ kind, text, open_now: open }) {
  const state = open === null ? null : open ? "open" : "closed";
  return h(
    "div",
    {},
    h("dt", {}, t(`contacts.${kind}`) ?? kind, state && h("span", { class: `badge ${state}` }, t(`contacts.${state}`))),
    h("dd", {}, text[language()]),
  );
}

customElements.define("known-incidents", KnownIncidents);
customElements.define("contact-channels", ContactChannels);
