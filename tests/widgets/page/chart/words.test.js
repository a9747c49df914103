import assert from "node:assert/strict";
import test from "node:test";

import { curvesOf } from "../../../../seqmagic/widgets/page/chart/curves.js";
import { describe, keyOf, placeOf, reading } from "../../../../seqmagic/widgets/page/chart/words.js";
import { MISSING, STYLE, storeOf, tableOf } from "../tables.js";

const BATCHES = tableOf(["loss"], [[0.5, 3], [1, 2], [1.5, 1]]);
const EPOCHS = tableOf(["loss", "val_loss"], [[1, 2, 0.0123456], [2, 1, NaN]]);
const NOTHING = { isForcedLinear: false, outside: "" };
const LINEAR = { isForcedLinear: true, outside: "" };
const curves = (store) => curvesOf("loss", store, STYLE);

test("the key tells the newest numbers", () => {
  const store = storeOf({ batches: BATCHES, epochs: EPOCHS, earlier0: EPOCHS });
  assert.deepEqual(keyOf("loss", curves(store), store.header, null), [
    ["batch", "1"], ["training", "1"], ["validation", "0.0123"], ["earlier", ""],
  ]);
});

test("in the first epoch it tells what the kernel says of the training, for the curve is thinned", () => {
  const store = storeOf({ batches: BATCHES }, { numbers: [["loss", 0.75]] });
  assert.deepEqual(keyOf("loss", curves(store), store.header, null), [["training", "0.75"]]);
  assert.deepEqual(keyOf("loss", curves(store), store.header, 0.5), [["training", "3"]]);
});

test("at the cursor it tells the numbers there, of earlier runs as well", () => {
  const store = storeOf({ batches: BATCHES, epochs: EPOCHS, earlier0: EPOCHS, earlier1: tableOf(["loss"], [[1, 9]]) });
  assert.deepEqual(keyOf("loss", curves(store), store.header, 1), [
    ["batch", "2"], ["training", "2"], ["validation", "0.0123"], ["earlier", "2, 0.01235, 9"],
  ]);
  assert.deepEqual(keyOf("loss", curves(store), store.header, 9)[1], ["training", ""], "there is nothing yet");
});

test("a number that is none is said to be none", () => {
  const store = storeOf({ epochs: tableOf(["loss"], [[1, NaN]]) });
  assert.deepEqual(keyOf("loss", curves(store), store.header, null), [["training", "NaN"]]);
});

test("beside the name stands the cursor's epoch, or what is to be known", () => {
  const header = { counts: { f1: 3 } };
  assert.equal(placeOf("f1", header, 1.23456, NOTHING), "epoch 1.23");
  assert.equal(placeOf("f1", header, 12.3456, LINEAR), "epoch 12.3");
  assert.equal(placeOf("f1", header, null, LINEAR), "linear, because there are values below 0; mean of 3");
  assert.equal(placeOf("f1", header, null, NOTHING), "mean of 3");
  assert.equal(placeOf("loss", header, null, NOTHING), "");
  assert.equal(placeOf("loss", header, null, { isForcedLinear: false, outside: "up to 52" }), "spikes up to 52 are outside");
});

test("a chart is told in a sentence", () => {
  const store = storeOf({ batches: BATCHES, epochs: EPOCHS });
  assert.equal(
    describe("loss", curves(store), store, ["val_loss", 1, 0.0123456]),
    "loss up to epoch 2: training from 2 to 1, validation from 0.01235 to 0.01235. Best: 0.01235 in epoch 1.",
  );
  assert.equal(describe("auc", [], store, ["val_loss", 1, 0.01]), "auc up to epoch 2: no data yet.");
});

test("the epoch that somebody looks at is told, also that before the first", () => {
  for (const looked of [0, 1.5, 12]) {
    assert.equal(placeOf("loss", { counts: {}, looked }, null, LINEAR), `look: epoch ${looked}; linear, because there are values below 0`);
    const store = storeOf({ batches: BATCHES }, { looked });
    assert.match(describe("loss", curves(store), store, null), new RegExp(`: training from 3 to 1\\. The look shows epoch ${looked}\\.$`));
  }
  assert.equal(placeOf("loss", { counts: {}, looked: null }, null, NOTHING), "");
});

test("an epoch is read aloud", () => {
  const store = storeOf({ batches: BATCHES, epochs: EPOCHS });
  assert.equal(reading("loss", curves(store), 2), "loss, epoch 2: training 1, validation NaN");
});

test("what an epoch that was cut doesn't have is in no sentence and in no key", () => {
  const cut = tableOf(["loss", "val_loss"], [[1, 2, 0.5], [1.5, 1, 0]]);
  new Uint32Array(cut.values.buffer)[5] = MISSING;
  const store = storeOf({ epochs: cut });
  assert.equal(reading("loss", curves(store), 1.5), "loss, epoch 1.5: training 1");
  assert.deepEqual(keyOf("loss", curves(store), store.header, 1.5), [["training", "1"], ["validation", ""]]);
  assert.match(describe("loss", curves(store), store, null), /validation from 0.5 to 0.5/);
  new Uint32Array(cut.values.buffer)[2] = MISSING;
  assert.equal(describe("loss", curves(store), store, null), "loss up to epoch 1.5: training from 2 to 1.");
});
