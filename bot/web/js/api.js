/** The gateway's HTTP API, as the page uses it. */

import { language, t } from "./i18n.js";

const TIMEOUT_MS = 20_000;

/** A request that failed. `message` is ready to show; `status` is 0 when no answer came at all. */
export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/**
 * One JSON request. `token` goes into the Authorization header, never into the address.
 * Throws ApiError, with the problem document's `detail` (RFC 9457) where the server sent one.
 */
export async function request(method, path, { token, body, headers = {} } = {}) {
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: {
        ...commonHeaders(token),
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch {
    throw new ApiError(0, t("error.network"));
  }
  const document = await response.json().catch(() => null);
  if (response.ok && document !== null) return document;
  const detail = typeof document?.detail === "string" ? document.detail : t("error.server");
  throw new ApiError(response.ok ? 502 : response.status, detail);
}

/** The headers that every request carries, the event stream's included. */
export function commonHeaders(token) {
  return { "Accept-Language": language(), ...(token ? { Authorization: `Bearer ${token}` } : {}) };
}

/** An idempotency key: random, and made without `randomUUID`, which plain-HTTP pages don't have. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
