import assert from "node:assert/strict";
import test from "node:test";

import { layOut, rangeOf, shownRange } from "../../../../seqmagic/widgets/page/chart/layout.js";
import { curveOf } from "../tables.js";

const SIZE = { width: 360, height: 200 };
const near = (one, other) => assert.ok(Math.abs(one - other) < 1e-9 * Math.max(1, Math.abs(other)), `${one} is not ${other}`);

test("a range holds all values with a margin, and does not go below 0 where they don't", () => {
  const [low, high] = rangeOf([curveOf([[1, 0], [2, 10]])], [0, 5], false);
  near(low, 0);
  near(high, 10.6);
  near(rangeOf([curveOf([[1, -10], [2, 10]])], [0, 5], false)[0], -11.2);
});

test("what is not shown does not count: other epochs, NaN, infinity", () => {
  const rows = [[1, 1], [2, NaN], [3, Infinity], [4, 2], [9, 100]];
  assert.deepEqual(rangeOf([curveOf(rows)], [0, 5], false), rangeOf([curveOf([[1, 1], [4, 2]])], [0, 5], false));
});

test("zeros have no place in a logarithmic range", () => {
  const [low, high] = rangeOf([curveOf([[1, 0], [2, 0.1], [3, 10]])], [0, 5], true);
  assert.ok(low > 0.08 && low < 0.1 && high > 10 && high < 12);
});

test("without a number there is a range all the same", () => {
  assert.deepEqual(rangeOf([], [0, 1], false), [0, 1]);
  assert.deepEqual(rangeOf([curveOf([[1, NaN]])], [0, 1], true), [0.1, 1]);
});

test("one value alone has room above and below", () => {
  for (const value of [3, -3, 0]) {
    const [low, high] = rangeOf([curveOf([[1, value]])], [0, 5], false);
    assert.ok(low <= value && high > value && high - low > 0);
  }
});

test("earlier runs count only where they leave the present one room", () => {
  const present = curveOf([[1, 1], [2, 2]]);
  const close = curveOf([[1, 1], [2, 3]], { label: "earlier" });
  const far = curveOf([[1, 1], [2, 1000]], { label: "earlier" });
  assert.deepEqual(shownRange([close, present], [0, 5], false), rangeOf([close, present], [0, 5], false));
  assert.deepEqual(shownRange([far, present], [0, 5], false), rangeOf([present], [0, 5], false));
});

test("places and numbers lead to each other", () => {
  const layout = layOut([curveOf([[1, 1], [4, 9]])], [0, 5], SIZE, false);
  assert.deepEqual([layout.x(0), layout.x(5)], [layout.box.left, layout.box.right]);
  assert.deepEqual([layout.y(layout.low), layout.y(layout.high)], [layout.box.bottom, layout.box.top]);
  for (let position = 0; position <= 5; position += 0.25) near(layout.position(layout.x(position)), position);
});

test("on a logarithmic axis equal factors are equal distances", () => {
  const layout = layOut([curveOf([[1, 0.01], [4, 100]])], [0, 5], SIZE, true);
  near(layout.y(0.1) - layout.y(1), layout.y(1) - layout.y(10));
  assert.ok(layout.log && layout.y(100) > layout.box.top && layout.y(0.01) < layout.box.bottom);
});

test("a curve with values below 0 stays linear, whatever is wished", () => {
  assert.equal(layOut([curveOf([[1, -1], [2, 5]])], [0, 5], SIZE, true).log, false);
  assert.equal(layOut([curveOf([[1, 0], [2, 5]])], [0, 5], SIZE, true).log, true);
});
