// The curve of a search for a learning rate, as paths of an SVG: it has the colours of the page whatever its theme.

import { logTicks, ticks } from "../chart/axis.js";

/**
 * What `describe_search` says of a search that is done.
 *
 * @typedef {object} Found
 * @property {(number | null)[]} rates
 * @property {(number | null)[]} losses
 * @property {(number | null)[]} smooth
 * @property {[number, number] | null} shown from which loss to which
 * @property {string | null} suggestion
 *
 * Where everything stands, in a box of 420 by 170.
 *
 * @typedef {object} Drawing
 * @property {string} raw the path of each batch's loss
 * @property {string} smooth that of the means
 * @property {number | null} suggestion how far from the left
 * @property {[number, string][]} below the rates to be written, and where
 * @property {[number, string][]} beside the losses
 */

export const SIZE = { width: 420, height: 170 };
export const BOX = { left: 44, right: 410, top: 16, bottom: 146 };

/** @param {number} value */
function format(value) {
  return Math.abs(value) >= 0.001 && Math.abs(value) < 1000 ? String(Number(value.toPrecision(3))) : value.toExponential(0);
}

/** @param {Found} found @returns {Drawing} */
export function layOutRates({ rates, losses, smooth, shown, suggestion }) {
  const known = /** @type {number[]} */ (rates.filter((rate) => rate !== null));
  const [from, to] = [Math.log(known[0]), Math.log(known[known.length - 1])];
  const [low, high] = shown ?? [0, 1];
  /** @param {number} rate */
  const x = (rate) => BOX.left + ((BOX.right - BOX.left) * (Math.log(rate) - from)) / (to - from || 1);
  /** @param {number} loss */
  const y = (loss) => BOX.bottom - ((BOX.bottom - BOX.top) * (Math.min(high, Math.max(low, loss)) - low)) / (high - low || 1);
  /** @param {(number | null)[]} values */
  const pathOf = (values) => {
    let path = "";
    values.forEach((value, place) => {
      const rate = rates[place];
      if (value !== null && rate !== null) path += `${path ? "L" : "M"}${x(rate).toFixed(1)} ${y(value).toFixed(1)}`;
    });
    return path;
  };
  return {
    raw: pathOf(losses),
    smooth: pathOf(smooth),
    suggestion: suggestion === null ? null : x(Number(suggestion)),
    below: logTicks(known[0], known[known.length - 1]).map((rate) => [x(rate), format(rate)]),
    beside: ticks(low, high, 4).map((loss) => [y(loss), format(loss)]),
  };
}
