/**
 * Server-sent events over fetch. The browser's own EventSource can't send an Authorization
 * header, and a token in the address would end up in logs and history.
 */

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 15_000;
const SILENCE_MS = 45_000; // the gateway's heartbeat comes far more often: silence means a dead line

/** Turns the text of an event stream, in pieces of any size, into `{event, data, id}` objects. */
export class EventParser {
  #rest = "";
  #event = "";
  #data = [];
  #id = null;

  /** The events completed by this piece of text. `id` is null for an event without one. */
  push(text) {
    // A CR that ends a piece may be half of a CRLF: wait for what follows.
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop();
    const events = [];
    for (const line of lines) {
      if (line === "") {
        if (this.#data.length) events.push({ event: this.#event || "message", data: this.#data.join("\n"), id: this.#id });
        this.#event = "";
        this.#data = [];
        this.#id = null;
      } else if (!line.startsWith(":")) {
        this.#field(line);
      }
    }
    return events;
  }

  #field(line) {
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "event") this.#event = value;
    else if (name === "data") this.#data.push(value);
    else if (name === "id") this.#id = value;
  }
}

/**
 * A stream that stays open: reconnects with growing delays and asks for what came after the
 * last event seen. Dispatches `event` (detail `{event, data, id}`), `open`, `lost`, and `refused`
 * (detail: HTTP status) when the server says no and trying again is no use.
 */
export class EventStream extends EventTarget {
  #path;
  #headers;
  #lastId;
  #closed = false;
  #abort = null;
  #wake = null;
  #heard = 0; // when the line last gave a sign of life
  #onReachable = () => {
    // Timers stand still while a device sleeps: what looks open may be long dead.
    if (Date.now() - this.#heard > SILENCE_MS) this.#abort?.abort();
    this.#wake?.();
  };
  #onOffline = () => this.#abort?.abort();

  /** `headers` is a function, called at each connection; `lastId` is the last event already known. */
  constructor(path, headers, lastId = null) {
    super();
    this.#path = path;
    this.#headers = headers;
    this.#lastId = lastId;
    window.addEventListener("online", this.#onReachable);
    window.addEventListener("offline", this.#onOffline);
    document.addEventListener("visibilitychange", this.#onReachable);
    this.#run();
  }

  /** Ends the stream for good. */
  close() {
    this.#closed = true;
    this.#abort?.abort();
    this.#wake?.();
    window.removeEventListener("online", this.#onReachable);
    window.removeEventListener("offline", this.#onOffline);
    document.removeEventListener("visibilitychange", this.#onReachable);
  }

  async #run() {
    let delay = FIRST_DELAY_MS;
    while (!this.#closed) {
      try {
        const response = await this.#connect();
        if ([401, 403, 404].includes(response.status)) {
          this.#dispatch("refused", response.status);
          return this.close();
        }
        if (response.ok && response.body) {
          delay = FIRST_DELAY_MS;
          this.#dispatch("open");
          await this.#read(response.body);
        }
      } catch {
        // A dropped connection is ordinary here: wait and connect again.
      }
      if (this.#closed) return;
      this.#dispatch("lost");
      await this.#pause(delay * (0.75 + Math.random() / 2));
      delay = Math.min(delay * 2, LONGEST_DELAY_MS);
    }
  }

  #connect() {
    this.#abort = new AbortController();
    this.#heard = Date.now();
    return fetch(this.#path, {
      headers: {
        Accept: "text/event-stream",
        ...this.#headers(),
        ...(this.#lastId === null ? {} : { "Last-Event-ID": String(this.#lastId) }),
      },
      cache: "no-store",
      signal: this.#abort.signal,
    });
  }

  async #read(body) {
    const parser = new EventParser();
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    const abort = this.#abort;
    for (;;) {
      const silence = setTimeout(() => abort.abort(), SILENCE_MS);
      const { done, value } = await reader.read().finally(() => clearTimeout(silence));
      if (done) return;
      this.#heard = Date.now();
      for (const event of parser.push(value)) {
        if (event.id !== null) this.#lastId = event.id;
        this.#dispatch("event", event);
      }
    }
  }

  #pause(ms) {
    return new Promise((resolve) => {
      this.#wake = resolve;
      setTimeout(resolve, ms);
    });
  }

  #dispatch(type, detail) {
    if (!this.#closed) this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
