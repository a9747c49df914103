// Which values a chart leaves outside: a few that stand so far off that all others would be one flat line. widgets/chart_range.py is the
// same for Matplotlib.

import { gettext } from "../gettext.js";

/** @typedef {[number, number]} Range */

const SHARE = 0.1; // Of a curve's values, on each side: no more of them are a spike.
const FEWEST = 8; // Of fewer values none is alone.
const REACH = 1.5; // Times the spread of all others, on each side of it: Tukey's fence.
const FLATTENED = 4; // So many times as high as what is inside must be all of it.
const LONGEST_WAY = 20; // The same with the way from the first values and to the last ones, which people want to see.
const FLAT = 0.001; // Of the values: what varies less is a flat line anyway.

/** @param {Range} range */
function sizeOf([low, high]) {
  return high - low;
}

/** @param {Iterable<Range>} ranges @returns {Range} */
function union(ranges) {
  let [low, high] = [Infinity, -Infinity];
  for (const range of ranges) [low, high] = [Math.min(low, range[0]), Math.max(high, range[1])];
  return [low, high];
}

/** Where a curve's values stand, without a few that are far from all others. @param {Float64Array} values @returns {Range} */
function fenceOf(values) {
  const sorted = values.slice().sort();
  const last = sorted.length - 1;
  if (last < 0) return [Infinity, -Infinity];
  const beyond = sorted.length < FEWEST ? 0 : Math.max(1, Math.floor(SHARE * sorted.length));
  const [low, high] = [sorted[beyond], sorted[last - beyond]];
  const reach = beyond ? REACH * (high - low) : 0;
  return [Math.max(sorted[0], low - reach), Math.min(sorted[last], high + reach)];
}

/** The values between two numbers; with `ends`, also those before the first of them and behind the last. @param {Float64Array} values @param {Range} fence @param {boolean} ends @returns {Range} */
function rangeInside(values, [low, high], ends) {
  /** @param {number} value */
  const isInside = (value) => value >= low && value <= high;
  const [first, last] = [values.findIndex(isInside), values.findLastIndex(isInside)];
  /** @type {Range} */
  const range = [Infinity, -Infinity];
  values.forEach((value, place) => {
    if (!isInside(value) && !(ends && (place < first || place > last))) return;
    range[0] = Math.min(range[0], value);
    range[1] = Math.max(range[1], value);
  });
  return range;
}

/**
 * The range of several curves without their spikes: what goes far out and comes back. All of it where nothing is flattened.
 *
 * @param {Float64Array[]} curves the values of each, in order
 * @returns {Range} from Infinity to -Infinity where there are none
 */
export function rangeWithoutSpikes(curves) {
  const whole = union(curves.map((values) => rangeInside(values, [-Infinity, Infinity], false)));
  const fence = union(curves.map(fenceOf));
  const inside = union(curves.map((values) => rangeInside(values, fence, false)));
  if (!(sizeOf(inside) > FLAT * Math.max(Math.abs(inside[0]), Math.abs(inside[1])))) return whole;
  const withEnds = union(curves.map((values) => rangeInside(values, fence, true)));
  const shown = sizeOf(withEnds) > LONGEST_WAY * sizeOf(inside) ? inside : withEnds;
  return sizeOf(whole) > FLATTENED * sizeOf(shown) ? shown : whole;
}

/**
 * What a chart leaves outside, as the end of a sentence; empty where that is nothing.
 *
 * @param {Range} whole the least and the greatest value
 * @param {Range} shown
 * @param {(value: number) => string} format
 */
export function formatOutside(whole, shown, format) {
  const ends = [whole[0] < shown[0] && gettext("down to {value}", { value: format(whole[0]) }), whole[1] > shown[1] && gettext("up to {value}", { value: format(whole[1]) })];
  return ends.filter(Boolean).join(gettext(" and "));
}
