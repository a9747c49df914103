import assert from "node:assert/strict";
import test from "node:test";

import { epochTicks, logTicks, ticks } from "../../../../seqmagic/widgets/page/chart/axis.js";
import { chance } from "../tables.js";

test("round numbers stand at round places", () => {
  assert.deepEqual(ticks(0, 1, 4), [0, 0.2, 0.4, 0.6, 0.8, 1]);
  assert.deepEqual(ticks(0, 100, 5), [0, 20, 40, 60, 80, 100]);
  assert.deepEqual(ticks(-0.3, 0.3, 4), [-0.2, 0, 0.2]);
  assert.deepEqual(ticks(5, 5, 4), [5]);
});

test("whatever the range, ticks are in it, evenly, and neither one nor very many", () => {
  const random = chance();
  for (let turn = 0; turn < 2000; turn++) {
    const [first, power, wide] = [random.next().value, random.next().value, random.next().value];
    const low = (first - 0.5) * 10 ** (12 * power - 6);
    const high = low + Math.abs(low) * (0.01 + wide) * 10;
    const found = ticks(low, high, 4);
    const step = found[1] - found[0];
    assert.ok(found.length >= 2 && found.length <= 8, `${low} to ${high}: ${found}`);
    for (const value of found) assert.ok(value >= low - 1e-6 * step && value <= high + 1e-6 * step, `${low} to ${high}: ${found}`);
    for (let index = 1; index < found.length; index++) assert.ok(Math.abs(found[index] - found[index - 1] - step) < 1e-6 * step);
    assert.ok([1, 2, 5].includes(Math.round(step / 10 ** Math.floor(Math.log10(step * 1.0001)))), `step ${step}`);
  }
});

test("a logarithmic axis has powers of ten, and 2 and 5 where there are few", () => {
  assert.deepEqual(logTicks(0.001, 1000), [0.001, 0.01, 0.1, 1, 10, 100, 1000]);
  assert.deepEqual(logTicks(0.1, 10), [0.1, 0.2, 0.5, 1, 2, 5, 10]);
});

test("where there is no power of ten, a logarithmic axis has round numbers", () => assert.deepEqual(logTicks(3, 4), ticks(3, 4, 4)));

test("epochs are whole numbers as long as a run is looked at from its beginning", () => {
  assert.deepEqual(epochTicks(0, 1, 400), [0, 1]);
  assert.deepEqual(epochTicks(0, 2, 400), [0, 1, 2]);
  assert.ok(epochTicks(0, 50, 400).every(Number.isInteger));
  assert.ok(epochTicks(1.2, 1.9, 400).length > 1, "a part of an epoch has numbers too");
  assert.ok(epochTicks(0, 50, 200).length < epochTicks(0, 50, 400).length, "a narrow chart has fewer");
});
