/** What would be refused, or is unwise: a wavy line, its message and its fix where the pointer rests or F8 leads, and heard by a screen reader. */

import { linter, setDiagnostics } from "@codemirror/lint";
import { EditorView } from "@codemirror/view";

import { gettext } from "./gettext.js";
import { problemList } from "./problem_list.js";
import { announcement } from "./announcement.js";

/** @typedef {import("@codemirror/lint").Diagnostic} Diagnostic */
/** @typedef {import("./kernel.js").Fix} Fix */
/** @typedef {import("./kernel.js").Problem} Problem */
/** @typedef {import("@codemirror/state").Text} Text */

/**
 * The problems of an answer, in the places of the text that was asked about.
 * @param {Text} text
 * @param {readonly Problem[]} problems
 * @returns {Diagnostic[]}
 */
export function diagnosticsOf(text, problems) {
  return problems
    .filter(({ line }) => line >= 1 && line <= text.lines)
    .map((problem) => {
      const line = text.line(problem.line);
      const from = Math.min(line.from + problem.start, line.to);
      const to = Math.min(line.from + Math.max(problem.end, problem.start + 1), line.to);
      const fixes = problem.fixes ?? [];
      return {
        // What is missing at a line's end is marked at the last letter there is.
        from: from === to ? Math.max(line.from, from - 1) : from,
        to,
        severity: problem.severity === "error" ? "error" : "warning",
        message: problem.message,
        renderMessage: () => rendered(problem, text),
        actions: fixes.filter((fix) => canType(fix, text)).map((fix) => actionOf(fix, problem.line, text)),
      };
    });
}

/** @param {Fix} fix @param {Text} text */
function canType({ line, text: fixed }, text) {
  return typeof fixed === "string" && typeof line === "number" && line >= 1 && line <= text.lines;
}

/** @param {Problem} problem @param {Text} text */
function rendered({ message, fixes = [] }, text) {
  const element = document.createElement("div");
  element.className = "cm-seqmagic-problem";
  element.append(message);
  for (const { title } of fixes.filter((fix) => !canType(fix, text))) {
    const hint = document.createElement("div");
    hint.append(gettext("Instead: "), Object.assign(document.createElement("code"), { textContent: title }));
    element.append(hint);
  }
  return element;
}

/**
 * @param {Fix} fix
 * @param {number} problemLine the line whose problem it mends
 * @param {Text} text what was asked about
 */
function actionOf({ title, line = 1, text: fixed = "" }, problemLine, text) {
  const meant = text.line(line).text;
  return {
    name: title.trim(),
    /** @param {EditorView} view @param {number} from where the problem is now */
    apply(view, from) {
      const number = view.state.doc.lineAt(from).number + line - problemLine;
      const now = number >= 1 && number <= view.state.doc.lines ? view.state.doc.line(number) : null;
      if (now !== null && now.text === meant) {
        const changes = { from: now.from, to: now.to, insert: fixed };
        view.dispatch({ changes, selection: { anchor: now.from + fixed.length }, userEvent: "input.fix", scrollIntoView: true });
        view.dispatch({ effects: EditorView.announce.of(gettext("Line {line}: {text}", { line: number, text: fixed.trim() })) });
      }
      view.focus();
    },
  };
}

/**
 * Show these problems in the place of all that are shown; one that is new is said to a screen reader, where somebody is typing.
 * @param {EditorView} view
 * @param {readonly Diagnostic[]} diagnostics
 * @param {ReadonlySet<string>} said the messages that were shown before
 */
export function showProblems(view, diagnostics, said) {
  view.dispatch(setDiagnostics(view.state, diagnostics));
  const fresh = diagnostics.find(({ message }) => !said.has(message));
  if (fresh && view.hasFocus) {
    view.dispatch({ effects: EditorView.announce.of(announcement(view.state, fresh, fresh.from)) });
  }
}

/** A wavy line as the page's own checkers of spelling have it. @param {string} color */
function wave(color) {
  const line = { textDecoration: "underline wavy 1px", textUnderlineOffset: "3px", textDecorationSkipInk: "none" };
  return { backgroundImage: "none", ...line, textDecorationColor: color };
}

const look = EditorView.theme({
  ".cm-lintRange-error": wave("var(--jp-error-color1, red)"),
  ".cm-lintRange-warning": wave("var(--jp-warn-color1, orange)"),
  ".cm-lintRange-active": { backgroundColor: "var(--jp-editor-selected-focused-background)" },
  ".cm-panel.cm-panel-lint ul": { maxHeight: "min(40vh, 20em)" },
  ".cm-panel.cm-panel-lint ul [aria-selected]": { backgroundColor: "var(--jp-layout-color1)", color: "var(--jp-ui-font-color1)" },
  ".cm-panel.cm-panel-lint ul:focus [aria-selected]": { backgroundColor: "var(--jp-layout-color2)", color: "var(--jp-ui-font-color1)" },
  ".cm-tooltip.cm-tooltip-hover:has(.cm-seqmagic-problem)": {
    border: "1px solid var(--jp-border-color1)",
    borderRadius: "var(--jp-border-radius)",
    boxShadow: "var(--jp-elevation-z4)",
    backgroundColor: "var(--jp-layout-color1)",
    color: "var(--jp-ui-font-color1)",
    maxWidth: "70ch",
    overflow: "hidden",
  },
  ".cm-diagnostic:has(.cm-seqmagic-problem)": { padding: "8px 12px", marginLeft: 0, borderLeftWidth: "3px" },
  ".cm-diagnostic-error:has(.cm-seqmagic-problem)": { borderLeftColor: "var(--jp-error-color1)" },
  ".cm-diagnostic-warning:has(.cm-seqmagic-problem)": { borderLeftColor: "var(--jp-warn-color1)" },
  ".cm-diagnostic:has(.cm-seqmagic-problem) .cm-diagnosticAction": {
    display: "block",
    margin: "6px 0 0",
    padding: "3px 8px",
    textAlign: "left",
    whiteSpace: "pre-wrap",
    border: "1px solid var(--jp-brand-color1)",
    backgroundColor: "transparent",
    color: "var(--jp-content-font-color1)",
    fontFamily: "var(--jp-code-font-family)",
    fontSize: "var(--jp-code-font-size)",
    "&:hover": { backgroundColor: "var(--jp-layout-color2)" },
    "&:focus-visible": { outline: "2px solid var(--jp-brand-color1)" },
  },
});

/** Problems in an editor. */
export const problems = [
  linter(null),
  problemList,
  look,
];
