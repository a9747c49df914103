// Moving along a chart, and looking closer.

/** @typedef {[number, number]} Span a part of the run, in epochs */

/**
 * The next position to read: from row to row, from an end to begin with.
 *
 * @param {import("../run/table.js").Table} table
 * @param {number | null} cursor
 * @param {number} step 1 or -1
 */
export function stepFrom(table, cursor, step) {
  const last = table.count - 1;
  const row = cursor !== null ? table.nearest(cursor) + step : step > 0 ? 0 : last;
  return table.at(Math.min(last, Math.max(0, row)), 0);
}

/**
 * A part around the middle, closer or farther; null where that is all of the run.
 *
 * @param {Span} span what is shown
 * @param {number} factor below 1 is closer
 * @param {number | null} cursor the middle; without one, that of what is shown
 * @param {number} all how many epochs the run has
 * @returns {Span | null}
 */
export function zoomBy([from, to], factor, cursor, all) {
  const middle = cursor ?? (from + to) / 2;
  const half = ((to - from) * factor) / 2;
  return 2 * half >= all ? null : [Math.max(0, middle - half), Math.min(all, middle + half)];
}

/**
 * The first or the last position of a part.
 *
 * @param {import("../run/table.js").Table} table
 * @param {"first" | "last"} end
 * @param {Span} span what is shown
 */
export function endOf(table, end, [from, to]) {
  const row = table.nearest(end === "first" ? from : to);
  const place = table.at(row, 0);
  // The nearest row may stand just beyond what is shown.
  const inside = place < from ? row + 1 : place > to ? row - 1 : row;
  return table.at(Math.min(table.count - 1, Math.max(0, inside)), 0);
}
