/** When a cell is asked about, and what is done with the answer. */

import { EditorView, ViewPlugin } from "@codemirror/view";

import { guarded } from "./guard.js";
import { isOurs } from "./language.js";
import { diagnosticsOf, problems, showProblems } from "./problems.js";
import { setShapes, shapeColumn } from "./shapes.js";

/** @typedef {import("@codemirror/lint").Diagnostic} Diagnostic */
/** @typedef {import("./kernel.js").Answer} Answer */
/** @typedef {import("./kernel.js").KernelLines} KernelLines */
/** Asks again; or only where nobody could be asked until now. @typedef {(isUnasked: boolean) => void} Asker */

const PAUSE = 300; // Milliseconds without a keystroke, after which the kernel is asked.
const WORD_PAUSE = 1000; // ... and after which the word at the cursor counts as finished.
const STALE = 1500; // ... and after which what is not confirmed is taken away.

/**
 * Shapes and problems in an editor.
 * @param {(view: EditorView) => KernelLines | null} linesOf whom to ask; null while nobody can be, or should be
 * @param {Set<Asker>} askers where the editor leaves what makes it ask again, for as long as it is there
 */
export function checks(linesOf, askers) {
  return [shapeColumn, problems, ViewPlugin.define((view) => new Check(view, linesOf, askers))];
}

/** One editor's questions. */
class Check {
  /** @param {EditorView} view @param {(view: EditorView) => KernelLines | null} linesOf @param {Set<Asker>} askers */
  constructor(view, linesOf, askers) {
    this.view = view;
    this.linesOf = linesOf;
    this.askers = askers;
    this.askAgain = (/** @type {boolean} */ isUnasked) => {
      if (!isUnasked || this.lines === null) {
        this.schedule();
      }
    };
    askers.add(this.askAgain);
    /** @type {KernelLines | null} */
    this.lines = null;
    /** What was asked about last. */
    this.asked = view.state.doc;
    /** The last answer's text. @type {import("@codemirror/state").Text | null} */
    this.answered = null;
    /** @type {readonly Diagnostic[]} */
    this.shown = [];
    /** @type {Set<ReturnType<typeof setTimeout>>} */
    this.timers = new Set();
    this.answers = 0;
    this.schedule();
  }

  /** @param {import("@codemirror/view").ViewUpdate} update */
  update({ docChanged, geometryChanged }) {
    // A cell that is made out of sight has no notebook around it, and so no kernel, until it is seen.
    if (docChanged || (geometryChanged && this.lines === null)) {
      this.schedule();
    }
  }

  destroy() {
    this.clearTimers();
    this.askers.delete(this.askAgain);
    this.lines?.forget(this);
  }

  clearTimers() {
    this.timers.forEach(clearTimeout);
    this.timers.clear();
  }

  /** @param {number} milliseconds @param {() => void} work */
  after(milliseconds, work) {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      guarded("check", work);
    }, milliseconds);
    this.timers.add(timer);
  }

  schedule() {
    this.clearTimers();
    this.after(PAUSE, () => this.ask());
    if (this.answered !== null) {
      this.after(STALE, () => this.answered !== this.view.state.doc && this.show(null));
    }
  }

  ask() {
    const lines = this.linesOf(this.view);
    if (this.lines !== lines) {
      this.lines?.forget(this);
      this.lines = lines;
    }
    if (isOurs(this.view.state.doc)) {
      lines?.ask(this);
    } else if (this.answered !== null) {
      this.show(null);
    }
  }

  /** What the kernel is asked, at the moment when it is. @returns {string | null} the cell, where it is one for us */
  text() {
    this.asked = this.view.state.doc;
    return isOurs(this.asked) ? this.asked.toString() : null;
  }

  /** @param {Answer | null} answer */
  show(answer) {
    guarded("check", () => {
      const { doc } = this.view.state;
      if (answer === null) {
        this.answered = null;
        this.put([], []);
      } else if (doc === this.asked) {
        this.answered = doc;
        this.put(answer.lines, diagnosticsOf(doc, answer.problems));
      }
    });
  }

  /** @param {Answer["lines"]} lines @param {Diagnostic[]} diagnostics */
  put(lines, diagnostics) {
    const { view } = this;
    const { doc, selection } = view.state;
    const known = lines.filter(({ line }) => line >= 1 && line <= doc.lines);
    view.dispatch({ effects: setShapes.of(known.map(({ line, shape }) => ({ at: doc.line(line).from, text: shape, stale: false }))) });
    const said = new Set(this.shown.map(({ message }) => message));
    const { head } = selection.main;
    const isUnfinished = (/** @type {Diagnostic} */ { from, to, message }) => view.hasFocus && from <= head && head <= to && !said.has(message);
    this.shown = diagnostics.filter((diagnostic) => !isUnfinished(diagnostic));
    showProblems(view, this.shown, said);
    this.answers += 1;
    const number = this.answers;
    if (this.shown.length < diagnostics.length) {
      // Nobody wants to be told of a word that is still being typed.
      this.after(WORD_PAUSE - PAUSE, () => {
        if (view.state.doc === doc && this.answers === number) {
          const before = new Set(this.shown.map(({ message }) => message));
          this.shown = diagnostics;
          showProblems(view, diagnostics, before);
        }
      });
    }
  }
}
