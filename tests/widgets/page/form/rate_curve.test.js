import assert from "node:assert/strict";
import test from "node:test";

import { BOX, layOutRates } from "../../../../seqmagic/widgets/page/form/rate_curve.js";

const FOUND = {
  rates: [1e-6, 1e-4, 1e-2, 1], losses: [2, 2, 1, null], smooth: [2, 1.8, 1, 9], shown: [0.8, 2.4], suggestion: "0.01",
};

test("rates stand in powers of ten, losses from the bottom up, and what is above all at the edge", () => {
  const { smooth, raw, suggestion, below } = layOutRates(FOUND);
  const points = [...smooth.matchAll(/[ML]([\d.]+) ([\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);
  assert.equal(points.length, 4);
  assert.deepEqual([points[0][0], points[3][0], points[3][1]], [BOX.left, BOX.right, BOX.top]);
  const third = (BOX.right - BOX.left) / 3;
  assert.ok(Math.abs(points[1][0] - BOX.left - third) < 0.1);
  assert.ok(Math.abs(suggestion - BOX.left - 2 * third) < 0.1);
  assert.equal(raw.match(/[ML]/g).length, 3, "what is no number has no place");
  assert.ok(below.some(([at, text]) => text === "0.01" && Math.abs(at - suggestion) < 0.1));
});

test("without a suggestion and without any number there is a drawing all the same", () => {
  const drawn = layOutRates({ rates: [1e-6], losses: [null], smooth: [null], shown: null, suggestion: null });
  assert.deepEqual([drawn.raw, drawn.smooth, drawn.suggestion], ["", "", null]);
});
