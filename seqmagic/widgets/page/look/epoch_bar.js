// The slider through the epochs, with the curves above it. The kernel says which moments there are; moving the slider asks it for one.

import { element } from "../element.js";
import { gettext } from "../gettext.js";

const PATIENCE = 60; // Milliseconds in which a slider that is moved says nothing.

/**
 * @typedef {object} Moment
 * @property {string} key what the kernel calls it
 * @property {string} words
 * @property {number} x where it is on the curves, from 0 to 1
 */

/**
 * @typedef {object} Epochs
 * @property {Moment[]} stops
 * @property {string} curves markup, which comes escaped from the kernel
 * @property {string} reason why there are none, or nothing
 * @property {boolean | null} follow whether the view follows a training; null where it can't
 */

const FINENESS = 1000; // Places of the slider.

/**
 * The moment that is nearest to where the slider is.
 *
 * @param {Moment[]} stops
 * @param {number} x from 0 to 1
 */
export function nearestMoment(stops, x) {
  return stops.reduce((best, { x: there }, place) => (Math.abs(there - x) < Math.abs(stops[best].x - x) ? place : best), 0);
}

/**
 * The moment that a key leads to; undefined for a key that leads nowhere.
 *
 * @param {string} key
 * @param {number} place
 * @param {number} count
 */
export function momentAfter(key, place, count) {
  if (key === "ArrowRight" || key === "ArrowUp") return Math.min(place + 1, count - 1);
  return key === "ArrowLeft" || key === "ArrowDown" ? Math.max(place - 1, 0) : undefined;
}

/**
 * The place of a moment among all; the last where it is gone.
 *
 * @param {Moment[]} stops
 * @param {string} key
 */
export function placeOfMoment(stops, key) {
  const place = stops.findIndex((stop) => stop.key === key);
  return place < 0 ? stops.length - 1 : place;
}

/** @type {Epochs} */
export const NO_EPOCHS = { stops: [], curves: "", reason: "", follow: null };

export class EpochBar {
  /**
   * @param {Element} parent
   * @param {(what: string, value: string) => void} press
   */
  constructor(parent, press) {
    this.press = press;
    this.root = element("div", "seqmagic-look-epochs", parent);
    this.root.setAttribute("role", "group");
    this.root.setAttribute("aria-label", gettext("Epochs"));
    this.chart = element("div", "curves", this.root);
    this.line = element("div", "at", this.chart);
    this.svg = element("div", "drawn", this.chart);
    this.input = element("input", "", this.root);
    this.input.type = "range";
    this.input.min = "0";
    this.input.max = String(FINENESS);
    this.input.dataset.control = "epoch";
    this.input.setAttribute("aria-label", gettext("Epoch"));
    const row = element("div", "caption", this.root);
    this.words = element("span", "words", row);
    this.follow = element("label", "follow", row);
    this.box = element("input", "", this.follow);
    this.box.type = "checkbox";
    this.box.dataset.control = "follow";
    this.follow.append(gettext(" Follow the training"));
    this.reason = element("p", "reason", this.root);
    this.epochs = NO_EPOCHS;
    this.at = "";
    /** @type {string | undefined} The moment that was asked for, until the kernel shows it. */
    this.asked = undefined;
    this.drawn = "";
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.waiting = undefined;
    this.input.addEventListener("input", () => this.move(nearestMoment(this.epochs.stops, Number(this.input.value) / FINENESS)));
    this.input.addEventListener("keydown", (event) => {
      const { stops } = this.epochs;
      const next = momentAfter(event.key, placeOfMoment(stops, this.at), stops.length);
      if (next === undefined) return;
      event.preventDefault();
      this.move(next);
    });
    this.box.addEventListener("change", () => this.press("follow", String(this.box.checked)));
  }

  /** Go to a moment, and tell the kernel when the slider rests. @param {number} place */
  move(place) {
    const stop = this.epochs.stops[place];
    if (!stop) return;
    this.at = this.asked = stop.key;
    this.mark(stop);
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.press("epoch", stop.key), PATIENCE);
  }

  /** @param {Epochs} epochs @param {string} at the key of the moment that is shown */
  show(epochs, at) {
    if (epochs !== this.epochs || at === this.asked) this.asked = undefined;
    this.epochs = epochs;
    const { stops, curves, reason, follow } = epochs;
    this.root.hidden = !stops.length && !reason && follow === null;
    this.chart.hidden = this.input.hidden = this.words.hidden = !stops.length;
    this.reason.textContent = reason;
    this.reason.hidden = !reason;
    this.follow.hidden = follow === null;
    this.box.checked = follow === true;
    if (curves !== this.drawn) this.svg.innerHTML = this.drawn = curves;
    if (!stops.length || this.asked !== undefined) return;
    this.at = at;
    this.mark(stops[placeOfMoment(stops, at)]);
  }

  /** @param {Moment} stop */
  mark({ words, x }) {
    this.words.textContent = words;
    this.input.value = String(Math.round(FINENESS * x));
    this.input.setAttribute("aria-valuetext", words);
    this.line.style.left = `${100 * x}%`;
  }
}
