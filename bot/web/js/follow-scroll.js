/** Keeps the newest message in view, unless the customer has scrolled up to read. */

import { t } from "./i18n.js";

const NEAR_PX = 80; // this close to the end counts as being there
const MARGIN_PX = 12; // left free above an answer

export class FollowScroll {
  #scroller;
  #log;
  #jump;
  #atEnd = true;

  /** `log` holds the messages inside `scroller`; `jump` is the button that leads back to the newest message. */
  constructor(scroller, log, jump) {
    this.#scroller = scroller;
    this.#log = log;
    this.#jump = jump;
    jump.addEventListener("click", () => this.toEnd());
    scroller.addEventListener("scroll", () => this.#note(), { passive: true });
    // An on-screen keyboard or a growing input field must not hide the end.
    new ResizeObserver(() => this.#atEnd && this.#log.hasChildNodes() && this.toEnd()).observe(scroller);
  }

  /** After new messages were drawn: `added` their elements, in order. */
  follow(added) {
    const own = added.some((element) => element.dataset.author === "customer");
    if (own || this.#atEnd) {
      this.#reveal(added.at(-1));
    } else if (added.length) {
      this.#offerJump("chat.jump");
    }
  }

  /** To the very end. */
  toEnd() {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  /** The end, but of an answer taller than the view its beginning, under the question if that is short. */
  #reveal(answer) {
    if (!answer) return this.toEnd();
    const question = answer.previousElementSibling;
    const short = question?.dataset.author === "customer" && question.offsetHeight < this.#scroller.clientHeight / 5;
    const top = (short ? question : answer).getBoundingClientRect().top - this.#scroller.getBoundingClientRect().top;
    const end = this.#scroller.scrollHeight - this.#scroller.clientHeight;
    this.#scroller.scrollTop = Math.min(end, this.#scroller.scrollTop + top - MARGIN_PX);
  }

  #note() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    const below = scrollHeight - scrollTop - clientHeight;
    this.#atEnd = below < NEAR_PX;
    if (this.#atEnd) this.#jump.hidden = true;
    else if (below > clientHeight && this.#jump.hidden) this.#offerJump("chat.latest");
  }

  #offerJump(words) {
    this.#jump.dataset.i18n = words;
    this.#jump.textContent = t(words);
    this.#jump.hidden = false;
  }
}
