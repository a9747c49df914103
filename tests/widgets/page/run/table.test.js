import assert from "node:assert/strict";
import test from "node:test";

import { MISSING, Table } from "../../../../seqmagic/widgets/page/run/table.js";
import { chance, tableOf } from "../tables.js";

test("rows stand where they were put, however many come", () => {
  const table = new Table();
  for (let start = 0; start < 5000; start += 500) {
    const rows = Float32Array.from({ length: 1000 }, (_, index) => start + Math.floor(index / 2) + (index % 2 ? 0.5 : 0));
    assert.equal(table.put(start ? undefined : ["loss"], start, rows), true);
  }
  assert.equal(table.count, 5000);
  for (let row = 0; row < 5000; row++) assert.deepEqual([table.at(row, 0), table.at(row, 1)], [row, row + 0.5]);
});

test("rows that were sent again take the place of the old ones and of all after them", () => {
  const table = tableOf(["loss"], [[1, 10], [2, 20], [3, 30]]);
  table.put(undefined, 1, new Float32Array([2, 21]));
  assert.deepEqual([table.count, table.last, table.at(1, 1)], [2, 2, 21]);
});

test("rows behind a gap are not taken", () => {
  const table = tableOf(["loss"], [[1, 10]]);
  assert.equal(table.put(undefined, 2, new Float32Array([3, 30])), false);
  assert.equal(table.count, 1);
});

test("columns are found by name, and 0 is none", () => {
  const table = tableOf(["loss", "val_loss"], [[1, 2, 3]]);
  assert.deepEqual(["loss", "val_loss", "auc"].map((name) => table.column(name)), [1, 2, 0]);
});

test("what a row doesn't have is not a NaN that came out", () => {
  const table = new Table();
  const rows = new Uint32Array(new Float32Array([1, NaN, 0, 2, NaN, 0]).buffer);
  rows[2] = MISSING;
  table.put(["loss", "val_loss"], 0, new Float32Array(rows.buffer));
  assert.deepEqual([table.isMissing(0, 1), table.isMissing(0, 2), table.isMissing(1, 2)], [false, true, false]);
  assert.ok(Number.isNaN(table.at(0, 2)));
});

test("the last row with a number is found, and where there is none, the first", () => {
  const table = tableOf(["loss", "val_loss", "none"], [[1, 1, 1, NaN], [2, 1, 2, NaN], [3, 1, NaN, NaN]]);
  assert.deepEqual([1, 2, 3].map((column) => table.lastWith(column)), [2, 1, 0]);
});

test("the nearest row is the one that a search of all finds", () => {
  const random = chance();
  const positions = Float32Array.from({ length: 200 }, () => 10 * random.next().value).sort();
  const table = tableOf(["loss"], Array.from(positions, (position) => [position, 0]));
  for (let turn = 0; turn < 500; turn++) {
    const position = 12 * random.next().value - 1;
    const distance = Math.min(...Array.from(positions, (each) => Math.abs(each - position)));
    assert.equal(Math.abs(table.at(table.nearest(position), 0) - position), distance);
  }
});

test("nothing is read long after the last row", () => {
  const table = tableOf(["loss"], [[1, 10], [2, 20]]);
  assert.deepEqual([0, 1.4, 1.6, 2.9, 3.1].map((position) => table.read(position, 1)), [10, 10, 20, 20, undefined]);
});

test("an empty table has no last position", () => assert.equal(new Table().last, 0));
