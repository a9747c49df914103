/** What a screen reader says of a problem. */

import { gettext } from "./gettext.js";

/** @typedef {import("@codemirror/lint").Diagnostic} Diagnostic */

/**
 * A problem with its line and its first fix.
 * @param {import("@codemirror/state").EditorState} state
 * @param {Diagnostic} diagnostic
 * @param {number} from where it is now
 */
export function announcement(state, { message, actions = [] }, from) {
  const fix = actions.length > 0 ? gettext(" Instead: {fix}.", { fix: actions[0].name }) : "";
  return gettext("Line {line}: {text}", { line: state.doc.lineAt(from).number, text: message }) + fix;
}
