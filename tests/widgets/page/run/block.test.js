import assert from "node:assert/strict";
import test from "node:test";

import { putRows, readHeader } from "../../../../seqmagic/widgets/page/run/block.js";
import { blockOf, tableOf } from "../tables.js";

const PARTS = [
  { table: "batches", start: 0, length: 4, names: ["loss"] },
  { table: "epochs", start: 0, length: 3, names: ["loss", "val_loss"] },
];

test("a block is its header and the rows of its tables", () => {
  const block = blockOf({ word: "Läuft · 3", tables: PARTS }, [[0.5, 9], [1, 8]], [[1, 8.5, 7]]);
  const [header, offset] = readHeader(block);
  assert.equal(header.word, "Läuft · 3");
  const tables = {};
  assert.equal(putRows(header.tables, block, offset, tables), true);
  assert.deepEqual(tables, { batches: tableOf(["loss"], [[0.5, 9], [1, 8]]), epochs: tableOf(["loss", "val_loss"], [[1, 8.5, 7]]) });
});

test("a block may begin anywhere in its bytes", () => {
  const whole = blockOf({ tables: PARTS.slice(0, 1) }, [[0.5, 9], [1, 8]]);
  for (const shift of [1, 3, 4]) {
    const bytes = new Uint8Array(whole.byteLength + shift);
    bytes.set(new Uint8Array(whole.buffer), shift);
    const block = new DataView(bytes.buffer, shift);
    const [header, offset] = readHeader(block);
    const tables = {};
    putRows(header.tables, block, offset, tables);
    assert.equal(tables.batches.at(1, 1), 8);
  }
});

test("rows with some missing before them are not taken, and the others are", () => {
  const parts = [{ table: "batches", start: 5, length: 2 }, { table: "epochs", start: 0, length: 2, names: ["loss"] }];
  const block = blockOf({ tables: parts }, [[6, 1]], [[1, 2]]);
  const [header, offset] = readHeader(block);
  const tables = { batches: tableOf(["loss"], [[1, 1]]) };
  assert.equal(putRows(header.tables, block, offset, tables), false);
  assert.deepEqual([tables.batches.count, tables.epochs.count], [1, 1]);
});
