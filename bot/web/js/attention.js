/** Calls the customer back to a hidden tab: the title says so, and a sound if they have asked for it. */

import { t } from "./i18n.js";

const STORED = "imwallet.sound"; // a preference, not personal data: localStorage is fine
const BLINK_MS = 1_500;

class Attention {
  #title = null;
  #timer = 0;
  #sound = false;

  constructor() {
    try {
      this.#sound = localStorage.getItem(STORED) === "on";
    } catch {
      // Storage may be forbidden: silence then.
    }
    document.addEventListener("visibilitychange", () => document.hidden || this.#calm());
  }

  /** Whether news make a sound. */
  get sound() {
    return this.#sound;
  }

  set sound(on) {
    this.#sound = on;
    try {
      localStorage.setItem(STORED, on ? "on" : "off");
    } catch {
      // The choice then lasts as long as the page.
    }
    if (on) beep();
  }

  /** Something new has come in. */
  call() {
    if (this.#sound) beep();
    if (!document.hidden || this.#title !== null) return;
    this.#title = document.title;
    const blink = () => (document.title = document.title === this.#title ? t("chat.news") : this.#title);
    blink();
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches) this.#timer = setInterval(blink, BLINK_MS);
  }

  #calm() {
    if (this.#title === null) return;
    clearInterval(this.#timer);
    document.title = this.#title;
    this.#title = null;
  }
}

/** The page's one title, and its one sound. */
export const attention = new Attention();

/** Two soft notes. */
function beep() {
  const audio = new AudioContext();
  const notes = [660, 880].map((pitch, index) => {
    const volume = new GainNode(audio, { gain: 0 });
    const note = new OscillatorNode(audio, { frequency: pitch });
    const start = audio.currentTime + index * 0.12;
    volume.gain.setValueAtTime(0.08, start);
    volume.gain.exponentialRampToValueAtTime(0.001, start + 0.2);
    note.connect(volume).connect(audio.destination);
    note.start(start);
    note.stop(start + 0.2);
    return note;
  });
  notes.at(-1).onended = () => audio.close();
}
