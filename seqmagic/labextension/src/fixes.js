/** The button beside a fix in an error's card. In the saved notebook it is hidden and has no words; here it gets them, and puts the fix into its cell. */

import { gettext, writeSheet } from "./gettext.js";
import { guarded } from "./guard.js";

/** @typedef {import("@jupyterlab/notebook").INotebookTracker} INotebookTracker */

const BUTTON = ".seqmagic-fix[data-old][data-new]";
/** The button's words are in the sheet, so that none stand in a saved notebook. */
const look = () => `
${BUTTON}[hidden] { display: inline-block !important; }
${BUTTON}::before { content: ${quoted(gettext("Put it in the cell"))}; }
${BUTTON}[data-state="done"]::before { content: ${quoted(gettext("It is now in the cell"))}; }
${BUTTON}[data-state="changed"]::before { content: ${quoted(gettext("The cell has been changed in the meantime"))}; }
${BUTTON}[data-state="locked"]::before { content: ${quoted(gettext("The cell can't be edited"))}; }
`;

/** A text as a style sheet takes it. @param {string} text */
function quoted(text) {
  return JSON.stringify(text);
}

/**
 * What has to be changed in a source so that it says `fixed` where it said `old`.
 * @param {string} source
 * @param {string} old
 * @param {string} fixed
 * @returns {{ start: number, end: number, insert: string } | "done" | "changed"}
 */
export function changeOf(source, old, fixed) {
  const at = source.indexOf(old);
  if (at < 0 || source.indexOf(old, at + 1) >= 0) {
    return at < 0 && source.includes(fixed) ? "done" : "changed";
  }
  // Only what differs, so that marks and cursors elsewhere in the cell stay where they are.
  const shorter = Math.min(old.length, fixed.length);
  let head = 0;
  while (head < shorter && old[head] === fixed[head]) {
    head += 1;
  }
  let tail = 0;
  while (tail < shorter - head && old[old.length - 1 - tail] === fixed[fixed.length - 1 - tail]) {
    tail += 1;
  }
  return { start: at + head, end: at + old.length - tail, insert: fixed.slice(head, fixed.length - tail) };
}

/**
 * Let the buttons of all cards in notebooks be seen, and do what they say.
 * @param {INotebookTracker} tracker
 */
export function activateFixes(tracker) {
  writeSheet(look);
  document.addEventListener("click", ({ target }) => {
    const button = target instanceof Element ? target.closest(BUTTON) : null;
    if (button instanceof HTMLElement) {
      guarded("fix", () => {
        button.dataset.state = put(button, tracker);
      });
    }
  });
}

/**
 * Put a button's fix into the cell that it stands below.
 * @param {HTMLElement} button
 * @param {INotebookTracker} tracker
 */
function put(button, tracker) {
  const notebook = tracker.find(({ node }) => node.contains(button))?.content;
  const cell = notebook?.widgets.find(({ node }) => node.contains(button));
  if (!notebook || !cell) {
    return "changed";
  }
  const { old = "", new: fixed = "" } = button.dataset;
  const shared = cell.model.sharedModel;
  const change = changeOf(shared.getSource(), old, fixed);
  if (typeof change === "string") {
    return change;
  }
  if (cell.readOnly || cell.model.getMetadata("editable") === false) {
    return "locked";
  }
  shared.updateSource(change.start, change.end, change.insert);
  notebook.activeCellIndex = notebook.widgets.indexOf(cell);
  notebook.mode = "edit";
  return "done";
}
