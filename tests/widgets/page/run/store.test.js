import assert from "node:assert/strict";
import test from "node:test";

import { Store } from "../../../../seqmagic/widgets/page/run/store.js";
import { blockOf } from "../tables.js";

const begin = (block, more = {}) =>
  blockOf({ block, state: "running", ...more, tables: [{ table: "batches", start: 0, length: 4, names: ["loss"] }] }, [[0.5, 9], [1, 8]]);
const next = (block, start, more = {}) => blockOf({ block, ...more, tables: [{ table: "batches", start, length: 2 }] }, [[1.5, 7]]);

test("blocks in order make a run: what is new in the header joins what is known", () => {
  const store = new Store();
  assert.equal(store.take(begin(7, { word: "Running" }), true), true);
  assert.equal(store.take(next(8, 2, { facts: "1 of 2" }), false), true);
  assert.deepEqual([store.tables.batches.count, store.header.word, store.header.facts], [3, "Running", "1 of 2"]);
});

test("a block that was lost is noticed, and so are rows", () => {
  const store = new Store();
  assert.equal(store.take(next(1, 0), false), false, "before the first block");
  store.take(begin(1), true);
  assert.equal(store.take(next(3, 2), false), false, "block 2 is missing");
  assert.equal(store.take(next(2, 9), false), false, "rows are missing");
  assert.deepEqual([store.tables.batches.count, store.header.block], [2, 1]);
  assert.equal(store.take(begin(4), true), true, "all of them");
  assert.equal(store.take(next(5, 2), false), true);
});

test("a fresh block takes the place of everything", () => {
  const store = new Store();
  store.take(begin(1), true);
  store.tables.earlier0 = store.tables.batches;
  store.take(blockOf({ block: 2, tables: [] }), true);
  assert.deepEqual(Object.keys(store.tables), ["batches", "epochs"]);
  assert.equal(store.tables.batches.count, 0);
});

test("messages stay until there are others", () => {
  const store = new Store();
  store.take(begin(1, { messages: { error: "", text: "one", notes: ["two"] } }), true);
  const said = store.messages;
  store.take(next(2, 2), false);
  assert.equal(store.messages, said);
  assert.equal(said.text, "one");
});

test("looking closer asks the kernel for the batches there, and looking at all does not", () => {
  const store = new Store();
  const sent = [];
  let drawn = 0;
  store.send = (message) => sent.push(message);
  const forget = store.onRedraw(() => (drawn += 1));
  store.takeDetail(blockOf({ tables: [{ table: "detail", start: 0, length: 2, names: ["loss"] }] }, [[1, 2]]));
  assert.equal(store.tables.detail.count, 1);
  store.zoomTo([1, 2]);
  assert.equal(store.tables.detail, undefined, "they were those of another part");
  store.zoomTo(null);
  assert.deepEqual(sent, [{ kind: "detail", from: 1, to: 2 }]);
  forget();
  store.redraw();
  assert.equal(drawn, 2);
});

test("a kernel that is gone keeps nobody from looking closer", () => {
  const store = new Store();
  store.send = () => {
    throw new Error("gone");
  };
  assert.throws(() => store.zoomTo([1, 2]));
  assert.deepEqual(store.zoom, [1, 2]);
});

test("how curves are shown is drawn at once, and kept", () => {
  const store = new Store();
  const done = [];
  store.onRedraw(() => done.push("drawn"));
  store.saveLook = () => done.push({ ...store.look });
  store.changeLook({ log: true });
  assert.deepEqual(done, ["drawn", { log: true, batches: true, earlier: true, smooth: 0 }]);
});
