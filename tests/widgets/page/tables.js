// Tables and stores for the tests of the page.

import { Store } from "../../../seqmagic/widgets/page/run/store.js";
import { MISSING, Table } from "../../../seqmagic/widgets/page/run/table.js";

export const STYLE = { color: "black", fontFamily: "sans-serif", training: "blue", validation: "orange" };
// What a row doesn't have; as a number of JavaScript it would lose its bits, so that rows are written as bits where they matter.
export { MISSING };

/** A table of named columns. */
export function tableOf(names, rows) {
  const table = new Table();
  table.put(names, 0, new Float32Array(rows.flat()));
  return table;
}

/** A store with tables, and a header that says so much. */
export function storeOf(tables, header = {}) {
  const store = new Store();
  Object.assign(store.tables, tables);
  store.header = { block: 0, epochs: 10, best: null, numbers: [], counts: {}, ...header };
  return store;
}

/** A curve of a table's first column. */
export function curveOf(rows, more = {}) {
  return { table: tableOf(["loss"], rows), column: 1, label: "training", color: "blue", alpha: 1, width: 2, ...more };
}

/** A block as the kernel packs it: the header's length, the header, the rows. */
export function blockOf(header, ...rows) {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const numbers = new Uint8Array(new Float32Array(rows.flat(2)).buffer);
  const bytes = new Uint8Array(4 + text.length + numbers.length);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 4);
  bytes.set(numbers, 4 + text.length);
  return new DataView(bytes.buffer);
}

/** Numbers that look as if by chance, and are the same in each test. */
export function* chance(seed = 1) {
  for (let state = seed; ; ) {
    state = (1103515245 * state + 12345) % 2147483648;
    yield state / 2147483648;
  }
}
