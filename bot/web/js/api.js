/** The gateway's HTTP API, as the page uses it. */

import { language, t } from "./i18n.js";

const TIMEOUT_MS = 20_000;
const UPLOAD_TIMEOUT_MS = 120_000;

/** A request that failed. `message` is ready to show; `status` is 0 when no answer came at all. */
export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }

  /** Whether the same request may well succeed a little later. */
  get passing() {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

/**
 * One request: a JSON body out; JSON back, or the `blob` or nothing (204) that was asked for. `token` goes
 * into the Authorization header, never into the address. Throws ApiError, with the problem document's
 * `detail` (RFC 9457) where the server sent one.
 */
export async function request(method, path, { token, body, headers = {}, as = "json" } = {}) {
  let response, content;
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
    if (response.status === 204) return null;
    content = response.ok && as === "blob" ? await response.blob() : await response.text();
  } catch {
    throw new ApiError(0, t("error.network"));
  }
  if (content instanceof Blob) return content;
  const document = parsed(content);
  if (response.ok && document !== null) return document;
  throw refusal(response.ok ? 502 : response.status, document);
}

/**
 * Uploads one file as the form field `file`. `onProgress` hears the share sent, 0 to 1; `signal` calls it off,
 * and the promise then stays open. Throws ApiError. XMLHttpRequest, because fetch tells no progress.
 */
export function upload(path, file, { token, key, onProgress, signal }) {
  return new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest();
    sending.open("POST", path);
    sending.timeout = UPLOAD_TIMEOUT_MS;
    const headers = { ...commonHeaders(token), "Idempotency-Key": key };
    for (const [name, value] of Object.entries(headers)) sending.setRequestHeader(name, value);
    sending.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0);
    sending.onload = () => {
      const document = parsed(sending.responseText);
      if (sending.status === 201 && document) resolve(document);
      else reject(refusal(sending.status, document));
    };
    sending.onerror = sending.ontimeout = () => reject(new ApiError(0, t("error.network")));
    signal.addEventListener("abort", () => sending.abort());
    const form = new FormData();
    form.append("file", file);
    sending.send(form);
  });
}

/** The headers that every request carries, the event stream's included. */
export function commonHeaders(token) {
  return { "Accept-Language": language(), ...(token ? { Authorization: `Bearer ${token}` } : {}) };
}

/** An idempotency key: random, and made without `randomUUID`, which plain-HTTP pages don't have. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function refusal(status, document) {
  return new ApiError(status, typeof document?.detail === "string" ? document.detail : t("error.server"));
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
