/** The customer's pictures: fetched with the session's token, shown by blob URLs, given back when done. */

import { h, icon } from "./dom.js";
import { t } from "./i18n.js";

const CROSS = "M6 6l12 12M18 6 6 18";

/** Blob URLs of one conversation's pictures. */
export class Pictures {
  #fetch;
  #urls = new Map(); // id → promise of a blob URL
  #closed = false;

  /** `fetch(id)` resolves to the picture as a Blob. */
  constructor(fetch) {
    this.#fetch = fetch;
  }

  /** The address of a picture's pixels on this page. Throws ApiError; asking again tries again. */
  url(id) {
    if (!this.#urls.has(id)) {
      const made = this.#fetch(id).then((blob) => {
        const url = URL.createObjectURL(blob);
        if (this.#closed) URL.revokeObjectURL(url);
        return url;
      });
      made.catch(() => this.#urls.delete(id));
      this.#urls.set(id, made);
    }
    return this.#urls.get(id);
  }

  /** Uses what this device has already, instead of fetching it again. */
  adopt(id, blob) {
    this.#urls.set(id, Promise.resolve(URL.createObjectURL(blob)));
  }

  /** Gives everything back. */
  close() {
    this.#closed = true;
    for (const made of this.#urls.values()) made.then(URL.revokeObjectURL, () => {});
    this.#urls.clear();
  }
}

/** A picture in a message, opened large with a press. */
export function thumbnail({ id, width, height }, pictures) {
  const image = h("img", { alt: t("picture.alt"), width, height });
  const button = h(
    "button",
    { type: "button", class: "thumbnail", "data-testid": "thumbnail", "aria-label": t("picture.open") },
    image,
  );
  const load = async () => {
    button.classList.remove("missing");
    try {
      image.src = await pictures.url(id);
    } catch {
      button.classList.add("missing");
    }
  };
  button.addEventListener("click", () => (image.src ? enlarge(image.src, button) : load()));
  load();
  return button;
}

function enlarge(url, opener) {
  const close = () => viewer.close();
  const viewer = h(
    "dialog",
    { class: "viewer", "data-testid": "viewer", "aria-label": t("picture.alt") },
    h("button", { type: "button", class: "round", "aria-label": t("close"), onclick: close }, icon(CROSS)),
    h("img", { src: url, alt: t("picture.alt"), onclick: close }),
  );
  viewer.addEventListener("close", () => {
    viewer.remove();
    opener.focus();
  });
  opener.closest("support-chat").append(viewer);
  viewer.showModal();
}
