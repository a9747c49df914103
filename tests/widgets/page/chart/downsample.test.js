import assert from "node:assert/strict";
import test from "node:test";

import { downsample, smoothed } from "../../../../seqmagic/widgets/page/chart/downsample.js";
import { chance, tableOf } from "../tables.js";

const x = (position) => 10 * position;

/** By hand: all values of each half pixel. */
function byHand(rows, log) {
  const found = new Map();
  for (const [position, value] of rows) {
    if (!Number.isFinite(value) || (log && value <= 0)) continue;
    const at = Math.round(2 * x(Math.fround(position))) / 2;
    found.set(at, [...(found.get(at) || []), Math.fround(value)]);
  }
  return [...found].flatMap(([at, values]) => [at, Math.min(...values), Math.max(...values)]);
}

test("each half pixel has its least and its greatest value, and no spike is lost", () => {
  const random = chance();
  const rows = Array.from({ length: 20000 }, (_, index) => [index / 1000, random.next().value]);
  rows[7777][1] = 1e6;
  rows[12345][1] = -1e6;
  rows[5000][1] = NaN;
  rows[5001][1] = Infinity;
  const table = tableOf(["loss"], rows);
  for (const log of [false, true]) {
    const columns = downsample(table, (row) => table.at(row, 1), { x, log });
    assert.deepEqual(columns, byHand(rows, log));
    assert.equal(columns.length, 3 * 401, "few strokes");
    assert.ok(columns.includes(1e6) && columns.includes(-1e6) === !log);
  }
});

test("few points stay what they are", () => {
  const table = tableOf(["loss"], [[1, 3], [2, 2], [3, 1]]);
  assert.deepEqual(downsample(table, (row) => table.at(row, 1), { x, log: false }), [10, 3, 3, 20, 2, 2, 30, 1, 1]);
});

test("of nothing there is nothing to draw", () => {
  const table = tableOf(["loss"], [[1, NaN]]);
  assert.deepEqual(downsample(table, (row) => table.at(row, 1), { x, log: false }), []);
});

test("a smooth curve is the weighted mean of all before", () => {
  const random = chance();
  const values = Array.from({ length: 50 }, () => random.next().value);
  const table = tableOf(["loss"], values.map((value, index) => [index, value]));
  const weight = 0.9;
  const found = smoothed(table, 1, weight);
  for (let row = 0; row < 50; row++) {
    const weights = values.slice(0, row + 1).map((_, index) => weight ** (row - index));
    const mean = weights.reduce((sum, each, index) => sum + each * values[index], 0) / weights.reduce((sum, each) => sum + each);
    assert.ok(Math.abs(found[row] - mean) < 1e-6);
  }
});

test("what is no number stays none, and moves nothing", () => {
  const table = tableOf(["loss"], [[1, 2], [2, NaN], [3, 2]]);
  assert.deepEqual([...smoothed(table, 1, 0.5)], [2, NaN, 2]);
  assert.deepEqual([...smoothed(table, 1, 0)], [2, NaN, 2]);
});
