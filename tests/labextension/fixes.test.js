/** The change that a fix's button makes of a cell. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { changeOf } from "../../seqmagic/labextension/src/fixes.js";

const CELL = "%%sequential digits\ninput 8x8x1\ndense 3 rleu\n# my own remark\n";
const OLD = "input 8x8x1\ndense 3 rleu";

/** @param {string} source @param {string} old @param {string} fixed */
function changed(source, old, fixed) {
  const change = changeOf(source, old, fixed);
  assert.ok(typeof change === "object");
  return source.slice(0, change.start) + change.insert + source.slice(change.end);
}

test("only what differs is changed", () => {
  assert.deepEqual(changeOf(CELL, OLD, "input 8x8x1\ndense 3 relu"), { start: 41, end: 43, insert: "el" });
  assert.equal(changed(CELL, OLD, "input 8x8x1\ndense 3 relu"), CELL.replace("rleu", "relu"));
});

test("lines may come, go and change their place", () => {
  for (const fixed of ["input 8x8x1\nflatten\ndense 3 relu", "input 8x8x1", "dense 3 rleu\ninput 8x8x1", "aaa", "input 8x8x1\ndense 3 rleu rleu"]) {
    assert.equal(changed(CELL, OLD, fixed), CELL.replace(OLD, fixed));
  }
  assert.equal(changed("aa", "aa", "aaa"), "aaa");
  assert.equal(changed("aaa", "aaa", "aa"), "aa");
});

test("a cell that says something else by now stays as it is", () => {
  assert.equal(changeOf("%%sequential digits\ninput 9", OLD, "input 8x8x1\ndense 3 relu"), "changed");
  assert.equal(changeOf(`${OLD}\n${OLD}`, OLD, "input 8"), "changed");
  assert.equal(changeOf(CELL.replace("rleu", "relu"), OLD, "input 8x8x1\ndense 3 relu"), "done");
});
