/** The grammars for VS Code, made from the words of the catalogue: `node grammar.js` writes them beside this file. */

import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { MAGICS } from "../labextension/src/lexer.js";
import WORDS from "../editor/words.json" with { type: "json" };

/** @param {string} setting such as "loss:loss=none" */
const nameOf = (setting) => setting.replace(/[:=].*/, "");
const NAMES = WORDS.entries.flatMap(({ word, also, settings }) => [word, ...(also ?? []), ...(settings ?? []).map(nameOf)]);
/** What words are put together of: `global`, `avg` and `pool` among them. */
const PARTS = new Set(NAMES.flatMap((name) => name.toLowerCase().split("_")).filter((part) => part.length > 2));
["sep", "dw", "mixed", "float16", "bfloat16"].forEach((part) => PARTS.add(part));
/** Each word as Keras writes it, by the spelling in which words are compared. */
const SPELLED = new Map(NAMES.map((word) => [word.toLowerCase().replaceAll("_", ""), word]));

/** A word with `_` between its parts, where it is put together of as few as can be: globalavgpool is global_avg_pool. @param {string} word */
function divided(word) {
  /** How each beginning of the word is divided. @type {(string[] | undefined)[]} */
  const divisions = [[]];
  for (let end = 1; end <= word.length; end += 1) {
    for (let start = 0; start < end; start += 1) {
      const before = divisions[start];
      const part = word.slice(start, end);
      if (before && PARTS.has(part) && part !== word && !((divisions[end]?.length ?? Infinity) <= before.length + 1)) {
        divisions[end] = [...before, part];
      }
    }
  }
  return divisions[word.length]?.join("_") ?? word;
}
const NAME = "[\\p{L}_][\\p{L}\\p{M}\\p{N}_]*";
const MODULES = "(?:(?:\\w+\\.)*(?:keras|layers|activations|optimizers|schedules|losses|metrics|initializers|regularizers|constraints|callbacks)\\.)?";
const ENDS = "(?![\\p{L}\\p{N}_.])";

/** A pattern for any of these words in each of their spellings: Conv2D, conv_2d and conv2d are one. @param {string[]} words */
function anyOf(words) {
  const spelled = words.map((word) => (SPELLED.get(word) ?? divided(word)).replace(/_/g, "_?").replace(/(?<=[a-z])(?=[123]d$)/, "_?"));
  return `(?i:${[...new Set(spelled)].sort((one, other) => other.length - one.length || (one < other ? -1 : 1)).join("|")})`;
}

const layers = anyOf(WORDS.kinds.layer);
const NO_VALUES = ["layer", "argument", "searched", "expected"];
const values = anyOf(Object.entries(WORDS.kinds).flatMap(([kind, words]) => (NO_VALUES.includes(kind) ? [] : words)));
const flags = anyOf(WORDS.kinds.argument.filter((word) => word.length > 1));
const statements = WORDS.statements.filter((word) => word !== "block" && word !== "expect").join("|");
const searched = WORDS.kinds.searched.join("|");
const expected = anyOf([...WORDS.kinds.expected, ...WORDS.kinds.loss, ...WORDS.kinds.metric]);
const BLANK = "(?:\\?|\\.\\.\\.|…|_{2,})(?![\\p{L}\\p{N}_.?…x×])";

/** @param {string} name @param {string} match */
const rule = (name, match) => ({ name: `${name}.seqmagic`, match });
/** @param {...string} names */
const captures = (...names) => Object.fromEntries(names.map((name, index) => [index + 1, { name: `${name}.seqmagic` }]));
/** @param {...string} names */
const include = (...names) => names.map((name) => ({ include: name.includes(".") ? name : `#${name}` }));

/** A network: what stands in a .seq file and below %%sequential. */
export const language = {
  $schema: "https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json",
  name: "seqmagic",
  scopeName: "source.seqmagic",
  fileTypes: ["seq"],
  patterns: include("comment", "string", "python", "input", "expect", "statement", "block", "label", "opening", "rest"),
  repository: {
    comment: rule("comment.line.number-sign", "#.*$"),
    string: {
      patterns: ['"', "'"].map((quote) => ({
        name: "string.quoted.seqmagic",
        begin: quote,
        end: `${quote}|$`,
        patterns: [rule("constant.character.escape", "\\\\.")],
      })),
    },
    python: {
      name: "meta.embedded.expression.seqmagic",
      begin: "\\{",
      end: "\\}",
      captures: { 0: { name: "punctuation.section.embedded.seqmagic" } },
      patterns: [{ begin: "\\{", end: "\\}", patterns: include("source.python") }, ...include("source.python")],
    },
    // A ? is a length that is not known here, and something to be filled in anywhere else.
    input: {
      begin: "^\\s*(input)\\b(?!\\s*[=(:])",
      beginCaptures: captures("keyword.control"),
      end: "$|(?=->)",
      patterns: [rule("constant.numeric", "\\?(?![x×])"), ...include("comment", "string", "python", "rest")],
    },
    expect: {
      begin: `^\\s*(expect)\\b(?!\\s*[=(:])(?:\\s+(${expected}|val_\\w+)${ENDS})?`,
      beginCaptures: captures("keyword.control", "variable.parameter"),
      end: "$",
      patterns: [
        rule("constant.numeric", `(?<![\\p{L}\\p{N}_.])\\d+(?:\\.\\d+)?[ \\t]*(?:%|[kKmMgG]?[bB]${ENDS}|[kKmMgG]${ENDS})`),
        rule("keyword.operator", "[<>=!]=|[<>=≤≥≠]"),
        ...include("comment", "rest"),
      ],
    },
    statement: { match: `^\\s*(${statements})\\b(?!\\s*[=(:])`, captures: captures("keyword.control") },
    block: {
      match: `^\\s*(block)\\s+(${NAME})`,
      captures: captures("keyword.control", "entity.name.function"),
    },
    label: { match: `(?:^|(?<=->|\\())\\s*(${NAME})\\s*:(?![:=])`, captures: captures("entity.name.label") },
    // The first word of a line, and of what follows an arrow, a label and a bracket, is a layer's; softmax may be one, or a value elsewhere.
    opening: { match: `(?:^|(?<=->|\\(|:))\\s*(${MODULES}${layers})${ENDS}`, captures: captures("entity.name.function") },
    rest: {
      patterns: [
        rule("invalid.unimplemented.blank", `(?:^|(?<=[\\s=(,]))${BLANK}`),
        rule("keyword.control.flow", `(?<![\\p{L}\\p{N}_.])(?:${searched})(?=\\()`),
        { match: `(${NAME})\\s*(=)(?!=)`, captures: captures("variable.parameter", "keyword.operator.assignment") },
        rule("constant.language", `(?i:\\b(?:${WORDS.constants.join("|")}))${ENDS}`),
        rule("constant.numeric", `(?<![\\p{L}\\p{N}_.])(?:\\d+|\\?)(?:[x×](?:\\d+|\\?))+${ENDS}`),
        rule("constant.numeric", `(?<![\\p{L}\\p{N}_.])(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?${ENDS}`),
        rule("support.constant", `(?<![\\p{L}\\p{N}_.])${MODULES}${values}${ENDS}(?!\\()`),
        rule("entity.name.function", `(?<![\\p{L}\\p{N}_.])${MODULES}${layers}${ENDS}`),
        rule("support.constant", `(?<![\\p{L}\\p{N}_.])${MODULES}${values}${ENDS}`),
        rule("variable.parameter", `(?<![\\p{L}\\p{N}_.])${flags}${ENDS}`),
        rule("keyword.operator", "->|(?<=[\\s)])\\*"),
        rule("variable.other", NAME),
      ],
    },
  },
};

/** The same in a notebook's Python cells: the whole cell below %%sequential, and the lines of the other magics. */
export const cell = {
  $schema: language.$schema,
  name: "seqmagic in a cell",
  scopeName: "source.seqmagic.cell",
  injectionSelector: "L:source.python -string -comment",
  patterns: [
    {
      name: "meta.embedded.block.seqmagic",
      begin: "^(%%sequential)\\b",
      beginCaptures: captures("keyword.control.magic"),
      end: "(?!)", // It goes on to the cell's end.
      patterns: [
        { match: `(?<=%%sequential)\\s+(${NAME})`, captures: captures("variable.other.definition") },
        { match: "(?<=\\s)(--[\\w-]+)", captures: captures("storage.modifier.option") },
        ...include("source.seqmagic"),
      ],
    },
    {
      name: "meta.embedded.line.seqmagic",
      begin: "^\\s*(%sequential)\\b(?:\\s+([\\p{L}_][\\p{L}\\p{N}_]*)\\b(?!\\s*=))?\\s*(input\\b)?",
      beginCaptures: captures("keyword.control.magic", "variable.other.definition", "keyword.control"),
      end: "$",
      patterns: [{ match: "(?<=\\s)(--[\\w-]+)", captures: captures("storage.modifier.option") }, ...include("source.seqmagic")],
    },
    {
      name: "meta.embedded.line.seqmagic",
      begin: `^\\s*(%(?:${MAGICS.filter((magic) => magic !== "sequential").join("|")}))\\b(?:\\s+([\\p{L}_][\\p{L}\\p{N}_]*)\\b(?!\\s*=))?`,
      beginCaptures: captures("keyword.control.magic", "variable.other.definition"),
      end: "$",
      patterns: [
        { match: "(?<=\\s)(--[\\w-]+)", captures: captures("storage.modifier.option") },
        ...include("source.seqmagic#comment", "source.seqmagic#string", "source.seqmagic#python", "source.seqmagic#rest"),
      ],
    },
  ],
};

/** Every file that is made, with its text. */
export const FILES = Object.fromEntries(
  Object.entries({ "seqmagic.tmLanguage.json": language, "cell.tmLanguage.json": cell }).map(([name, grammar]) => [
    name,
    `${JSON.stringify(grammar, null, 2)}\n`,
  ]),
);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, text] of Object.entries(FILES)) {
    writeFileSync(new URL(name, import.meta.url), text);
  }
}
