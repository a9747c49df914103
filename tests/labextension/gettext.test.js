/** What the page says, in the language of the kernel. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { gettext, setTexts } from "../../seqmagic/labextension/src/gettext.js";
import { isOurs } from "../../seqmagic/labextension/src/offer_order.js";

test("a text is in English until a kernel has told another", () => {
  assert.equal(gettext("Line {line}: {text}", { line: 3, text: "{line}" }), "Line 3: {line}");
  setTexts({ "Line {line}: {text}": "第 {line} 行：{text}", "Instead: ": 7 });
  assert.equal(gettext("Line {line}: {text}", { line: 3, text: "relu" }), "第 3 行：relu");
  assert.equal(gettext("Instead: "), "Instead: ");
  setTexts(undefined); // A kernel that speaks English, or an older one.
  assert.equal(gettext("Line {line}: {text}", { line: 3, text: "relu" }), "Line 3: relu");
});

test("the kernel's offers are known in any language", () => {
  assert.deepEqual(["layer: all", "层：全部", "function", ""].map((type) => isOurs({ type })), [true, true, false, false]);
});
