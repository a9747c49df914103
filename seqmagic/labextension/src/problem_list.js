/** The list of what would be refused, and the keys that lead there: all that the pointer does can be done, and is heard, without one. */

import { closeLintPanel, forEachDiagnostic, nextDiagnostic, openLintPanel, previousDiagnostic } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";

import { gettext } from "./gettext.js";
import { isSequential } from "./language.js";
import { announcement } from "./announcement.js";

/** @typedef {import("@codemirror/lint").Diagnostic} Diagnostic */
/** @typedef {import("@codemirror/view").Command} Command */

/** All that is marked, in the order of the list. @param {EditorView} view */
function marked(view) {
  /** @type {Map<Diagnostic, { from: number, to: number }>} */
  const found = new Map();
  forEachDiagnostic(view.state, (diagnostic, from, to) => found.has(diagnostic) || found.set(diagnostic, { from, to }));
  return [...found].map(([diagnostic, place]) => ({ diagnostic, ...place }));
}

/** Goes to another wavy line, and says what is there. @param {Command} command @returns {Command} */
function going(command) {
  return (view) => {
    const moved = command(view);
    const { from, to } = view.state.selection.main;
    const here = marked(view).find((one) => one.from === from && one.to === to);
    if (here) {
      view.dispatch({ effects: EditorView.announce.of(announcement(view.state, here.diagnostic, from)) });
    }
    return moved || here !== undefined;
  };
}

/** Opens the list at what is marked at the cursor, or comes next. @type {Command} */
function openList(view) {
  openLintPanel(view);
  const panel = view.dom.querySelector(".cm-panel-lint");
  if (panel instanceof HTMLElement) {
    listen(view, panel);
    panel.querySelector("ul")?.focus(); // Again: the first time the notebook takes it back.
    const { from } = view.state.selection.main;
    const index = marked(view).findIndex(({ to }) => to >= from);
    const item = panel.querySelectorAll("li")[Math.max(index, 0)];
    item?.click(); // As the pointer chooses it.
  }
  return true;
}

/** @param {EditorView} view @param {HTMLElement} panel */
function listen(view, panel) {
  if (panel.dataset.lmSuppressShortcuts !== undefined) {
    return;
  }
  // The page's own keys would take Escape and Tab away from the list.
  panel.dataset.lmSuppressShortcuts = "true";
  // A notebook leads each focus and each key that it hears of back into the text of its cell.
  for (const kind of ["focusin", "keydown"]) {
    panel.addEventListener(kind, (event) => event.stopPropagation());
  }
  panel.addEventListener("keydown", (event) => onKey(event, view, panel), { capture: true });
}

/** Enter puts the fix of what is chosen into its line, or leads to it where there is none; Escape leads back. CodeMirror's own Enter only leads there.
 * @param {KeyboardEvent} event @param {EditorView} view @param {HTMLElement} panel */
function onKey(event, view, panel) {
  const isPlain = !(event.ctrlKey || event.altKey || event.metaKey || event.shiftKey);
  if (!isPlain || (event.key !== "Enter" && event.key !== "Escape")) {
    return;
  }
  event.preventDefault();
  event.stopPropagation();
  if (event.key === "Enter") {
    const focused = event.target instanceof HTMLButtonElement ? event.target : null;
    const button = focused ?? panel.querySelector("[aria-selected] button");
    if (button instanceof HTMLButtonElement) {
      button.click();
    }
  }
  closeLintPanel(view);
  view.focus();
}

/** Runs a command where the cell is one of the language, and leaves its key to others elsewhere. @param {Command} command @returns {Command} */
function here(command) {
  return (view) => isSequential(view.state.doc) && command(view);
}

/** What CodeMirror calls its list, in the language of the moment when it asks. */
const phrases = {
  get Diagnostics() {
    return gettext("Problems that would stop this cell. Enter: use the fix. Escape: go back.");
  },
  get "No diagnostics"() {
    return gettext("No problems.");
  },
};

/** The list and its keys. */
export const problemList = [
  EditorState.phrases.of(phrases),
  keymap.of([
    { key: "F8", run: here(going(nextDiagnostic)), shift: here(going(previousDiagnostic)) },
    { key: "Mod-Shift-m", run: here(openList), preventDefault: true, stopPropagation: true },
  ]),
];
