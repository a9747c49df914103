import assert from "node:assert/strict";
import test from "node:test";

import { powerOf, rateAt } from "../../../seqmagic/widgets/page/rate.js";

test("a place of the slider and its rate lead to each other, to two digits", () => {
  for (let power = -6; power <= 0; power += 0.05) {
    const rate = rateAt(power);
    assert.ok(rate.replace(/^0\.0*|e.*$|\./g, "").length <= 2, rate);
    assert.ok(Math.abs(powerOf(rate) - power) < 0.025, `${power} became ${rate}`);
  }
});

test("a text that is no rate leaves the slider in the middle", () => {
  assert.deepEqual(["", "none", "0"].map(powerOf), [-3, -3, -3]);
});
