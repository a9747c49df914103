// Single fields: words to choose from, a value to write, a box to tick.

import { element } from "../element.js";

/**
 * What the kernel describes is in `CompileForm.describe`; this is an option of it.
 *
 * @typedef {object} Option
 * @property {string} control its name
 * @property {string} label
 * @property {"choice" | "flag" | "number" | "text"} kind
 * @property {string} value as it is written
 * @property {string} default
 * @property {string} [about]
 * @property {string} problem
 * @property {boolean} [common] whether people ask for it at once
 * @property {boolean} [off]
 * @property {[string, string][]} [words] of a choice: each value, and what stands for it
 *
 * @typedef {[string, string[]][]} Groups words under headings
 * @typedef {(control: string, value: string | null) => void} Send
 */

/** Let a screen reader say a line with its control. @param {Element | null} control @param {Element} line */
export function describeBy(control, line) {
  line.id = `seqmagic-${Math.random().toString(36).slice(2)}`;
  control?.setAttribute("aria-describedby", line.id);
}

/** Say what is wrong with a field, in a line of its own: its neighbours stay where they are. @param {Element} row @param {HTMLElement} input @param {string} problem */
export function addProblem(row, input, problem) {
  input.setAttribute("aria-invalid", "true");
  const line = element("p", "seqmagic-problem", undefined, problem);
  const last = row.parentElement?.querySelectorAll(":scope > .seqmagic-problem");
  (last?.length ? last[last.length - 1] : row).after(line);
  describeBy(input, line);
}

/** Explain a field where it is pointed at, or has the focus. @param {HTMLElement} around @param {HTMLElement} input @param {string | undefined} about */
function explain(around, input, about) {
  if (!about) return;
  around.dataset.about = about;
  input.title = about;
}

/**
 * A list of words.
 *
 * @param {Element} parent
 * @param {{ label: string, control: string, word: string, groups: Groups, about?: string, none?: string }} words none: what stands
 *   above them for no word at all
 * @param {Send} send
 */
export function addSelect(parent, { label, control, word, groups, about, none }, send) {
  const around = element("label", "seqmagic-field seqmagic-wide", parent);
  element("span", "seqmagic-label", around, label);
  const select = element("select", "", around);
  select.dataset.control = control;
  explain(around, select, about);
  if (none) element("option", "", select, none).value = "";
  for (const [name, words] of groups) {
    const group = name ? element("optgroup", "", select) : select;
    if (group instanceof HTMLOptGroupElement) group.label = name;
    for (const each of words) element("option", "", group, each).value = each;
  }
  select.value = word;
  select.addEventListener("change", () => send(control, select.value));
  return select;
}

/** Options side by side, and below them what is wrong with any. @param {Element} row @param {Option[]} options @param {Send} send */
export function addFields(row, options, send) {
  const inputs = options.map((option) => addField(row, option, send));
  options.forEach(({ problem }, index) => problem && addProblem(row, inputs[index], problem));
}

/** One option: a word to choose, a box to tick, or a value to write. @param {Element} parent @param {Option} option @param {Send} send */
function addField(parent, option, send) {
  const { control, label, kind, about } = option;
  const around = element("label", `seqmagic-field seqmagic-${kind}`, parent);
  const name = element("span", kind === "flag" ? "" : "seqmagic-label", around, label);
  const input = kind === "choice" ? choiceOf(option) : kind === "flag" ? boxOf(option) : valueOf(option);
  input.dataset.control = control;
  if (kind === "flag") name.before(input);
  else around.append(input);
  input.addEventListener("change", () => send(control, "checked" in input && kind === "flag" ? String(input.checked) : input.value));
  explain(around, input, about);
  return input;
}

/** @param {Option} option */
function choiceOf({ value, words = [] }) {
  const select = element("select");
  for (const [word, label] of words) element("option", "", select, label).value = word;
  select.value = value;
  return select;
}

/** @param {Option} option */
function boxOf({ value, off }) {
  return Object.assign(element("input"), { type: "checkbox", checked: value === "true", disabled: Boolean(off) });
}

/** @param {Option} option */
function valueOf({ kind, value, default: placeholder }) {
  const input = element("input");
  Object.assign(input, { type: "text", value, placeholder, spellcheck: false, autocomplete: "off" });
  if (kind === "number") input.inputMode = "decimal";
  return input;
}
