// The parts of the form: an optimizer, a schedule, a loss, metrics; each a word with its options.

import { element } from "../element.js";
import { gettext } from "../gettext.js";
import { RateInput } from "../rate.js";
import { addFields, addProblem, addSelect, describeBy } from "./fields.js";

const METRICS = gettext("What else to measure after each epoch, besides the loss; this does not affect training");

/**
 * @typedef {import("./fields.js").Groups} Groups
 * @typedef {import("./fields.js").Option} Option
 *
 * @typedef {object} Section
 * @property {string} control
 * @property {string} word
 * @property {Groups} groups
 * @property {Option[]} options
 * @property {string} problem
 * @property {string} [about]
 * @property {string} [level]
 * @property {string} [reason]
 * @property {string | null} [rate]
 * @property {string} [rate_problem]
 *
 * Where the sections stand, and whom they tell.
 *
 * @typedef {{ send: import("./fields.js").Send, open: Set<string> }} Owner open: the sections with all options in sight
 */

/** A word with its options. @param {Element} parent @param {string} label @param {Section} section @param {Owner} owner */
export function addSection(parent, label, section, owner) {
  const part = element("div", "seqmagic-part", parent);
  const select = addSelect(part, { label, ...section }, owner.send);
  addVerdict(part, section, select);
  addOptions(part, section, owner);
}

/** What is wrong with a word, or unwise. @param {Element} parent @param {Section} section @param {Element | null} control */
function addVerdict(parent, { level, reason, problem }, control) {
  const verdict = problem || reason;
  if (!verdict) return;
  const line = element("p", problem || level === "wrong" ? "seqmagic-problem" : "seqmagic-unwise", parent, verdict);
  describeBy(control, line);
}

/** The options that people ask for at once, the others folded away. @param {Element} parent @param {Section} section @param {Owner} owner */
function addOptions(parent, { control, word, options }, { send, open }) {
  const common = options.filter((option) => option.common || option.problem || option.value !== option.default);
  const rest = options.filter((option) => !common.includes(option));
  const row = element("div", "seqmagic-options", parent);
  const of = control.startsWith("metrics") ? gettext(" of {word}", { word }) : "";
  addFields(row, common.map((option) => ({ ...option, label: option.label + of })), send);
  if (!rest.length) return;
  const details = element("details", "", parent);
  details.open = open.has(control);
  details.addEventListener("toggle", () => (details.open ? open.add(control) : open.delete(control)));
  const summary = element("summary", "", details, gettext("{count} more options of {word}", { count: rest.length, word }));
  summary.dataset.control = `${control}.more`;
  const more = element("div", "seqmagic-options", details);
  addFields(more, rest, send);
}

/**
 * The learning rate, or a schedule with its options.
 *
 * @param {Element} parent
 * @param {Section} optimizer
 * @param {Section} schedule
 * @param {Owner} owner
 * @param {(() => void) | null} find called when somebody wants a rate to be found; null where there are no data for that
 */
export function addRate(parent, { rate, rate_problem: problem }, schedule, owner, find) {
  const part = element("div", "seqmagic-part", parent);
  const row = element("div", "seqmagic-pair", part);
  const isConstant = typeof rate === "string";
  if (isConstant) {
    const around = element("div", "seqmagic-field seqmagic-wide", row);
    element("span", "seqmagic-label", around, gettext("Learning rate"));
    const input = new RateInput(element("div", "seqmagic-both", around), (value) => owner.send("optimizer.learning_rate", value));
    input.slider.dataset.control = "rate.slider";
    input.number.dataset.control = "optimizer.learning_rate";
    input.show(rate);
    around.dataset.about = input.slider.title = input.number.title = gettext("The size of each step: with a small one learning is slow, with a large one it may fail");
    if (find) addFinder(input.number.parentElement ?? row, find);
    if (problem) addProblem(row, input.number, problem);
  }
  const label = isConstant ? gettext("Schedule") : gettext("Learning rate");
  const select = addSelect(row, { label, about: gettext("How the learning rate changes during training"), ...schedule, none: gettext("constant") }, owner.send);
  addVerdict(part, schedule, select);
  addOptions(part, schedule, owner);
}

/** @param {Element} parent @param {() => void} find */
function addFinder(parent, find) {
  const button = element("button", "", parent, gettext("Find one"));
  button.type = "button";
  button.dataset.control = "rate.find";
  button.title = gettext("Try learning rates on some batches, show the loss for each, and suggest one; the weights are put back");
  button.addEventListener("click", find);
}

/** Metrics as a list that grows and shrinks. @param {Element} parent @param {Section[]} metrics @param {Groups} groups @param {Owner} owner */
export function addMetrics(parent, metrics, groups, owner) {
  const part = element("div", "seqmagic-part", parent);
  const field = element("div", "seqmagic-field", part);
  element("span", "seqmagic-label", field, gettext("Metrics"));
  const list = element("div", "seqmagic-chips", field);
  const removers = metrics.map(({ word }, index) => {
    const chip = element("span", "seqmagic-chip", list);
    element("span", "", chip, word);
    const remove = element("button", "seqmagic-quiet", chip, "×");
    remove.type = "button";
    remove.dataset.control = `metrics.remove.${index}`;
    remove.setAttribute("aria-label", gettext("Remove {word}", { word }));
    remove.addEventListener("click", () => owner.send("metrics.remove", String(index)));
    return remove;
  });
  const select = addSelect(list, { label: "", control: "metrics.add", word: "", groups, none: gettext("add…"), about: METRICS }, owner.send);
  select.setAttribute("aria-label", gettext("Add a metric"));
  metrics.forEach((metric, index) => {
    addVerdict(part, metric, removers[index]);
    addOptions(part, metric, owner);
  });
}
