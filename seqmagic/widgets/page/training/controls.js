// The controls of a run. The kernel says which of them make sense now; a press is sent to it, and it answers with what came of that.

import { element } from "../element.js";
import { gettext } from "../gettext.js";
import { formatNumber } from "../number_format.js";
import { RateInput } from "../rate.js";
import { ICONS, addIcon } from "./icons.js";
import { addQuestion } from "./question.js";

/**
 * @typedef {keyof typeof ICONS} Name
 * @typedef {{ element: HTMLButtonElement, path: SVGPathElement, text: HTMLElement, group: string }} Button
 */

const TRAINING = gettext("Training");
/** @type {[string, Name[]][]} */
const GROUPS = [
  [TRAINING, ["train", "pause", "stop"]],
  [gettext("Step"), ["batch", "epoch"]],
  [gettext("Restore weights"), ["first", "best"]],
  [gettext("Model"), ["look"]],
];
/** @type {Record<Name, [string, string]>} */
const WORDS = {
  train: [gettext("Train"), gettext("Start training (T)")],
  pause: [gettext("Pause"), gettext("Pause after the current batch (P)")],
  stop: [gettext("Stop"), gettext("Stop training and keep what was learned (S)")],
  batch: [gettext("Batch"), gettext("Train one batch, then pause (B)")],
  epoch: [gettext("Epoch"), gettext("Train to the end of the epoch, then pause (E)")],
  first: [gettext("First"), gettext("Put back the weights from before the first epoch, and start over")],
  best: [gettext("Best"), gettext("Put back the weights of the best epoch")],
  look: [gettext("Look inside"), gettext("Show the model's predictions for its data, the worst mistakes first")],
};
/** @type {Record<string, Name>} */
const KEYS = { t: "train", p: "pause", s: "stop", b: "batch", e: "epoch" };
const WRITTEN_IN = "input:not([type=range]), select, textarea";
const PATIENCE = 1500; // Milliseconds until what was asked for should hold.

export class Controls {
  /**
   * @param {Element} parent
   * @param {import("../run/store.js").Store} store
   */
  constructor(parent, store) {
    this.store = store;
    /** @type {Map<Name, Button>} */
    this.buttons = new Map();
    const bar = element("div", "seqmagic-controls", parent);
    for (const [label, names] of GROUPS) {
      const group = element("div", "seqmagic-group", bar);
      group.setAttribute("role", "group");
      group.setAttribute("aria-label", label);
      if (label !== TRAINING) element("span", "seqmagic-label", group, label).setAttribute("aria-hidden", "true");
      for (const name of names) {
        this.addButton(name, group, label);
        if (name === "train") this.addEpochs(group);
      }
    }
    this.addRate(bar);
    /** Why Train is off. */
    this.why = element("span", "seqmagic-why", bar);
    this.question = addQuestion(parent, () => this.send("first"));
  }

  /** @param {Name} name @param {Element} parent @param {string} group */
  addButton(name, parent, group) {
    const button = element("button", name === "train" ? "seqmagic-primary" : "", parent);
    button.type = "button";
    const path = addIcon(button);
    this.buttons.set(name, { element: button, path, text: element("span", "", button), group });
    button.addEventListener("click", () => this.press(name));
    this.word(name, ...WORDS[name]);
  }

  /** Say what a button does now. @param {Name} name @param {string} text @param {string} title @param {Name} [icon] */
  word(name, text, title, icon = name) {
    const button = this.buttons.get(name);
    if (!button || button.text.textContent === text) return;
    button.text.textContent = text;
    button.element.title = title;
    button.path.setAttribute("d", ICONS[icon]);
    if (button.group !== TRAINING) button.element.setAttribute("aria-label", `${button.group}: ${text.toLowerCase()}`);
  }

  /** How many epochs more, where no other panel says that. @param {Element} parent */
  addEpochs(parent) {
    this.more = element("label", "seqmagic-more", parent);
    this.epochs = element("input", "", this.more);
    Object.assign(this.epochs, { type: "number", min: 1, step: 1, value: 1 });
    this.more.append(gettext("epochs"));
    this.epochs.addEventListener("change", () => this.able("epochs") && this.send("epochs", this.epochs?.valueAsNumber));
    /** @type {number | null | undefined} */
    this.moreShown = undefined;
  }

  /** @param {Element} parent */
  addRate(parent) {
    this.rateLabel = element("label", "seqmagic-rate", parent);
    element("span", "seqmagic-label", this.rateLabel, gettext("Learning rate"));
    this.rate = new RateInput(this.rateLabel, (value) => this.sendRate(value));
    /** The one that the kernel said last. @type {number | null} */
    this.rateShown = null;
    this.isRateEdited = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.patience = undefined;
    for (const input of this.rate.inputs) {
      input.addEventListener("input", () => (this.isRateEdited = true));
      input.addEventListener("blur", () => {
        this.isRateEdited = false;
        this.showRateAgain();
      });
    }
  }

  /** @param {string} value */
  sendRate(value) {
    this.isRateEdited = false;
    // For a moment neither the old one nor a wish before this one is shown again. Then what holds is.
    clearTimeout(this.patience);
    this.patience = setTimeout(() => {
      this.patience = undefined;
      this.showRateAgain();
    }, PATIENCE);
    this.send("rate", value);
    const rate = Number(value);
    if (rate > 0 && rate < Infinity) this.rate?.show(formatNumber(rate));
  }

  /** The rate that holds, whatever stands there: it may have been refused, or the slider put back where it was, which sends nothing. */
  showRateAgain() {
    this.rateShown = null;
    this.show();
  }

  /** @param {string} name */
  able(name) {
    return this.store.header?.can.includes(name) ?? false;
  }

  /** @param {Name} name */
  press(name) {
    if (!this.able(name)) return;
    const button = this.buttons.get(name);
    if (name === "first" && button) this.question.ask(button.element);
    else this.send(name, name === "train" ? this.epochs?.valueAsNumber : null);
  }

  /** @param {string} what @param {unknown} value */
  send(what, value = null) {
    this.store.send({ kind: "press", what, value });
  }

  /** A key in the panel, unless somebody writes; the notebook must not take it for one of its own. @param {KeyboardEvent} event */
  key(event) {
    const isWritten = event.target instanceof Element && event.target.matches(WRITTEN_IN);
    if (event.ctrlKey || event.metaKey || event.altKey || isWritten) return;
    const key = event.key.toLowerCase();
    if (KEYS[key]) this.press(KEYS[key]);
    else if (key === "l") this.store.changeLook({ log: !this.store.look.log });
    else return;
    event.preventDefault();
  }

  show() {
    const { header } = this.store;
    if (!header) return;
    if (header.state === "paused") this.word("pause", gettext("Continue"), gettext("Continue training (P)"), "train");
    else this.word("pause", ...WORDS.pause);
    if (header.ended) this.word("train", gettext("Train more"), gettext("Continue training from here (T)"));
    else this.word("train", ...WORDS.train);
    for (const [name, button] of this.buttons) {
      // Not `disabled`: a button that somebody just pressed keeps the focus.
      button.element.setAttribute("aria-disabled", String(!this.able(name)));
      // What a class hides isn't missed: its group goes, too.
      if (header.hides.includes(name) && button.element.parentElement) button.element.parentElement.hidden = true;
    }
    this.question.show(this.able("first"));
    this.why.textContent = header.why_not;
    this.why.hidden = !header.why_not;
    this.showEpochs(header);
    this.showRate(header);
  }

  /** @param {import("../run/store.js").Header} header */
  showEpochs({ more, ended, state }) {
    if (!this.more || !this.epochs) return;
    this.more.hidden = more === null || !(ended || state === "ready");
    if (more !== this.moreShown && document.activeElement !== this.epochs) this.epochs.value = String((this.moreShown = more));
  }

  /** @param {import("../run/store.js").Header} header */
  showRate({ rate }) {
    if (!this.rate || !this.rateLabel) return;
    this.rateLabel.hidden = !this.able("rate");
    if (rate === null || rate === this.rateShown || this.patience !== undefined || this.isRateEdited) return;
    this.rateShown = rate;
    this.rate.show(formatNumber(rate));
  }
}
