import assert from "node:assert/strict";
import test from "node:test";

import { endOf, stepFrom, zoomBy } from "../../../../seqmagic/widgets/page/chart/navigation.js";
import { tableOf } from "../tables.js";

const TABLE = tableOf(["loss"], [[1, 0], [2, 0], [4, 0]]);

test("arrows go from row to row, begin at an end, and stop at the ends", () => {
  assert.deepEqual([stepFrom(TABLE, null, 1), stepFrom(TABLE, null, -1)], [1, 4]);
  assert.deepEqual([1, 2, 4].map((cursor) => stepFrom(TABLE, cursor, 1)), [2, 4, 4]);
  assert.deepEqual([1, 2, 4].map((cursor) => stepFrom(TABLE, cursor, -1)), [1, 1, 2]);
  assert.equal(stepFrom(TABLE, 2.4, 1), 4, "from between two rows");
});

test("looking closer halves what is shown, around the cursor or the middle", () => {
  assert.deepEqual(zoomBy([0, 8], 0.5, null, 8), [2, 6]);
  assert.deepEqual(zoomBy([0, 8], 0.5, 1, 8), [0, 3]);
  assert.deepEqual(zoomBy([2, 6], 0.5, 8, 8), [7, 8]);
});

test("looking farther ends with all of the run", () => {
  assert.deepEqual(zoomBy([3, 4], 2, null, 8), [2.5, 4.5]);
  assert.equal(zoomBy([2, 6], 2, null, 8), null);
});

test("Home and End go to the first and the last position of what is shown", () => {
  assert.deepEqual([endOf(TABLE, "first", [0, 8]), endOf(TABLE, "last", [0, 8])], [1, 4]);
  assert.deepEqual([endOf(TABLE, "first", [1.1, 3.5]), endOf(TABLE, "last", [1.1, 3.5])], [2, 2]);
});
