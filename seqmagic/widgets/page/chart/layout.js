// Where the numbers of a chart stand in it.

import { isEarlier } from "./curves.js";

/**
 * @typedef {import("./curves.js").Curve} Curve
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
 * The range of several curves in a part of the run, with a margin.
 *
 * @param {Curve[]} curves
 * @param {number} from
 * @param {number} to
 * @param {boolean} log
 * @returns {[number, number]}
 */
export function rangeOf(curves, from, to, log) {
  let low = Infinity;
  let high = -Infinity;
  for (const { table, column } of curves) {
    for (let row = 0; row < table.count; row++) {
      const position = table.at(row, 0);
      const value = table.at(row, column);
      if (position < from || position > to || !Number.isFinite(value) || (log && value <= 0)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  if (!(low <= high)) return log ? [0.1, 1] : [0, 1];
  if (log) return [low / 1.15, high * 1.15];
  const margin = (high - low || Math.abs(high) || 1) * 0.06;
  return [low >= 0 ? Math.max(0, low - margin) : low - margin, high + margin];
}

/**
 * The range that is shown: earlier runs count where they leave the present one room.
 *
 * @param {Curve[]} curves
 * @param {number} from
 * @param {number} to
 * @param {boolean} log
 */
export function shownRange(curves, from, to, log) {
  /** @param {[number, number]} range */
  const size = ([low, high]) => (log ? Math.log(high / low) : high - low);
  const whole = rangeOf(curves, from, to, log);
  const present = curves.filter((curve) => !isEarlier(curve));
  if (present.length === curves.length) return whole;
  const own = rangeOf(present, from, to, log);
  return size(own) < 0.25 * size(whole) ? own : whole;
}

/**
 * Lay out a chart.
 *
 * @param {Curve[]} curves
 * @param {[number, number]} span the part of the run that is shown, in epochs
 * @param {{ width: number, height: number }} size in pixels
 * @param {boolean} wantsLog whether the reader wants a logarithmic axis
 * @returns {Layout}
 */
export function layOut(curves, [from, to], { width, height }, wantsLog) {
  // Some zeros have no place on a logarithmic scale; where there is anything below, the curve would be another one.
  const log = wantsLog && rangeOf(curves, from, to, false)[0] >= 0;
  const [low, high] = shownRange(curves, from, to, log);
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
