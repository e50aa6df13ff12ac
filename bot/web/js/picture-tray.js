/**
 * `<picture-tray>`: screenshots that are about to be sent: uploaded at once, each with its progress, to be
 * called off or tried again. Dispatches `change`, and `problem` (detail: a sentence).
 */

import { newKey } from "./api.js";
import { h, icon } from "./dom.js";
import { t } from "./i18n.js";

const MOST = 4; // in one message
const MAX_BYTES = 10 * 1024 * 1024;
// By name or declared type, to spare a useless upload; the server looks at the content.
const KINDS = /^image\/(png|jpeg|webp|hei[cf])$/;
const NAMES = /\.hei[cf]$/i;
const CROSS = "M7 7l10 10M17 7 7 17";

class PictureTray extends HTMLElement {
  /** How a file gets to the server: `upload(file, {key, onProgress, signal})` resolves to `{id, …}`. */
  upload = null;
  #items = [];

  connectedCallback() {
    window.addEventListener("online", () => this.#items.filter((item) => item.auto).forEach((item) => this.#send(item)));
  }

  get empty() {
    return this.#items.length === 0;
  }

  /** Whether every picture has arrived. */
  get ready() {
    return this.#items.every(({ picture }) => picture);
  }

  /** Takes files from a picker, a drop or the clipboard. */
  add(files) {
    for (const file of files) {
      if (!KINDS.test(file.type) && !NAMES.test(file.name)) this.#tell("problem", t("picture.kind"));
      else if (file.size > MAX_BYTES) this.#tell("problem", t("picture.large"));
      else if (this.#items.length === MOST) this.#tell("problem", t("picture.many", { count: MOST }));
      else this.#take(file);
    }
  }

  /** Hands over the pictures, `[{id, width, height, file}]`, and is empty. */
  release() {
    const released = this.#items.map(({ picture, file }) => ({ ...picture, file }));
    this.clear();
    return released;
  }

  /** Calls off and forgets everything. */
  clear() {
    for (const item of [...this.#items]) this.#remove(item);
  }

  #take(file) {
    const item = { key: newKey(), file, url: URL.createObjectURL(file), picture: null, abort: null, auto: false };
    item.bar = h("progress", { max: 1, value: 0, "aria-label": t("picture.sending", { name: file.name }) });
    item.retry = h("button", { type: "button", class: "link", hidden: true, onclick: () => this.#send(item) }, t("state.retry"));
    const image = h("img", { src: item.url, alt: "" });
    image.addEventListener("error", () => image.remove()); // not every browser can draw HEIC
    const cancel = { type: "button", class: "round", "aria-label": t("picture.remove", { name: file.name }) };
    item.element = h(
      "div",
      { class: "tray-item", role: "group", "aria-label": file.name, "data-testid": "tray-item" },
      image,
      item.bar,
      item.retry,
      h("button", { ...cancel, onclick: () => this.#remove(item) }, icon(CROSS)),
    );
    this.#items.push(item);
    this.append(item.element);
    this.#send(item);
  }

  async #send(item) {
    item.abort = new AbortController();
    item.auto = false;
    this.#show(item, "sending");
    try {
      item.picture = await this.upload(item.file, {
        key: item.key,
        signal: item.abort.signal,
        onProgress: (share) => (item.bar.value = share),
      });
      this.#show(item, "ready");
    } catch (error) {
      if (item.abort.signal.aborted) return;
      item.auto = Boolean(error.passing);
      this.#show(item, "failed");
      this.#tell("problem", error.message);
    }
  }

  #show(item, state) {
    item.element.dataset.state = state;
    item.bar.hidden = state !== "sending";
    item.retry.hidden = state !== "failed";
    this.#tell("change");
  }

  #remove(item) {
    item.abort?.abort();
    URL.revokeObjectURL(item.url);
    item.element.remove();
    this.#items = this.#items.filter((each) => each !== item);
    this.#tell("change");
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

customElements.define("picture-tray", PictureTray);
