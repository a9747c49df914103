import assert from "node:assert/strict";
import test from "node:test";

import { placeAfter } from "../../../../seqmagic/widgets/page/look/tab_list.js";

test("the arrows go round, Home and End to the ends, and other keys nowhere", () => {
  assert.deepEqual([0, 1, 2].map((place) => placeAfter("ArrowRight", place, 3)), [1, 2, 0]);
  assert.deepEqual([0, 1, 2].map((place) => placeAfter("ArrowLeft", place, 3)), [2, 0, 1]);
  assert.deepEqual([placeAfter("Home", 2, 3), placeAfter("End", 0, 3), placeAfter("a", 1, 3)], [0, 2, undefined]);
});
