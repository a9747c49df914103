import assert from "node:assert/strict";
import test from "node:test";

import { leftOut } from "../../../../seqmagic/widgets/page/training/epoch_table.js";
import { storeOf, tableOf } from "../tables.js";

const rows = (count) => tableOf(["loss"], Array.from({ length: count }, (_, index) => [index + 1, 0]));
const MEANS = ["f1 is a mean of 3."];

test("what the table leaves out is said", () => {
  assert.equal(leftOut(storeOf({ epochs: rows(500) }, { means: [] })), "");
  assert.equal(leftOut(storeOf({ epochs: rows(501) }, { means: [] })), "The last 500 rows. run.history has all.");
  assert.equal(leftOut(storeOf({ epochs: rows(3) }, { means: MEANS })), MEANS[0]);
  assert.equal(
    leftOut(storeOf({ epochs: rows(3) }, { means: MEANS, thinned: true })),
    `To keep the table short, each row covers several epochs and shows only the smallest and largest values. run.history has all. ${MEANS[0]}`,
  );
});
