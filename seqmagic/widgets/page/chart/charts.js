// All charts of a panel: one for the loss and one for each metric, training and validation together.

import { element } from "../element.js";
import { Chart } from "./chart.js";
import { groupsOf } from "./curves.js";

// Milliseconds of a frame for drawing. What is left is drawn in the frames after it, so that the page answers at once however long the
// curves are.
const SHARE = 4;

export class Charts {
  /**
   * @param {HTMLElement} root
   * @param {import("../run/store.js").Store} store
   * @param {(text: string) => void} say lets a screen reader say something
   */
  constructor(root, store, say) {
    this.root = root;
    this.store = store;
    this.say = say;
    this.parent = element("div", "seqmagic-charts", root);
    /** @type {Map<string, Chart>} */
    this.charts = new Map();
    /** @type {Set<Chart>} */
    this.waiting = new Set();
    this.frame = 0;
  }

  /** See which charts there are and how large; before anything is written, or the browser lays out the page once more. */
  measure() {
    this.arrange();
    const style = drawingStyle(this.root);
    for (const chart of this.charts.values()) chart.measure(style);
  }

  /** Draw all anew: those that still wait since the last time come first. */
  draw() {
    for (const chart of this.charts.values()) this.waiting.add(chart);
    if (!this.frame) this.drawSome();
  }

  /** A chart for each group of curves; none for what is not measured any more. */
  arrange() {
    const groups = groupsOf(this.store.tables);
    this.parent.dataset.count = String(groups.length);
    for (const [group, chart] of this.charts) {
      if (groups.includes(group)) continue;
      chart.figure.remove();
      this.charts.delete(group);
      this.waiting.delete(chart);
    }
    for (const group of groups) if (!this.charts.has(group)) this.charts.set(group, new Chart(group, this.parent, this.store, this.say));
  }

  /** At least one, however slow the page is. */
  drawSome() {
    this.frame = 0;
    const began = performance.now();
    for (const chart of this.waiting) {
      this.waiting.delete(chart);
      chart.draw();
      if (!this.waiting.size || performance.now() - began < SHARE) continue;
      this.frame = requestAnimationFrame(() => this.drawSome());
      return;
    }
  }

  stop() {
    cancelAnimationFrame(this.frame);
  }
}

/** What the page's theme says of drawing. @param {Element} root @returns {import("./curves.js").Style} */
function drawingStyle(root) {
  const style = getComputedStyle(root);
  const { color, fontFamily } = style;
  /** @param {string} name */
  const ownColor = (name) => style.getPropertyValue(`--seqmagic-${name}`).trim();
  return { color, fontFamily, training: ownColor("training"), validation: ownColor("validation") };
}
