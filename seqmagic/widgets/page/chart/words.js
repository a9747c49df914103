// A chart in words: its key, and sentences for those who can't see it.

import { gettext } from "../gettext.js";
import { formatNewest, formatNumber } from "../number_format.js";
import { groupOf, isEarlier, newestRow } from "./curves.js";
import { extremesOf } from "./layout.js";
import { formatOutside } from "./spikes.js";

/**
 * @typedef {import("./curves.js").Curve} Curve
 * @typedef {import("../run/store.js").Header} Header
 */

/** What curves are called. @type {Record<string, string>} */
const NAMES = {
  batch: gettext("batch"),
  training: gettext("training"),
  validation: gettext("validation"),
  earlier: gettext("earlier"),
};
const MOST_EARLIER = 4; // Runs whose numbers have room in the key.

/**
 * The key under a chart's name: each kind of curve with its newest number, or with that at the cursor.
 *
 * @param {string} group
 * @param {Curve[]} curves
 * @param {Header} header
 * @param {number | null} cursor
 * @returns {[string, string][]}
 */
export function keyOf(group, curves, header, cursor) {
  const newest = new Map(header.numbers);
  /** @type {[string, number | null | undefined][]} */
  const items = [];
  const earlier = [];
  for (const curve of curves) {
    const { table, column, label, hidden } = curve;
    const value = cursor === null ? table.cell(newestRow(curve), column) : table.read(cursor, column);
    if (isEarlier(curve)) earlier.push(...(value === undefined ? [] : [formatNumber(value)]));
    else if (label === "batch" && !hidden) items.push(["training", cursor === null ? newest.get(group) : value]);
    else items.push([label, value]);
  }
  /** @type {[string, string][]} */
  const told = items.map(([label, value]) => [label, value === undefined ? "" : formatNewest(value)]);
  if (curves.some(isEarlier)) told.push(["earlier", cursor === null ? "" : earlier.slice(0, MOST_EARLIER).join(", ")]);
  return told;
}

/**
 * What stands beside a chart's name: where the cursor is, or what is to be known of the curves.
 *
 * @param {string} group
 * @param {Header} header
 * @param {number | null} cursor
 * @param {{ isForcedLinear: boolean, outside: string }} drawn whether values below 0 keep the chart from being logarithmic; which spikes
 *   are outside
 */
export function placeOf(group, { counts, looked }, cursor, { isForcedLinear, outside }) {
  if (cursor !== null) return gettext("epoch {epoch}", { epoch: Number(cursor.toFixed(cursor < 10 ? 2 : 1)) });
  const told = [
    looked != null && gettext("look: epoch {epoch}", { epoch: formatNumber(looked) }),
    isForcedLinear && gettext("linear, because there are values below 0"),
    outside && gettext("spikes {outside} are outside", { outside }),
  ];
  // A metric with a number for each class is drawn as their mean.
  return [...told, counts?.[group] && gettext("mean of {count}", { count: counts[group] })].filter(Boolean).join("; ");
}

/** Which spikes of the present curves are outside of a chart. @param {Curve[]} curves @param {import("./layout.js").Layout} layout */
export function outsideOf(curves, { from, to, low, high, log }) {
  return formatOutside(extremesOf(curves.filter((curve) => !isEarlier(curve)), [from, to], log), [low, high], formatNumber);
}

/** What a curve is called in the key. @param {string} label */
export function nameOf(label) {
  return NAMES[label] ?? label;
}

/** What it is called in a sentence, where a curve of batches is told of only as long as there is none of epochs. @param {string} label */
function spokenNameOf(label) {
  return nameOf(label === "batch" ? "training" : label);
}

/** The curves that are told of. @param {Curve[]} curves */
function told(curves) {
  return curves.filter((curve) => !curve.hidden && !isEarlier(curve));
}

/**
 * The chart in a sentence.
 *
 * @param {string} group
 * @param {Curve[]} curves
 * @param {Pick<import("../run/store.js").Store, "tables" | "header">} store
 * @param {Header["best"]} best
 * @param {string} [outside] which spikes are outside of the chart
 */
export function describe(group, curves, { tables: { batches, epochs }, header }, best, outside) {
  const parts = told(curves).flatMap((curve) => {
    const { table, column, label } = curve;
    const [first, newest] = [table.firstWith(column), newestRow(curve)].map((row) => table.cell(row, column));
    if (first === undefined || newest === undefined) return [];
    return gettext("{name} from {first} to {last}", { name: spokenNameOf(label), first: formatNumber(first), last: formatNumber(newest) });
  });
  const marked = best && groupOf(best[0]) === group ? gettext(" Best: {value} in epoch {epoch}.", { value: formatNumber(best[2]), epoch: formatNumber(best[1]) }) : "";
  const at = header?.looked ?? null;
  const looked = at === null ? "" : gettext(" The look shows epoch {epoch}.", { epoch: formatNumber(at) });
  const reached = formatNumber(Math.max(batches.last, epochs.last));
  const spikes = outside ? gettext(" Spikes {outside} are outside the chart.", { outside }) : "";
  const values = parts.join(", ") || gettext("no data yet");
  return `${gettext("{group} up to epoch {reached}: {values}.", { group, reached, values })}${marked}${looked}${spikes}`;
}

/**
 * What is read at a position: what an epoch that was cut doesn't have is not spoken of.
 *
 * @param {string} group
 * @param {Curve[]} curves
 * @param {number} position
 */
export function reading(group, curves, position) {
  const values = told(curves).flatMap(({ table, column, label }) => {
    const value = table.read(position, column);
    return value === undefined ? [] : `${spokenNameOf(label)} ${formatNumber(value)}`;
  });
  return gettext("{group}, epoch {epoch}: {values}", { group, epoch: formatNumber(position), values: values.join(", ") || gettext("nothing") });
}
