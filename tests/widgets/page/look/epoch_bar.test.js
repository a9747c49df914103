import assert from "node:assert/strict";
import test from "node:test";

import { momentAfter, nearestMoment, placeOfMoment } from "../../../../seqmagic/widgets/page/look/epoch_bar.js";

const STOPS = [0, 0.1, 0.2, 0.9, 1].map((x) => ({ key: String(x), words: "", x }));

test("a slider rests at the nearest moment", () => {
  assert.deepEqual([0, 0.04, 0.06, 0.54, 0.56, 0.949, 2].map((x) => nearestMoment(STOPS, x)), [0, 0, 1, 2, 3, 3, 4]);
});

test("the arrows go to the next moment, however far it is, and not beyond the ends", () => {
  assert.deepEqual([0, 2, 4].map((place) => momentAfter("ArrowRight", place, 5)), [1, 3, 4]);
  assert.deepEqual([0, 2, 4].map((place) => momentAfter("ArrowDown", place, 5)), [0, 1, 3]);
  assert.equal(momentAfter("Home", 2, 5), undefined);
});

test("a moment that is gone is the last one", () => {
  assert.deepEqual(["0", "0.9", "7"].map((key) => placeOfMoment(STOPS, key)), [0, 3, 4]);
});
