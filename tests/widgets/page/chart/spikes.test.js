import assert from "node:assert/strict";
import test from "node:test";

import { extremesOf, layOut, shownRange } from "../../../../seqmagic/widgets/page/chart/layout.js";
import { rangeWithoutSpikes, formatOutside } from "../../../../seqmagic/widgets/page/chart/spikes.js";
import { outsideOf } from "../../../../seqmagic/widgets/page/chart/words.js";
import { chance, curveOf } from "../tables.js";
import CASES from "./spikes.json" with { type: "json" };

for (const { what, curves, shown } of CASES) {
  test(`the range of ${what}`, () => {
    assert.deepEqual(rangeWithoutSpikes(curves.map((values) => Float64Array.from(values))), shown);
  });
}

test("wherever the spike of a noisy curve stands, it does not flatten it, and it is told", () => {
  const numbers = chance();
  for (let place = 1; place < 99; place += 7) {
    const rows = Array.from({ length: 100 }, (_, row) => [row + 1, row === place ? 1e6 : numbers.next().value]);
    const layout = layOut([curveOf(rows)], [0, 100], { width: 360, height: 200 }, false);
    assert.ok(layout.high < 1.2 && layout.low >= 0, `at ${place}: ${layout.low} to ${layout.high}`);
    assert.equal(outsideOf([curveOf(rows)], layout), "up to 1e+6");
  }
});

test("where one looks closer at a spike alone, it is seen whole", () => {
  const rows = Array.from({ length: 40 }, (_, row) => [row, row === 20 ? 1e6 : row % 3]);
  const [low, high] = shownRange([curveOf(rows)], [18, 22], false);
  assert.ok(low === 0 && high > 1e6);
});

test("the spike of an earlier run is nothing that is told", () => {
  const rows = Array.from({ length: 40 }, (_, row) => [row, 1 + (row % 3)]);
  const spiked = curveOf(rows.map(([at, value]) => [at, at === 20 ? 1e6 : value]), { label: "earlier" });
  const layout = layOut([spiked, curveOf(rows)], [0, 40], { width: 360, height: 200 }, false);
  assert.ok(layout.high < 4);
  assert.equal(outsideOf([spiked, curveOf(rows)], layout), "");
});

test("no row at all has no extremes and nothing outside", () => {
  assert.deepEqual(extremesOf([], [0, 1], false), [Infinity, -Infinity]);
  assert.equal(formatOutside([Infinity, -Infinity], [0, 1], String), "");
  assert.equal(formatOutside([-5, 9], [0, 1], String), "down to -5 and up to 9");
});
