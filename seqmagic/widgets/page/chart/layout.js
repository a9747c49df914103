// Where the numbers of a chart stand in it.

import { isEarlier } from "./curves.js";
import { isDrawn } from "./downsample.js";
import { rangeWithoutSpikes } from "./spikes.js";

/**
 * @typedef {import("./curves.js").Curve} Curve
 * @typedef {import("./navigation.js").Span} Span
 * @typedef {import("./spikes.js").Range} Range
 * @typedef {{ left: number, right: number, top: number, bottom: number }} Box
 *
 * How places in a chart and numbers go together.
 *
 * @typedef {object} Layout
 * @property {number} from the first position, in epochs
 * @property {number} to
 * @property {number} low the least value
 * @property {number} high
 * @property {boolean} log
 * @property {Box} box what the axes enclose, in pixels
 * @property {(position: number) => number} x
 * @property {(value: number) => number} y
 * @property {(x: number) => number} position
 */

const EDGE = { left: 46, right: 14, top: 10, bottom: 24 };

/**
 * The values of a curve that have a place in a part of the run.
 *
 * @param {Curve} curve
 * @param {Span} span
 * @param {boolean} log
 */
function valuesOf({ table, column }, [from, to], log) {
  const values = new Float64Array(table.count);
  let count = 0;
  for (let row = 0; row < table.count; row++) {
    const position = table.at(row, 0);
    const value = table.at(row, column);
    if (position >= from && position <= to && isDrawn(value, log)) values[count++] = value;
  }
  return values.subarray(0, count);
}

/**
 * The least and the greatest value of several curves in a part of the run; Infinity and -Infinity where there are none.
 *
 * @param {Curve[]} curves
 * @param {Span} span
 * @param {boolean} log
 * @returns {Range}
 */
export function extremesOf(curves, span, log) {
  let [low, high] = [Infinity, -Infinity];
  for (const curve of curves) {
    for (const value of valuesOf(curve, span, log)) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return [low, high];
}

/**
 * The range of several curves without their spikes, with a margin.
 *
 * @param {Curve[]} curves
 * @param {Span} span
 * @param {boolean} log
 * @returns {Range}
 */
export function rangeOf(curves, span, log) {
  const values = curves.map((curve) => valuesOf(curve, span, log));
  const [low, high] = rangeWithoutSpikes(log ? values.map((some) => some.map(Math.log)) : values);
  if (!(low <= high)) return log ? [0.1, 1] : [0, 1];
  if (log) return [Math.exp(low) / 1.15, Math.exp(high) * 1.15];
  const margin = (high - low || Math.abs(high) || 1) * 0.06;
  return [low >= 0 ? Math.max(0, low - margin) : low - margin, high + margin];
}

/**
 * The range that is shown: earlier runs count where they leave the present one room.
 *
 * @param {Curve[]} curves
 * @param {Span} span
 * @param {boolean} log
 */
export function shownRange(curves, span, log) {
  /** @param {Range} range */
  const size = ([low, high]) => (log ? Math.log(high / low) : high - low);
  const whole = rangeOf(curves, span, log);
  const present = curves.filter((curve) => !isEarlier(curve));
  if (present.length === curves.length) return whole;
  const own = rangeOf(present, span, log);
  return size(own) < 0.25 * size(whole) ? own : whole;
}

/**
 * Lay out a chart.
 *
 * @param {Curve[]} curves
 * @param {Span} span the part of the run that is shown
 * @param {{ width: number, height: number }} size in pixels
 * @param {boolean} wantsLog whether the reader wants a logarithmic axis
 * @returns {Layout}
 */
export function layOut(curves, span, { width, height }, wantsLog) {
  const [from, to] = span;
  // Some zeros have no place on a logarithmic scale; where there is anything below, the curve would be another one.
  const log = wantsLog && extremesOf(curves, span, false)[0] >= 0;
  const [low, high] = shownRange(curves, span, log);
  const box = { left: EDGE.left, right: width - EDGE.right, top: EDGE.top, bottom: height - EDGE.bottom };
  /** @type {(value: number) => number} */
  const share = log ? (value) => Math.log(value / low) / Math.log(high / low) : (value) => (value - low) / (high - low);
  return {
    from, to, low, high, log, box,
    x: (position) => box.left + ((box.right - box.left) * (position - from)) / (to - from),
    y: (value) => box.bottom - (box.bottom - box.top) * share(value),
    position: (x) => from + ((to - from) * (x - box.left)) / (box.right - box.left),
  };
}
