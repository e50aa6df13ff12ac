/**
 * Who is talking to support in this tab, and which conversation is open. Kept in memory and in
 * sessionStorage, so that a reload goes on and a closed tab forgets; never in the address or in
 * localStorage.
 */

import { request } from "./api.js";

const STORED = "imwallet.session";

export class Session {
  token = null;
  customer = null; // {id, name}, or null for a visitor who is not signed in
  language = null;
  conversation = null; // id of the open conversation
  #ended = false;

  /** What this tab had before a reload, else a session that has not begun. */
  static restore() {
    const session = new Session();
    try {
      const { token, customer, language, conversation } = JSON.parse(sessionStorage.getItem(STORED)) ?? {};
      if (token) Object.assign(session, { token, customer, language, conversation });
    } catch {
      // Nothing usable was kept: start as a visitor.
    }
    return session;
  }

  /** Gets a token for `{}` (a visitor), `{demo_customer}` or `{token}`. Throws ApiError. */
  async start(credentials) {
    const answer = await request("POST", "/api/session", { body: credentials });
    this.token = answer.access_token;
    this.customer = answer.customer;
    this.language = answer.language;
    this.openConversation(null);
  }

  /** Remembers which conversation is open; null = none yet. */
  openConversation(id) {
    this.conversation = id;
    if (this.#ended) return; // a late answer must not bring back who has signed out
    const { token, customer, language, conversation } = this;
    try {
      sessionStorage.setItem(STORED, JSON.stringify({ token, customer, language, conversation }));
    } catch {
      // Without storage the conversation simply does not outlive a reload.
    }
  }

  /** Another session takes over: this one keeps nothing from now on. */
  end() {
    this.#ended = true;
  }

  /** Ends the session and removes every trace of it from this device. */
  forget() {
    this.end();
    try {
      sessionStorage.removeItem(STORED);
    } catch {
      // Then nothing was kept either.
    }
  }
}
