/** Keeps the newest message in view, unless the customer has scrolled up to read. */

const NEAR_PX = 80; // this close to the end counts as being there
const MARGIN_PX = 12; // left free above an answer

export class FollowScroll {
  #scroller;
  #log;
  #jump;
  #atEnd = true;

  /** `log` holds the messages inside `scroller`; `jump` is the button that leads to a message which arrived out of view. */
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
      this.#jump.hidden = false;
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
    this.#atEnd = scrollHeight - scrollTop - clientHeight < NEAR_PX;
    if (this.#atEnd) this.#jump.hidden = true;
  }
}
