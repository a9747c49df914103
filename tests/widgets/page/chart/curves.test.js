import assert from "node:assert/strict";
import test from "node:test";

import { curvesOf, groupsOf, newestRow } from "../../../../seqmagic/widgets/page/chart/curves.js";
import look from "../../../../seqmagic/widgets/page/look.json" with { type: "json" };
import { STYLE, curveOf, storeOf, tableOf } from "../tables.js";

const BATCHES = tableOf(["loss", "auc"], [[0.5, 3, 0.1], [1, 2, 0.2]]);
const EPOCHS = tableOf(["loss", "auc", "val_loss"], [[1, 2, 0.2, 2.5]]);
const labels = (curves) => curves.map(({ label }) => label);

test("the loss comes first, and validation shares the chart of its training", () => {
  assert.deepEqual(groupsOf({ batches: tableOf(["auc", "loss"], []), epochs: tableOf(["auc", "loss", "val_loss", "val_f1"], []) }), ["loss", "auc", "f1"]);
});

test("before the first epoch ends, the batches are the curve", () => {
  const [batch, ...others] = curvesOf("loss", storeOf({ batches: BATCHES }), STYLE);
  assert.deepEqual([batch.label, batch.hidden, batch.color, others.length], ["batch", false, "blue", 0]);
});

test("then they stand thin behind the epochs, or not at all", () => {
  const store = storeOf({ batches: BATCHES, epochs: EPOCHS });
  assert.deepEqual(labels(curvesOf("loss", store, STYLE)), ["batch", "training", "validation"]);
  assert.deepEqual(labels(curvesOf("auc", store, STYLE)), ["batch", "training"]);
  assert.deepEqual(curvesOf("loss", store, STYLE).map(({ hidden }) => hidden ?? false), [true, false, false]);
  store.look.batches = false;
  assert.deepEqual(labels(curvesOf("loss", store, STYLE)), ["training", "validation"]);
});

test("earlier runs are drawn first, and only if wanted", () => {
  const store = storeOf({ batches: BATCHES, epochs: EPOCHS, earlier0: EPOCHS });
  assert.deepEqual(labels(curvesOf("loss", store, STYLE)), ["earlier", "earlier, validation", "batch", "training", "validation"]);
  store.look.earlier = false;
  assert.deepEqual(labels(curvesOf("loss", store, STYLE)), ["batch", "training", "validation"]);
});

test("marks tell curves apart as long as they have room", () => {
  const marks = (count) => {
    const rows = Array.from({ length: count }, (_, index) => [index + 1, 1, 1, 1]);
    const curves = curvesOf("loss", storeOf({ epochs: tableOf(EPOCHS.names, rows) }), STYLE);
    return curves.map(({ mark }) => mark);
  };
  assert.deepEqual(marks(look.markedEpochs), ["circle", "square"]);
  assert.deepEqual(marks(look.markedEpochs + 1), [false, false]);
});

test("of a part, the finer batches are drawn once they are there to its end", () => {
  const store = storeOf({ batches: BATCHES, epochs: EPOCHS, detail: tableOf(["loss"], [[0.5, 3], [1, 2]]) });
  const [batch] = curvesOf("loss", store, STYLE);
  assert.equal(batch.table, BATCHES, "all of the run is looked at");
  store.zoom = [0.5, 4];
  assert.equal(curvesOf("loss", store, STYLE)[0].table, store.tables.detail);
  store.tables.detail = tableOf(["loss"], [[0.5, 3]]);
  assert.equal(curvesOf("loss", store, STYLE)[0].table, BATCHES);
});

test("the newest number of a validation is its last; a NaN of the training is news", () => {
  const rows = [[1, 5], [2, NaN]];
  assert.equal(newestRow(curveOf(rows, { label: "validation" })), 0);
  assert.equal(newestRow(curveOf(rows)), 1);
});
