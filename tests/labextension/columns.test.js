import assert from "node:assert/strict";
import { test } from "node:test";

import { columnsOf } from "../../seqmagic/labextension/src/columns.js";

test("shapes stand in one column, and long lines have theirs behind them", () => {
  const lines = [11, 20, 60].map((length) => ({ length, text: "8x8x16" }));
  assert.deepEqual(columnsOf(lines, 100), [12, 3, 3]);
});

test("where there is no room, there is no shape", () => {
  const lines = [11, 36].map((length) => ({ length, text: "8x8x16" }));
  assert.deepEqual(columnsOf(lines, 45), [28, 3]);
  assert.deepEqual(columnsOf(lines, 44), [3, null]);
  assert.deepEqual(columnsOf(lines, 0), [null, null]);
  assert.deepEqual(columnsOf([], 80), []);
});
