import assert from "node:assert/strict";
import test from "node:test";

import { formatNewest, formatNumber } from "../../../seqmagic/widgets/page/number_format.js";

const CASES = [
  [0, "0"], [1, "1"], [0.5, "0.5"], [0.123456, "0.1235"], [12.3456, "12.35"], [1234.56, "1235"], [99999, "100000"],
  [0.001, "0.001"], [0.000123456, "1.23e-4"], [1e-7, "1e-7"], [100000, "1e+5"], [1234567, "1.23e+6"], [-0.00042, "-4.2e-4"], [-3.14159, "-3.142"],
  [NaN, "NaN"], [Infinity, "NaN"], [-Infinity, "NaN"], [null, "NaN"],
];

for (const [value, text] of CASES) {
  test(`${value} is written ${text}`, () => assert.equal(formatNumber(value), text));
}

test("what is written is the number to four digits", () => {
  for (let power = -12; power < 12; power++) {
    for (const digits of [1, 1.5, 2.345678, 9.9994]) {
      const value = digits * 10 ** power;
      assert.ok(Math.abs(Number(formatNumber(value)) / value - 1) < 0.005, `${value} became ${formatNumber(value)}`);
    }
  }
});

test("of a small number that changes quickly, three digits are shown", () => {
  assert.deepEqual([0.0123456, 0.123456, null].map(formatNewest), ["0.0123", "0.1235", "NaN"]);
});
