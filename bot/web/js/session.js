/**
 * Who is talking to support in this tab, and which conversation is open. Kept in memory and in
 * sessionStorage, so that a reload goes on and a closed tab forgets; never in the address or in
 * localStorage. Dispatches `ended` when it was signed out in a copy of this tab.
 */

import { newKey, request } from "./api.js";
import { keep, recall } from "./kept.js";

const EARLY_MS = 120_000; // renewed this long before the token expires
const SOONEST_MS = 5_000; // a device whose clock is wrong must not renew without end

// A duplicated tab shares its session: signed out in one, it is signed out in all.
const tabs = globalThis.BroadcastChannel ? new BroadcastChannel("imwallet.session") : null;

export class Session extends EventTarget {
  token = null;
  customer = null; // {id, name}, or null for a visitor who is not signed in
  language = null;
  conversation = null; // id of the open conversation
  #expires = null; // ISO
  #name = newKey(); // tells this session from others among tabs; worth nothing to the server
  #ended = false;
  #renewing = null;
  #timer = 0;
  #onTabs = ({ data }) => {
    if (data !== this.#name || this.#ended) return;
    this.#close();
    this.dispatchEvent(new Event("ended"));
  };

  constructor() {
    super();
    tabs?.addEventListener("message", this.#onTabs);
  }

  /** What this tab had before a reload, else a session that has not begun. */
  static restore() {
    const session = new Session();
    const { token, customer, language, conversation, expires, name } = recall("session") ?? {};
    if (!token) return session;
    Object.assign(session, { token, customer, language, conversation });
    session.#expires = expires;
    session.#name = name ?? session.#name;
    session.#plan();
    return session;
  }

  /** Gets a token for `{}` (a visitor), `{demo_customer}` or `{token}`. Throws ApiError. */
  async start(credentials) {
    this.#take(await request("POST", "/api/session", { body: credentials }));
    this.openConversation(null);
  }

  /** A request of this session; an access token that ran out is renewed, once. Throws ApiError. */
  async request(method, path, options = {}) {
    try {
      return await request(method, path, { ...options, token: this.token });
    } catch (error) {
      if (error.status !== 401) throw error;
      await this.renew();
      return request(method, path, { ...options, token: this.token });
    }
  }

  /** Gets a fresh token. Throws ApiError, with status 401 when the session is over for good. */
  renew() {
    this.#renewing ??= request("POST", "/api/session/renew", { token: this.token })
      .then((answer) => this.#take(answer))
      .finally(() => (this.#renewing = null));
    return this.#renewing;
  }

  /** Remembers which conversation is open; null = none yet. */
  openConversation(id) {
    this.conversation = id;
    this.#save();
  }

  /** Ends the session here, on the server and in copies of this tab: another one takes over. */
  end() {
    if (this.#ended) return;
    this.#close();
    tabs?.postMessage(this.#name);
    // Without a network the token is gone from here all the same, and expires soon.
    if (this.token) request("POST", "/api/session/end", { token: this.token }).catch(() => {});
  }

  /** Ends the session and removes every trace of it from this device. */
  forget() {
    this.end();
    keep("session", null);
    keep("draft", null);
  }

  #close() {
    this.#ended = true; // a late answer must not bring back who has signed out
    clearTimeout(this.#timer);
    tabs?.removeEventListener("message", this.#onTabs);
    keep("outbox", null);
    keep("rated", null);
  }

  #take({ access_token, expires_at, customer, language }) {
    this.token = access_token;
    this.customer = customer;
    this.language = language;
    this.#expires = expires_at;
    this.#save();
    this.#plan();
  }

  /** A renewal well before the token expires. A device that slept meanwhile may come too late for it. */
  #plan() {
    clearTimeout(this.#timer);
    if (this.#ended) return;
    const wait = Math.max(SOONEST_MS, new Date(this.#expires) - Date.now() - EARLY_MS);
    this.#timer = setTimeout(() => this.renew().catch(({ passing }) => passing && this.#plan()), wait || SOONEST_MS);
  }

  #save() {
    if (this.#ended) return;
    const { token, customer, language, conversation } = this;
    keep("session", { token, customer, language, conversation, expires: this.#expires, name: this.#name });
  }
}
