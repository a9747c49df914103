// A learning rate: a logarithmic slider, and the number beside it.

import { element } from "./element.js";
import { gettext } from "./gettext.js";

const POWERS = { min: -6, max: 0, step: 0.05 };
const STANDARD = 0.001; // Where the slider stands when the number is none.

export class RateInput {
  /**
   * @param {Element} parent
   * @param {(value: string) => void} choose called with what was chosen, or written
   */
  constructor(parent, choose) {
    this.slider = element("input", "", parent);
    Object.assign(this.slider, { type: "range", ...POWERS });
    this.slider.setAttribute("aria-label", gettext("Learning rate, logarithmic"));
    this.number = element("input", "", parent);
    Object.assign(this.number, { type: "text", inputMode: "decimal", spellcheck: false });
    this.number.setAttribute("aria-label", gettext("Learning rate"));
    this.slider.addEventListener("input", () => this.write(rateAt(this.slider.valueAsNumber)));
    for (const input of this.inputs) input.addEventListener("change", () => choose(this.number.value));
  }

  get inputs() {
    return [this.slider, this.number];
  }

  /** @param {string} text the number as it is written */
  show(text) {
    this.slider.value = String(powerOf(text));
    this.write(text);
  }

  /** @param {string} text */
  write(text) {
    this.number.value = text;
    this.slider.setAttribute("aria-valuetext", text);
  }
}

/** The rate at a place of the slider, in two digits. @param {number} power */
export function rateAt(power) {
  return String(Number((10 ** power).toPrecision(2)));
}

/** The place of a rate on the slider. @param {string} text */
export function powerOf(text) {
  return Math.log10(Number(text) || STANDARD);
}
