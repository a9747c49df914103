/** Cuts lines of the language into words that have a colour. A function of text alone: JupyterLab asks it line by line, and Node tests it. */

/** What a piece of text is; language.js says how each looks.
 * @typedef {"magic" | "option" | "name" | "statement" | "layer" | "value" | "argument" | "label" | "number" | "string" | "operator" | "bracket"
 *   | "comment" | "keyword" | "constant" | "blank" | "word"} Kind */

/** @typedef {{ from: number, to: number, kind: Kind }} Token */

/** What a line leaves to the next. Never changed, so that it can be kept for each line.
 * @typedef {object} State
 * @property {string} brackets the open ones: "(" and "[" as in Python, "g" around layers, "{" around Python
 * @property {string} string the quotes of a text that goes on, or ""
 * @property {boolean} open whether the line before ended with an arrow, or a backslash
 * @property {string} statement what the logical line is: "" for layers, or its first word
 * @property {readonly string[]} blocks the names that blocks have above */

/** @typedef {import("./words.js").Words} Words */

/** @type {State} */
export const START = Object.freeze({ brackets: "", string: "", open: false, statement: "", blocks: [] });

/** The magics whose lines are ours. */
export const MAGICS = ["sequential", "fit", "dashboard", "runs", "look", "sweep"];

const WORD = /[\p{L}_][\p{L}\p{M}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{M}\p{N}_]*)*/uy;
const NUMBER = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\p{L}\p{N}_.])/uy;
const SIZE = /(?:\d+|\?)(?:[x×](?:\d+|\?))+(?![\p{L}\p{N}_.?])|\?/uy;
const AMOUNT = /\d+(?:\.\d+)?[ \t]*(?:%|[kKmMgG]?[bB](?![\p{L}\p{N}_.])|[kKmMgG](?![\p{L}\p{N}_.]))/uy; // 50k, 90%, 1.5 MB
const BLANK = /(?:\?|\.\.\.|…|_{2,})(?![\p{L}\p{N}_.?…])/uy; // What is still to be filled in.
const QUOTES = /"""|'''|"|'/y;
const MAGIC = new RegExp(`^\\s*(%%?)(${MAGICS.join("|")})(?![\\p{L}\\p{N}_])`, "u");
const OPTION = /--?[A-Za-z][\w-]*/y;
const SPACE = /\s+/y;
const OPERATOR = /->|\*\*|[=<>!]=|[-+*/%<>=|&^~@≤≥≠]/y;
const PYTHON = new Set(
  (
    "and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or " +
    "pass raise return try while with yield"
  ).split(" "),
);
const CONSTANTS = new Set(["true", "false", "none"]);

/**
 * The index of the line that begins a cell of the language, or -1: comments and blank lines may stand above it.
 * @param {Iterable<string>} lines
 */
export function magicLine(lines) {
  let index = 0;
  for (const line of lines) {
    const text = line.trimStart();
    if (text.startsWith("%%sequential")) {
      return /^%%sequential(?![\p{L}\p{N}_])/u.test(line) ? index : -1;
    }
    if (text !== "" && !text.startsWith("#")) {
      return -1;
    }
    index += 1;
  }
  return -1;
}

/**
 * A line's tokens, and what it leaves to the next line.
 * @param {string} line
 * @param {State} state
 * @param {Words} words
 * @returns {{ tokens: Token[], state: State }}
 */
export function readLine(line, state, words) {
  const reader = new LineReader(line, state, words);
  reader.read();
  return { tokens: reader.tokens, state: reader.rest() };
}

/** Whether a line begins with a magic of seqmagic; then what follows it is of the language too. @param {string} line */
export function isMagic(line) {
  return MAGIC.test(line);
}

/** Goes through one line from left to right. */
class LineReader {
  /** @param {string} line @param {State} state @param {Words} words */
  constructor(line, state, words) {
    this.line = line;
    this.words = words;
    this.at = 0;
    /** @type {Token[]} */
    this.tokens = [];
    this.brackets = state.brackets;
    this.string = state.string;
    this.blocks = state.blocks;
    this.continues = state.open || state.brackets !== "" || state.string !== "";
    this.statement = this.continues ? state.statement : "";
    this.open = false;
    // Whether the next word is a layer's: so it is at the start of a line, after an arrow, a label and the bracket of a group.
    this.atLayer = this.string === "" && this.statement === "" && this.isBetweenLayers();
    this.first = !this.continues; // Whether the next word is the first of its logical line.
  }

  /** Whether no bracket is open but those around layers. */
  isBetweenLayers() {
    return /^g*$/.test(this.brackets);
  }

  read() {
    this.readMagic();
    while (this.at < this.line.length) {
      const before = this.at;
      this.step();
      if (this.at === before) {
        this.at += 1; // What means nothing is passed over.
      }
    }
  }

  rest() {
    const open = this.open || this.line.endsWith("\\");
    if (!open && this.brackets === "" && this.string === "") {
      this.statement = "";
    }
    const { brackets, string, statement, blocks } = this;
    return Object.freeze({ brackets, string, open, statement, blocks });
  }

  /** @param {RegExp} pattern @returns {string} what stands here, or "" */
  match(pattern) {
    pattern.lastIndex = this.at;
    return pattern.exec(this.line)?.[0] ?? "";
  }

  /** @param {number} length @param {Kind} kind */
  put(length, kind) {
    const last = this.tokens.at(-1);
    if (last && last.kind === kind && last.to === this.at && kind === "string") {
      last.to += length;
    } else if (length > 0) {
      this.tokens.push({ from: this.at, to: this.at + length, kind });
    }
    this.at += length;
  }

  readMagic() {
    const found = this.continues ? null : MAGIC.exec(this.line);
    if (!found) {
      return;
    }
    this.at = found[0].search(/%/);
    this.put(found[0].length - this.at, "magic");
    this.at += this.match(SPACE).length;
    const name = this.match(WORD);
    const rest = this.line.slice(this.at + name.length);
    if (name && !/^\s*(=(?!=)|\()/.test(rest)) {
      this.put(name.length, "name");
    }
    this.statement = found[2] === "sequential" ? "" : found[2];
    this.atLayer = this.first = found[2] === "sequential";
  }

  step() {
    if (this.string) {
      this.readString();
      return;
    }
    const space = this.match(SPACE).length;
    if (space > 0) {
      this.at += space;
      return;
    }
    this.open = false;
    if (this.brackets.endsWith("{")) {
      this.readPython();
    } else {
      this.readLanguage();
    }
  }

  readString() {
    let end = this.at;
    while (end < this.line.length && !this.line.startsWith(this.string, end)) {
      end += this.line[end] === "\\" ? 2 : 1;
    }
    const closed = end < this.line.length;
    this.put(Math.min(closed ? end + this.string.length : end, this.line.length) - this.at, "string");
    if (closed || this.string.length === 1) {
      this.string = ""; // Only three quotes go on in the next line.
    }
  }

  /** What both kinds of text have: comments, texts, numbers, brackets. @returns {boolean} whether there was one */
  readCommon() {
    const quotes = this.match(QUOTES);
    const mark = this.line[this.at];
    if (mark === "#") {
      this.put(this.line.length - this.at, "comment");
    } else if (quotes) {
      this.put(quotes.length, "string");
      this.string = quotes;
      this.atLayer = false;
    } else if (this.match(NUMBER)) {
      this.put(this.match(NUMBER).length, "number");
      this.atLayer = false;
    } else if ("([{".includes(mark)) {
      this.openBracket(mark);
    } else if (")]}".includes(mark)) {
      this.brackets = this.brackets.slice(0, -1);
      this.put(1, "bracket");
      this.atLayer = false;
    } else {
      return false;
    }
    return true;
  }

  /** @param {string} mark */
  openBracket(mark) {
    const isGroup = mark === "(" && this.atLayer && !/[\p{L}\p{N}_]/u.test(this.line[this.at - 1] ?? "");
    this.brackets += isGroup ? "g" : mark;
    this.put(1, "bracket");
    this.atLayer = isGroup;
    this.first = false;
  }

  readPython() {
    if (this.readCommon()) {
      return;
    }
    const word = this.match(WORD);
    if (word) {
      this.put(word.length, PYTHON.has(word) ? "keyword" : CONSTANTS.has(word.toLowerCase()) ? "constant" : "word");
    } else {
      this.put(this.match(OPERATOR).length, "operator");
    }
  }

  readLanguage() {
    const blank = /[\s=(,]|^$/.test(this.line[this.at - 1] ?? "") ? this.match(BLANK) : "";
    if (blank && !(blank === "?" && this.statement === "input")) {
      this.put(blank.length, "blank");
      this.atLayer = this.first = false;
      return;
    }
    const size = (this.statement === "expect" && this.match(AMOUNT)) || this.match(SIZE);
    if (size) {
      this.put(size.length, "number");
      this.atLayer = false;
      return;
    }
    const word = this.match(WORD);
    if (word) {
      this.readWord(word);
    } else if (!this.readCommon()) {
      this.readMark();
    }
    this.first = false;
  }

  readMark() {
    const before = this.line[this.at - 1] ?? " ";
    const option = /\s/.test(before) && !this.brackets ? this.match(OPTION) : "";
    if (this.line.startsWith("->", this.at)) {
      this.put(2, "operator");
      this.atLayer = this.statement === "" && this.isBetweenLayers();
      this.open = true;
    } else if (option) {
      this.put(option.length, "option");
    } else if (/^[+-][.\d]/.test(this.line.slice(this.at)) && /[\s=(,[]/.test(before)) {
      this.at += 1;
      const number = this.match(NUMBER);
      this.at -= 1;
      this.put(1 + number.length, number ? "number" : "operator");
    } else {
      this.put(this.match(OPERATOR).length, "operator");
    }
  }

  /** @param {string} word */
  readWord(word) {
    const after = this.line.slice(this.at + word.length);
    const kind = this.kindOf(word, after);
    const isStatement = kind === "statement";
    this.put(word.length, kind);
    if (isStatement) {
      this.statement = word.toLowerCase();
      this.atLayer = false;
      if (this.statement === "block") {
        this.readBlock();
      }
    } else if (kind === "label") {
      this.at += after.indexOf(":") + 1;
      this.atLayer = true;
    } else {
      this.atLayer = false;
    }
  }

  /** @param {string} word @param {string} after @returns {Kind} */
  kindOf(word, after) {
    const { words } = this;
    if (this.first && words.isStatement(word) && !/^\s*(=(?!=)|\(|:)/.test(after)) {
      return "statement";
    }
    if (PYTHON.has(word) || (words.has("searched", word) && after.startsWith("("))) {
      return "keyword";
    }
    if (this.statement === "expect") {
      return this.kindOfExpected(word);
    }
    if (this.atLayer && /^[ \t]*:(?!=)/.test(after)) {
      return "label";
    }
    if (/^\s*=(?!=)/.test(after)) {
      return this.first ? "name" : "argument";
    }
    return this.atLayer ? this.kindOfLayer(word) : this.kindOfArgument(word, after);
  }

  /** What an exercise asks for, and behind it what is counted or should come out. @param {string} word @returns {Kind} */
  kindOfExpected(word) {
    const { words } = this;
    if (this.tokens.at(-1)?.kind === "statement") {
      return words.has("expected", word) || words.isValue(word) || word.startsWith("val_") ? "argument" : "word";
    }
    return words.isValue(word) ? "value" : words.has("layer", word) ? "layer" : "word";
  }

  /** @param {string} word @returns {Kind} */
  kindOfLayer(word) {
    return this.words.has("layer", word) || this.blocks.includes(word) ? "layer" : "word";
  }

  /** @param {string} word @param {string} after @returns {Kind} */
  kindOfArgument(word, after) {
    const { words } = this;
    if (CONSTANTS.has(word.toLowerCase())) {
      return "constant";
    }
    const called = after.startsWith("(");
    if (["compile", "fit", "dashboard", "sweep"].includes(this.statement)) {
      return words.isValue(word) && (called || this.statement === "compile" || words.has("split", word) || words.has("policy", word)) ? "value" : "word";
    }
    if (words.has("layer", word) && (called || !words.isValue(word))) {
      return "layer";
    }
    return words.isValue(word) ? "value" : words.has("argument", word) ? "argument" : "word";
  }

  /** A block's name, and what stands in its brackets. */
  readBlock() {
    this.at += this.match(SPACE).length;
    const name = this.match(WORD);
    if (name) {
      this.put(name.length, "name");
      this.blocks = this.blocks.includes(name) ? this.blocks : [...this.blocks, name];
    }
    const head = /^\s*(\([^()]*\))?\s*:/.exec(this.line.slice(this.at))?.[0];
    if (head === undefined) {
      return;
    }
    for (const { index, 0: piece } of head.matchAll(/[\p{L}_][\p{L}\p{N}_]*|\d[\d.]*|[()]/gu)) {
      const start = this.at + index;
      const kind = "()".includes(piece) ? "bracket" : /^\d/.test(piece) ? "number" : "argument";
      this.tokens.push({ from: start, to: start + piece.length, kind });
    }
    this.at += head.length;
    this.statement = "";
    this.atLayer = true;
  }
}
