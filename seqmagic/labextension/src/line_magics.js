/** Colours for %sequential, %fit, %dashboard and the like inside Python cells, over those that Python's own parser gives them. */

import { highlightingFor } from "@codemirror/language";
import { Prec, RangeSetBuilder } from "@codemirror/state";
import { Decoration, ViewPlugin } from "@codemirror/view";

import { guarded } from "./guard.js";
import { TAGS, isSequential } from "./language.js";
import { START, isMagic, readLine } from "./lexer.js";

/** @typedef {import("@codemirror/view").EditorView} EditorView */
/** @typedef {import("./lexer.js").Kind} Kind */
/** @typedef {import("./words.js").Words} Words */

const BOLD = new Set(["statement", "keyword", "constant", "operator"]); // What the page's theme may make bold.

/**
 * @param {() => Words | null} words those of the moment, or null where there are to be no colours
 */
export function lineMagics(words) {
  return Prec.highest(
    ViewPlugin.define(
      (view) => ({
        marks: marksOf(view, words()),
        words: words(),
        update(update) {
          if (update.docChanged || update.viewportChanged || this.words !== words()) {
            this.words = words();
            this.marks = marksOf(update.view, this.words);
          }
        },
      }),
      { decorations: (plugin) => plugin.marks },
    ),
  );
}

/** @param {EditorView} view @param {Words | null} words */
function marksOf(view, words) {
  return guarded("line magics", () => (words === null ? null : findMarks(view, words))) ?? Decoration.none;
}

/** @param {EditorView} view @param {Words} words */
function findMarks(view, words) {
  const { state } = view;
  if (isSequential(state.doc)) {
    return Decoration.none;
  }
  /** @type {RangeSetBuilder<Decoration>} */
  const builder = new RangeSetBuilder();
  for (const { from, to } of view.visibleRanges) {
    for (let at = from; at <= to; ) {
      const line = state.doc.lineAt(at);
      if (isMagic(line.text)) {
        for (const token of readLine(line.text, START, words).tokens) {
          builder.add(line.from + token.from, line.from + token.to, markOf(view, token.kind));
        }
      }
      at = line.to + 1;
    }
  }
  return builder.finish();
}

/** @param {EditorView} view @param {Kind} kind */
function markOf(view, kind) {
  const style = kind === "word" ? "color: var(--jp-mirror-editor-variable-color); " : "";
  return Decoration.mark({
    class: highlightingFor(view.state, [TAGS[kind]]) ?? "",
    attributes: BOLD.has(kind) ? {} : { style: `${style}font-weight: normal` },
  });
}
