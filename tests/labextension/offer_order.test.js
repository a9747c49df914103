import assert from "node:assert/strict";
import { test } from "node:test";

import { inOrder, offersOf, placesOf } from "../../seqmagic/labextension/src/offer_order.js";

const item = (label, type) => ({ label, insertText: label, type });
const SOFTMAX = item("softmax", "activation: outputs that add up to 1, one per class");
const SELU = item("selu", "activation: elu, scaled");
const LEAKY_RELU = item("leaky_relu", "activation: as relu");
const OF_CELL = { label: "same" };
const PYTHON = [item("isinstance", "function"), { label: "island" }];

test("words of the cell that JupyterLab adds are left out where the kernel knows the place", () => {
  assert.deepEqual(offersOf([SOFTMAX, OF_CELL, SELU], false), [SOFTMAX, SELU]);
  assert.deepEqual(offersOf([OF_CELL], true), [], "also where it knows that nothing fits");
  assert.deepEqual(offersOf(PYTHON, false), PYTHON, "in Python all stays as it is");
});

test("what fits best comes first, and what begins as typed comes before what only holds it", () => {
  const places = placesOf([SOFTMAX, LEAKY_RELU, SELU]);
  assert.deepEqual(inOrder([SELU, SOFTMAX], places, "s"), [SOFTMAX, SELU]);
  assert.deepEqual(inOrder([LEAKY_RELU, SELU], places, "sel"), [SELU, LEAKY_RELU]);
  assert.deepEqual(inOrder([SELU, LEAKY_RELU], places, "LeakyR"), [LEAKY_RELU, SELU], "in any spelling");
  assert.deepEqual(inOrder([item("new", "x: y"), SELU], places, ""), [SELU, item("new", "x: y")]);
});
