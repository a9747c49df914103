// The form as a whole: drawn anew with each answer of the kernel, while somebody may be writing in it.

import { element } from "../element.js";
import { goTo, placeOf } from "../focus.js";
import { gettext } from "../gettext.js";
import { addCodeLines } from "./code_lines.js";
import { addExplanation } from "./explanation.js";
import { addFields } from "./fields.js";
import { addHeading } from "./heading.js";
import { addRateSearch } from "./rate_search.js";
import { addMetrics, addRate, addSection } from "./sections.js";

/**
 * What `CompileForm.describe` says.
 *
 * @typedef {object} Description
 * @property {string} name of the model
 * @property {string} locked why nothing can be changed now
 * @property {string[]} [fixed] the controls that a class file locks, each with all that belongs to it
 * @property {string} seen what was found out about the labels
 * @property {{ words: string, knowsData: boolean, differs: boolean }} proposal
 * @property {import("./sections.js").Section} optimizer
 * @property {import("./sections.js").Section} schedule
 * @property {import("./sections.js").Section} loss
 * @property {import("./sections.js").Section[]} metrics
 * @property {import("./fields.js").Groups} more_metrics
 * @property {import("./fields.js").Option[]} fit
 * @property {string[]} lines
 */

export class Form {
  /** @param {import("@anywidget/types").AnyModel} model @param {HTMLElement} root */
  constructor(model, root) {
    this.model = model;
    this.root = root;
    /** @type {Set<string>} */
    this.open = new Set();
    /** The field that somebody writes in. @type {EventTarget | null} */
    this.typing = null;
    this.isAnswerDue = false;
    this.isCopyWanted = false;
    root.addEventListener("input", ({ target }) => {
      if (target instanceof HTMLInputElement && target.type === "text") this.typing = target;
    });
    root.addEventListener("change", ({ target }) => {
      if (this.typing === target) this.typing = null;
    });
    // A field that was drawn anew while somebody wrote in it doesn't know that it was changed.
    root.addEventListener("focusout", ({ target }) => {
      if (target instanceof Node && this.typing === target && target.isConnected) target.dispatchEvent(new Event("change", { bubbles: true }));
    });
    /** @type {import("./fields.js").Send} */
    this.send = (control, value) => {
      this.isAnswerDue = true;
      model.send({ kind: "set", control, value });
    };
  }

  /** Draw everything anew; the focus stays where it is, with what somebody is writing there. */
  show() {
    const active = document.activeElement;
    const place = placeOf(this.root, active);
    const written = active instanceof HTMLInputElement && this.typing === active ? active : null;
    const { isCopyWanted } = this;
    this.isAnswerDue = this.isCopyWanted = false;
    this.typing = null;
    this.draw(this.model.get("form"));
    const next = goTo(this.root, place);
    if (written && next instanceof HTMLInputElement && next.dataset.control === written.dataset.control) this.writeOn(written, next);
    if (isCopyWanted) this.copy?.();
  }

  /** Go on in a field as it was left in another one. @param {HTMLInputElement} left @param {HTMLInputElement} next */
  writeOn(left, next) {
    next.value = left.value;
    next.setSelectionRange(left.selectionStart, left.selectionEnd);
    this.typing = next;
  }

  /** Folded, only the lines that say the same stand there. */
  get isFolded() {
    return this.model.get("folded");
  }

  fold() {
    this.model.set("folded", !this.isFolded);
    this.model.save_changes();
  }

  /** @param {Description} form */
  draw(form) {
    this.root.replaceChildren();
    addHeading(this.root, form, this.isFolded, () => this.fold());
    if (!this.isFolded) this.addAll(form);
    else if (form.locked) element("p", "seqmagic-seen", this.root, form.locked);
    addRateSearch(this.root, this.model.get("search"), {
      use: (rate) => this.send("optimizer.learning_rate", rate),
      ask: (kind) => this.model.send({ kind }),
    });
    this.copy = addCodeLines(this.root, form.lines, () => {
      // What was written in a field just before is on its way; the lines that tell it come with the answer.
      if (this.isAnswerDue) this.isCopyWanted = true;
      else this.copy?.();
    });
  }

  /** Every field. @param {Description} form */
  addAll(form) {
    const fields = element("fieldset", "", this.root);
    fields.disabled = Boolean(form.locked);
    element("legend", "seqmagic-spoken", fields, gettext("Compile and fit options of {name}", { name: form.name }));
    this.addSeen(fields, form);
    const grid = element("div", "seqmagic-grid", fields);
    addSection(grid, gettext("Optimizer"), form.optimizer, this);
    const finds = this.model.get("search") ? () => this.model.send({ kind: "find_rate" }) : null;
    addRate(grid, form.optimizer, form.schedule, this, finds);
    addSection(grid, gettext("Loss"), form.loss, this);
    addMetrics(grid, form.metrics, form.more_metrics, this);
    addFields(element("div", "seqmagic-fit", fields), form.fit, this.send);
    addExplanation(fields, fields);
    holdFixed(fields, form.fixed || []);
  }

  /** What the labels look like, and what fits. @param {Element} parent @param {Description} form */
  addSeen(parent, { seen, proposal, locked }) {
    const line = element("p", "seqmagic-seen", parent, locked || `${seen} `);
    if (locked || !proposal.words) return;
    const fits = proposal.differs ? gettext("Fits best: ") : gettext("Fits best, and is chosen: ");
    const fitsLayer = proposal.differs ? gettext("Fits the last layer: ") : gettext("Fits the last layer, and is chosen: ");
    line.append(proposal.knowsData ? fits : fitsLayer);
    element("code", "", line, proposal.words);
    if (!proposal.differs) return;
    const use = element("button", "seqmagic-quiet", line, gettext("Use it"));
    use.type = "button";
    use.dataset.control = "propose";
    use.addEventListener("click", () => this.send("propose", null));
  }
}

/** Let controls stay as they are. @param {Element} parent @param {string[]} fixed */
function holdFixed(parent, fixed) {
  for (const control of parent.querySelectorAll("[data-control]")) {
    const name = /** @type {HTMLElement} */ (control).dataset.control || "";
    if (fixed.some((each) => name === each || name.startsWith(`${each}.`))) control.setAttribute("disabled", "");
  }
}
