// Long curves in few strokes, and smooth ones.

/**
 * @typedef {import("../run/table.js").Table} Table
 * @typedef {Pick<import("./layout.js").Layout, "x" | "log">} Scale
 * @typedef {(row: number) => number} Values what a table's row has in a curve
 */

/** Whether a value has a place in a chart. @param {number} value @param {boolean} log */
export function isDrawn(value, log) {
  return Number.isFinite(value) && !(log && value <= 0);
}

/**
 * A curve as columns of pixels: the place, the least and the greatest value there, so that no spike is lost. Flat, for it is made for
 * each curve in each frame.
 *
 * @param {Table} table
 * @param {Values} valueAt
 * @param {Scale} scale
 * @returns {number[]} x, least, greatest; x, least, greatest; ... with x in half pixels
 */
export function downsample(table, valueAt, { x, log }) {
  /** @type {number[]} */
  const columns = [];
  let pixel = NaN;
  for (let row = 0; row < table.count; row++) {
    const value = valueAt(row);
    if (!isDrawn(value, log)) continue;
    const at = Math.round(2 * x(table.at(row, 0))) / 2;
    const last = columns.length - 3;
    if (at !== pixel) columns.push((pixel = at), value, value);
    else if (value < columns[last + 1]) columns[last + 1] = value;
    else if (value > columns[last + 2]) columns[last + 2] = value;
  }
  return columns;
}

/**
 * A smoothed copy of a column: each value leans on those before it, without pulling the first ones towards 0.
 *
 * @param {Table} table
 * @param {number} column
 * @param {number} weight from 0, as it is, to 1
 */
export function smoothed(table, column, weight) {
  const values = new Float32Array(table.count);
  let mean = 0;
  let share = 0;
  for (let row = 0; row < table.count; row++) {
    const value = table.at(row, column);
    if (Number.isFinite(value)) {
      mean = weight * mean + (1 - weight) * value;
      share = weight * share + 1 - weight;
    }
    values[row] = Number.isFinite(value) && share > 0 ? mean / share : NaN;
  }
  return values;
}
