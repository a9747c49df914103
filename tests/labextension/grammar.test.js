import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";

import oniguruma from "vscode-oniguruma";
import textmate from "vscode-textmate";

import { LINES } from "./lines.js";
import { FILES } from "../../seqmagic/vscode/grammar.js";

const FOLDER = new URL("../../seqmagic/vscode/", import.meta.url);
const wasm = readFileSync(createRequire(import.meta.url).resolve("vscode-oniguruma/release/onig.wasm"));
await oniguruma.loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength));

/** A stand-in for VS Code's Python: what matters is that our lines inside it are ours. */
const PYTHON = { scopeName: "source.python", patterns: [{ name: "string.python", match: '"[^"]*"|\'.*' }, { name: "keyword.python", match: "\\b(if|else)\\b" }] };
const registry = new textmate.Registry({
  onigLib: Promise.resolve({
    createOnigScanner: (sources) => new oniguruma.OnigScanner(sources),
    createOnigString: (text) => new oniguruma.OnigString(text),
  }),
  loadGrammar: async (scope) => (scope === "source.python" ? textmate.parseRawGrammar(JSON.stringify(PYTHON), "python.json") : read(scope)),
  getInjections: (scope) => (scope === "source.python" ? ["source.seqmagic.cell"] : undefined),
});

function read(scope) {
  const file = scope === "source.seqmagic" ? "seqmagic.tmLanguage.json" : "cell.tmLanguage.json";
  return textmate.parseRawGrammar(readFileSync(new URL(file, FOLDER), "utf8"), file);
}

/** The kinds of JupyterLab's colours, by the scopes of VS Code's. */
const KINDS = {
  "keyword.control.magic": "magic",
  "storage.modifier.option": "option",
  "variable.other.definition": "name",
  "keyword.control": "statement",
  "keyword.control.flow": "keyword",
  "invalid.unimplemented.blank": "blank",
  "entity.name.function": "layer",
  "entity.name.label": "label",
  "support.constant": "value",
  "variable.parameter": "argument",
  "constant.numeric": "number",
  "constant.language": "constant",
  "keyword.operator": "operator",
  "comment.line.number-sign": "comment",
  "string.quoted": "string",
};

async function kinds(text, scope = "source.seqmagic") {
  const grammar = await registry.loadGrammar(scope);
  let stack = textmate.INITIAL;
  const said = [];
  for (const line of text.split("\n")) {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, stack);
    stack = ruleStack;
    for (const { startIndex, endIndex, scopes } of tokens) {
      const name = scopes.at(-1).replace(/\.seqmagic$/, "");
      if (KINDS[name] && line.slice(startIndex, endIndex).trim()) {
        said.push(`${line.slice(startIndex, endIndex)}:${KINDS[name]}`);
      }
    }
  }
  return said.join(" ").replaceAll(/":string (.*?):string ":string/g, '"$1":string');
}

test("the files are what the words of the catalogue make", () => {
  for (const [name, text] of Object.entries(FILES)) {
    assert.ok(readFileSync(new URL(name, FOLDER), "utf8") === text, `${name} is old: npm run build makes it anew`);
  }
});

test("a line has the kinds that it has in JupyterLab", async () => {
  for (const [line, expected] of LINES) {
    // A block's name is a function's here, and its parameters are those of any.
    const said = (await kinds(line)).replace("vgg:layer n:argument 2:number", "vgg:name").replace(/ f:argument/g, "");
    assert.equal(said, expected, line);
  }
});

test("a cell is ours from its first line to its end", async () => {
  const said = await kinds('%%sequential digits --add\ninput 8\ndense {"a" if x else 2} relu', "source.python");
  assert.equal(said, "%%sequential:magic digits:name --add:option input:statement 8:number dense:layer relu:value");
});

test("a line magic ends with its line", async () => {
  const said = await kinds("%sequential m input 8 -> relu\nrelu\n%fit m x y epochs=3\nrelu", "source.python");
  assert.equal(said, "%sequential:magic m:name input:statement 8:number ->:operator relu:layer %fit:magic m:name epochs:argument 3:number");
});
