/** The language in an editor: colours, comments and indentation, in every cell that begins with %%sequential. */

import { StreamLanguage, indentService } from "@codemirror/language";
import { Compartment, EditorState, Prec } from "@codemirror/state";
import { tags } from "@lezer/highlight";

import { guarded } from "./guard.js";
import { START, isMagic, magicLine, readLine } from "./lexer.js";

/** @typedef {import("@codemirror/state").Extension} Extension */
/** @typedef {import("@codemirror/state").Text} Text */
/** @typedef {import("@codemirror/view").EditorView} EditorView */
/** @typedef {import("./lexer.js").Kind} Kind */
/** @typedef {import("./words.js").Words} Words */

/** The tags by which the theme of the page gives each kind its colour. @type {Record<Kind, import("@lezer/highlight").Tag>} */
export const TAGS = {
  magic: tags.meta,
  option: tags.attributeName,
  name: tags.special(tags.variableName),
  statement: tags.keyword,
  layer: tags.definition(tags.variableName),
  value: tags.special(tags.string),
  argument: tags.propertyName,
  label: tags.special(tags.variableName),
  number: tags.number,
  string: tags.string,
  operator: tags.operator,
  bracket: tags.bracket,
  comment: tags.comment,
  keyword: tags.keyword,
  constant: tags.bool,
  blank: tags.invalid,
  word: tags.variableName,
};

/** Whether a text is a cell of the language. @param {Text} text */
export function isSequential(text) {
  return magicLine(text.iterLines()) >= 0;
}

/** Whether a text has anything of the language in it: such a cell, or a line of one of our magics. @param {Text} text */
export function isOurs(text) {
  if (isSequential(text)) {
    return true;
  }
  for (const line of text.iterLines()) {
    if (isMagic(line)) {
      return true;
    }
  }
  return false;
}

/** The language with these words. @param {Words} words @returns {StreamLanguage<any>} */
export function makeLanguage(words) {
  return StreamLanguage.define({
    name: "seqmagic",
    startState: () => ({ carried: START, tokens: /** @type {import("./lexer.js").Token[]} */ ([]) }),
    token(stream, state) {
      if (stream.sol()) {
        const line = guarded("colours", () => readLine(stream.string, state.carried, words));
        state.tokens = line?.tokens ?? [];
        state.carried = line?.state ?? START;
      }
      const token = state.tokens.find(({ to }) => to > stream.pos);
      if (token === undefined || token.from > stream.pos) {
        stream.pos = token?.from ?? stream.string.length;
        return null;
      }
      stream.pos = token.to;
      return token.kind;
    },
    tokenTable: TAGS,
    languageData: { commentTokens: { line: "#" }, closeBrackets: { brackets: ["(", "[", "{", "'", '"'] } },
  });
}

/** After the head of a block and an open bracket, the next line goes in by a step; any other stands where the last one does. */
const indentation = indentService.of((context, position) => {
  if (context.simulatedBreak !== position) {
    return undefined;
  }
  const { text, from } = context.lineAt(position, -1);
  const opens = /^\s*block\s.*:\s*(#.*)?$|[([]\s*(#.*)?$/.test(text);
  return context.lineIndent(from) + (opens ? context.unit : 0);
});

const place = new Compartment();
/** @type {Extension} */
let current = [];

/**
 * What puts the language in the place of Python's, in editors whose text begins with %%sequential, for as long as it does.
 * @param {string} text what the editor begins with
 */
export function languageSwitch(text) {
  const extender = EditorState.transactionExtender.of((transaction) => {
    const change = guarded("language", () => transaction.docChanged && switched(transaction.startState, transaction.newDoc));
    return change ? { effects: change } : null;
  });
  return [extender, place.of(magicLine(text.split("\n")) >= 0 ? current : [])];
}

/** @param {EditorState} state @param {Text} text @returns what changes the language of the editor, where it has to change */
function switched(state, text) {
  const wanted = isSequential(text) ? current : [];
  const held = place.get(state);
  return held === undefined || held === wanted || (isEmpty(held) && isEmpty(wanted)) ? null : place.reconfigure(wanted);
}

/** @param {Extension} extension */
function isEmpty(extension) {
  return Array.isArray(extension) && extension.length === 0;
}

/**
 * From now on editors have the language with these words, or none; those in `views` at once.
 * @param {Words | null} words
 * @param {Iterable<EditorView>} views
 */
export function setLanguage(words, views) {
  current = words === null ? [] : [Prec.highest(makeLanguage(words).extension), Prec.highest(indentation)];
  for (const view of views) {
    const effects = switched(view.state, view.state.doc);
    if (effects) {
      view.dispatch({ effects });
    }
  }
}
