// Numbers as people read them.

/**
 * A number in at most four digits: 0.0421, 1.2e-5.
 *
 * @param {number | null} value null is what JSON has for NaN and infinity
 */
export function formatNumber(value) {
  if (value === null || !Number.isFinite(value)) return "NaN";
  if (value !== 0 && (Math.abs(value) < 0.001 || Math.abs(value) >= 100000)) return value.toExponential(2).replace(/\.?0+e/, "e");
  return String(Number(value.toPrecision(4)));
}

/**
 * The same for a number that changes many times a second: of a small one, three digits are as many as anybody reads.
 *
 * @param {number | null} value
 */
export function formatNewest(value) {
  return formatNumber(value !== null && Math.abs(value) < 0.1 ? Number(value.toPrecision(3)) : value);
}
