// Which tab is open while presses are on their way to the kernel and answers on their way back.

import assert from "node:assert/strict";
import { test } from "node:test";

import { pressId, takeNews } from "../../../../seqmagic/widgets/page/look/news.js";

const LOOK = { title: "", status: "", tabs: [], open: "samples", panels: {}, epochs: {}, at: "" };
const storeWith = (more) => ({ look: { ...LOOK, ...more.look }, opened: "samples", pressed: "", ...more });

test("unasked, the kernel opens what it likes", () => {
  const store = storeWith({});
  takeNews(store, { open: "confusion", panels: { confusion: "<p>" } });
  assert.deepEqual([store.look.open, store.look.panels], ["confusion", { confusion: "<p>" }]);
});

test("an answer to an earlier press does not open its tab again", () => {
  const [first, second] = [pressId(), pressId()];
  assert.notEqual(first, second);
  const store = storeWith({ look: { open: "confusion" }, opened: "confusion", pressed: second });
  takeNews(store, { open: "samples", panels: { samples: "<p>" } });
  takeNews(store, { answered: first });
  assert.deepEqual([store.look.open, store.look.panels], ["confusion", { samples: "<p>" }]);
  takeNews(store, { open: "confusion" });
  takeNews(store, { answered: second });
  assert.deepEqual([store.look.open, store.pressed], ["confusion", ""]);
});

test("a press that opens another tab opens it when it is answered", () => {
  const press = pressId();
  const store = storeWith({ look: { open: "confusion" }, opened: "confusion", pressed: press });
  takeNews(store, { open: "samples" });
  takeNews(store, { answered: press });
  assert.equal(store.look.open, "samples");
  takeNews(store, { status: "training" });
  assert.equal(store.look.open, "samples");
});
