// One chart: the loss, or one metric. Training and validation share it, earlier runs stand faint behind.

import { element } from "../element.js";
import { gettext } from "../gettext.js";
import { curvesOf } from "./curves.js";
import { drawChart } from "./drawing.js";
import { followKeys, followPointer } from "./events.js";
import { layOut } from "./layout.js";
import { describe, keyOf, nameOf, outsideOf, placeOf, reading } from "./words.js";

/**
 * @typedef {import("./curves.js").Curve} Curve
 * @typedef {import("./curves.js").Style} Style
 */

export class Chart {
  /**
   * @param {string} group the metric
   * @param {Element} parent
   * @param {import("../run/store.js").Store} store
   * @param {(text: string) => void} say lets a screen reader say something
   */
  constructor(group, parent, store, say) {
    this.group = group;
    this.store = store;
    this.say = say;
    this.size = { width: 0, height: 0 };
    /** @type {Style | null} */
    this.style = null;
    /** What was drawn last. @type {import("./layout.js").Layout | null} */
    this.layout = null;
    this.figure = element("figure", "seqmagic-chart", parent);
    const caption = element("figcaption", "", this.figure);
    const title = element("div", "", caption);
    element("b", "", title, group);
    this.place = element("span", "", title);
    this.key = element("span", "seqmagic-key", caption);
    this.keyText = "";
    this.canvas = element("canvas", "", this.figure);
    // Not an image: a screen reader would keep the arrow keys to itself.
    this.canvas.setAttribute("role", "application");
    this.canvas.setAttribute("aria-roledescription", gettext("chart"));
    this.canvas.tabIndex = 0;
    followPointer(this);
    followKeys(this);
  }

  /** What is drawn here, from back to front. */
  curves() {
    return this.style ? curvesOf(this.group, this.store, this.style) : [];
  }

  /** How many epochs there are to see. */
  epochs() {
    return Math.max(1, this.store.header?.epochs ?? 1);
  }

  /** The part of the run that is shown; not what was drawn last, for keys may come faster. @returns {[number, number]} */
  span() {
    return this.store.zoom || [0, this.epochs()];
  }

  /** @param {Style} style */
  measure(style) {
    this.style = style;
    this.size = { width: this.canvas.clientWidth, height: this.canvas.clientHeight };
  }

  draw() {
    const { store, group, style, size } = this;
    const context = this.canvas.getContext("2d");
    if (!size.width || !size.height || !style || !store.header || !context) return;
    this.prepare(context);
    const curves = this.curves();
    const layout = (this.layout = layOut(curves, this.span(), size, store.look.log));
    drawChart(context, { group, curves, layout, style, store });
    const outside = outsideOf(curves, layout);
    this.place.textContent = placeOf(group, store.header, store.cursor, { isForcedLinear: store.look.log && !layout.log, outside });
    this.showKey(keyOf(group, curves, store.header, store.cursor));
    const sentence = describe(group, curves, store, store.header.best, outside);
    this.canvas.setAttribute("aria-label", `${sentence} ${gettext("Arrow keys, Home and End read the values.")}`);
  }

  /** An empty canvas, as fine as the screen is. @param {CanvasRenderingContext2D} context */
  prepare(context) {
    const { canvas, size: { width, height } } = this;
    const scale = window.devicePixelRatio || 1;
    if (canvas.width !== Math.round(width * scale)) canvas.width = Math.round(width * scale);
    if (canvas.height !== Math.round(height * scale)) canvas.height = Math.round(height * scale);
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
  }

  /** @param {[string, string][]} items */
  showKey(items) {
    const text = JSON.stringify(items);
    if (text === this.keyText) return;
    this.keyText = text;
    this.key.replaceChildren();
    for (const [label, value] of items) {
      const item = element("span", "", this.key);
      element("i", label, item);
      item.append(`${nameOf(label)} `);
      if (value) element("b", "", item, `${value} `);
    }
  }

  /** Say what is read at a position. @param {number} position */
  speak(position) {
    this.say(reading(this.group, this.curves(), position));
  }
}
