/** The desk's HTTP API. The session is a cookie that this page never sees; the CSRF token is kept in memory only. */

import { ApiError, commonHeaders } from "../api.js";
import { t } from "../i18n.js";

const TIMEOUT_MS = 20_000;
const SAFE = ["GET", "HEAD"];
const BEFORE_SIGN_IN = "desk"; // proves "not a form" where there is no session yet

/** A refusal. `kind` is the problem's kind with underscores, `problem` the whole document ({} without one). */
export class DeskError extends ApiError {
  constructor(status, message, problem = {}) {
    super(status, message);
    this.problem = problem;
    this.kind = String(problem.type ?? "").split(":").at(-1).replaceAll("-", "_");
  }
}

/** Calls under /api/desk. Dispatches `signedout` when the session has ended. */
export class DeskApi extends EventTarget {
  csrf = BEFORE_SIGN_IN;

  get = (path, query) => this.#call("GET", path + asQuery(query));
  post = (path, body, headers) => this.#call("POST", path, body, headers);
  put = (path, body) => this.#call("PUT", path, body);
  patch = (path, body) => this.#call("PATCH", path, body);
  delete = (path) => this.#call("DELETE", path);

  /** A call that outlives the page, whose answer nobody waits for. */
  leave(method, path) {
    fetch(`/api/desk${path}`, { method, headers: this.#headers(method), keepalive: true }).catch(() => {});
  }

  /** Forgets the session's token. */
  forget() {
    this.csrf = BEFORE_SIGN_IN;
  }

  #headers(method) {
    return { ...commonHeaders(), ...(SAFE.includes(method) ? {} : { "X-CSRF-Token": this.csrf }) };
  }

  async #call(method, path, body, headers = {}) {
    let response, text;
    try {
      response = await fetch(`/api/desk${path}`, {
        method,
        headers: {
          ...this.#headers(method),
          ...(body === undefined ? {} : { "Content-Type": "application/json" }),
          ...headers,
        },
        body: body === undefined ? undefined : JSON.stringify(body),
        cache: "no-store",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      text = await response.text();
    } catch {
      throw new DeskError(0, t("error.network"));
    }
    if (response.status === 204) return null;
    const document = parsed(text);
    if (response.ok && document !== null) return document;
    const words = typeof document?.detail === "string" ? document.detail : t("error.server");
    const error = new DeskError(response.ok ? 502 : response.status, words, document ?? {});
    if (error.kind === "desk_signed_out") this.dispatchEvent(new Event("signedout"));
    throw error;
  }
}

/** `?a=1&b=2`, without what is empty; "" for nothing. */
export function asQuery(values = {}) {
  const known = Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return known.length ? `?${new URLSearchParams(known)}` : "";
}

/** The path of a chat's part. */
export function chatPath(id, part = "") {
  return `/chats/${encodeURIComponent(id)}${part && `/${part}`}`;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
