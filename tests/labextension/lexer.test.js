import assert from "node:assert/strict";
import { test } from "node:test";

import { START, isMagic, magicLine, readLine } from "../../seqmagic/labextension/src/lexer.js";
import { RELEASED_WORDS } from "../../seqmagic/labextension/src/words.js";
import { LINES } from "./lines.js";

const QUIET = new Set(["word", "bracket"]); // What has no colour, or always the same.

/** "word:kind" for all that has a colour in a text. @param {string} text */
function kinds(text) {
  let state = START;
  const said = [];
  for (const line of text.split("\n")) {
    const read = readLine(line, state, RELEASED_WORDS);
    assertTiles(line, read.tokens);
    said.push(...read.tokens.filter(({ kind }) => !QUIET.has(kind)).map(({ from, to, kind }) => `${line.slice(from, to)}:${kind}`));
    state = read.state;
  }
  return said.join(" ");
}

/** Tokens stand one after the other, and none is empty. */
function assertTiles(line, tokens) {
  let at = 0;
  for (const { from, to } of tokens) {
    assert.ok(at <= from && from < to && to <= line.length, `${JSON.stringify(line)}: ${from} to ${to}`);
    at = to;
  }
}

test("a line", () => {
  for (const [line, expected] of LINES) {
    const said = kinds(line)
      .split(" ")
      .filter((word) => !word.startsWith("=:") && word !== "f:argument" && word !== "n:argument" && word !== "2:number" || expected.includes(word));
    assert.equal(said.join(" "), expected, line);
  }
});

test("the first line", () => {
  assert.equal(kinds("%%sequential digits --add"), "%%sequential:magic digits:name --add:option");
  assert.equal(kinds("%sequential m input 784 -> dense 10"), "%sequential:magic m:name input:statement 784:number ->:operator dense:layer 10:number");
  assert.equal(kinds("%fit digits x y epochs=3 --resume"), "%fit:magic digits:name epochs:argument =:operator 3:number --resume:option");
  assert.equal(kinds('%runs --best "val"'), '%runs:magic --best:option "val":string');
});

test("Python in braces", () => {
  assert.equal(
    kinds('dense {2 * width if x else len("}")} relu'),
    'dense:layer 2:number *:operator if:keyword else:keyword "}":string relu:value',
  );
  assert.equal(kinds("dense {{1: 2}[1]}\nrelu"), "dense:layer 1:number 2:number 1:number relu:layer");
});

test("what goes on in the next line", () => {
  assert.equal(kinds("dense 4 ->\n  relu"), "dense:layer 4:number ->:operator relu:layer");
  assert.equal(kinds("(\ndense 4\nrelu\n) * 2\nrelu"), "dense:layer 4:number relu:layer *:operator 2:number relu:layer");
  assert.equal(kinds("fit x y \\\n relu epochs=2\nrelu"), "fit:statement epochs:argument =:operator 2:number relu:layer");
  assert.equal(kinds('"""one\ntwo""" relu\nrelu'), '"""one:string two""":string relu:value relu:layer');
  assert.equal(kinds('dense "relu\nrelu'), 'dense:layer "relu:string relu:layer');
});

test("a block's own name is a layer below it", () => {
  assert.equal(kinds("vgg 2\nblock vgg(f):\n  conv f 3x3\nvgg 2").endsWith("vgg:layer 2:number"), true);
  assert.equal(kinds("vgg 2"), "2:number");
});

test("which cells are of the language", () => {
  assert.equal(magicLine(["%%sequential"]), 0);
  assert.equal(magicLine(["# mine", "", "%%sequential digits"]), 2);
  for (const cell of [["%%sequentials"], [" %%sequential"], ["x = 1", "%%sequential"], ["%sequential"], [], [""]]) {
    assert.equal(magicLine(cell), -1, cell.join("\n"));
  }
  assert.deepEqual(["%fit m", "  %runs", "%fitting", "x %fit"].map(isMagic), [true, true, false, false]);
});

test("whatever is typed is read to its end, and soon", () => {
  const pieces = ["conv", " ", "3x3", "(", ")", "[", "]", "{", "}", '"', "'", '"""', "->", "=", "*", "#", "\\", ":", "é", "😀", "%%", "--", "?", "block ", "\n"];
  let seed = 1;
  const next = () => (seed = (seed * 48271) % 2147483647);
  for (let round = 0; round < 2000; round += 1) {
    kinds(Array.from({ length: next() % 14 }, () => pieces[next() % pieces.length]).join(""));
  }
  kinds("dense 10 ".repeat(5000));
  kinds(`${"(".repeat(3000)}${"{".repeat(3000)}`);
});
