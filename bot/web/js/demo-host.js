/** The demo's host page: a form that gives the widget its options, and a list of what the widget reports. */

import { request } from "./api.js";
import { h } from "./dom.js";

const support = window.IMWalletSupport;
const form = document.querySelector("#options");
const events = document.querySelector("#events");
const LONGEST = 50; // events shown

function options() {
  const { customer, side, bottom, ...rest } = Object.fromEntries(new FormData(form));
  return { ...rest, side: Number(side), bottom: Number(bottom) };
}

function line() {
  const usual = { color: "#1b56d1", position: "right", side: 20, bottom: 20, scheme: "auto", language: "", logo: "" };
  const changed = Object.entries(options()).filter(([name, value]) => value !== usual[name]);
  const data = changed.map(([name, value]) => ` data-${name}="${value}"`).join("");
  return `<script src="${location.origin}/widget.js"${data}></script>`;
}

function show() {
  document.querySelector("#line").textContent = line();
}

function begin() {
  support.init(options());
  for (const name of ["ready", "open", "close", "unread", "message", "error"])
    support.on(name, (detail) => {
      events.prepend(h("li", {}, `${name}${detail ? ` ${JSON.stringify(detail)}` : ""}`));
      if (events.children.length > LONGEST) events.lastChild.remove();
    });
}

/** A shop would pass the token that the wallet's back end signed; a demo customer needs only a name. */
function signIn() {
  const id = form.elements.customer.value;
  if (id) support.setUser({ demo_customer: id });
  else support.signOut();
}

form.addEventListener("input", ({ target }) => {
  if (target.name === "customer") return signIn();
  support.init(options());
  show();
});
form.addEventListener("submit", (event) => event.preventDefault());
for (const button of document.querySelectorAll("[data-call]"))
  button.addEventListener("click", () => (button.dataset.call === "init" ? begin() : support[button.dataset.call]()));

begin();
show();
for (const { id, name, story } of await request("GET", "/api/demo/customers"))
  form.elements.customer.append(h("option", { value: id }, `${name} · ${story}`));
