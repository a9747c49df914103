/** What a screen reader says of a problem. */

/** @typedef {import("@codemirror/lint").Diagnostic} Diagnostic */

/**
 * A problem with its line and its first fix.
 * @param {import("@codemirror/state").EditorState} state
 * @param {Diagnostic} diagnostic
 * @param {number} from where it is now
 */
export function spoken(state, { message, actions = [] }, from) {
  const fix = actions.length > 0 ? ` Instead: ${actions[0].name}.` : "";
  return `Line ${state.doc.lineAt(from).number}: ${message}${fix}`;
}
