/** `<handoff-status>`: who one talks to, and how far it is with bringing in a person. Dispatches `cancel`. */

import { h } from "./dom.js";
import { moment } from "./format.js";
import { t } from "./i18n.js";

const CANCELLED = ["queued", "parked", "closed_hours"]; // modes in which the customer can think better of it

class HandoffStatus extends HTMLElement {
  #shown = "";

  /** `status`: the gateway's hand-off status. */
  show(status) {
    const words = sentence(status);
    if (words === this.#shown) return; // nothing to be read out again
    this.#shown = words;
    const cancel = () => this.dispatchEvent(new Event("cancel"));
    const button = { type: "button", class: "link", "data-testid": "handoff-cancel", onclick: cancel };
    this.dataset.mode = status.mode;
    this.replaceChildren(
      h("p", { role: "status" }, words),
      ...(CANCELLED.includes(status.mode) ? [h("button", button, t("human.cancel"))] : []),
    );
  }
}

function sentence({ mode, position, wait_minutes: wait, agent, opens_at: opens }) {
  if (mode === "assigned") return agent?.name ? t("human.assigned", { name: agent.name }) : t("handoff.assigned");
  if (mode === "parked") return t("human.parked");
  if (mode === "closed_hours") return opens ? t("human.opens", { time: moment(opens) }) : t("human.closed");
  if (mode !== "queued") return t("human.bot");
  const place = position > 1 ? t("human.ahead", { count: position - 1 }) : t(position === 1 ? "human.next" : "human.queued");
  const time = wait ? t("human.wait", { count: wait }) : t("human.waitUnknown");
  return `${place}${t("human.stop")}${time}`;
}

customElements.define("handoff-status", HandoffStatus);
