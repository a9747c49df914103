// Which numbers stand at an axis.

/**
 * About `count` round numbers from low to high.
 *
 * @param {number} low
 * @param {number} high
 * @param {number} count
 */
export function ticks(low, high, count) {
  const raw = (high - low) / count;
  if (!(raw > 0)) return [low];
  const power = 10 ** Math.floor(Math.log10(raw));
  const factor = [1, 2, 5, 10].find((each) => each * power >= 0.7 * raw) ?? 10;
  const step = factor * power;
  const found = [];
  for (let value = Math.ceil(low / step - 1e-9) * step; value <= high + step * 1e-9; value += step) found.push(Number(value.toPrecision(12)));
  return found;
}

/**
 * Round numbers on a logarithmic axis: powers of ten, and 2 and 5 between them where there are few.
 *
 * @param {number} low above 0
 * @param {number} high
 */
export function logTicks(low, high) {
  const found = [];
  const few = Math.log10(high / low) < 2.5;
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
    for (const factor of few ? [1, 2, 5] : [1]) {
      const value = factor * 10 ** power;
      if (value >= low && value <= high) found.push(Number(value.toPrecision(3)));
    }
  }
  return found.length > 1 ? found : ticks(low, high, 4);
}

/**
 * The epochs below a chart: whole ones, as many as there is room for.
 *
 * @param {number} from
 * @param {number} to
 * @param {number} width in pixels
 */
export function epochTicks(from, to, width) {
  const span = to - from;
  const found = ticks(from, to, Math.min(width > 260 ? 7 : 4, Math.max(1, span < 3 ? 4 : span)));
  return span < 3 && from === 0 ? found.filter(Number.isInteger) : found;
}
