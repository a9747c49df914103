// The controls of a run. The kernel says which of them make sense now; a press is sent to it, and it answers with what came of that.

const ICONS = {
  train: "M4 2.5v11l9.5-5.5z",
  pause: "M3.5 2.5h3v11h-3zM9.5 2.5h3v11h-3z",
  stop: "M3 3h10v10H3z",
  batch: "M3 2.5v11l6-5.5zM10.5 2.5h2.5v11h-2.5z",
  epoch: "M2 2.5v11l5-5.5zM7 2.5v11l5-5.5zM12.5 2.5h2v11h-2z",
  first: "M13.5 2.5v11l-8-5.5zM2.5 2.5H5v11H2.5z",
  best: "M8 1.5l2 4.3 4.7.6-3.5 3.2.9 4.7L8 12l-4.1 2.3.9-4.7L1.3 6.4 6 5.8z",
};
const GROUPS = [
  ["Training", ["train", "pause", "stop"]],
  ["Step", ["batch", "epoch"]],
  ["Back to weights", ["first", "best"]],
];
const WORDS = {
  train: ["Train", "Begin to train (T)"],
  pause: ["Pause", "Hold after the current batch (P)"],
  stop: ["Stop", "End the training; what it learned stays (S)"],
  batch: ["Batch", "Train one batch, then hold (B)"],
  epoch: ["Epoch", "Train to the end of the epoch, then hold (E)"],
  first: ["First", "Put back the weights from before the first epoch, and begin anew"],
  best: ["Best", "Put back the weights of the best epoch"],
};
const KEYS = { t: "train", p: "pause", s: "stop", b: "batch", e: "epoch" };
const SVG = "http://www.w3.org/2000/svg";

class Controls {
  constructor(parent, store) {
    this.store = store;
    this.buttons = {};
    this.patience = null;
    const bar = element("div", "seqmagic-controls", parent);
    for (const [label, names] of GROUPS) {
      const group = element("div", "seqmagic-group", bar);
      group.setAttribute("role", "group");
      group.setAttribute("aria-label", label);
      if (label !== "Training") element("span", "seqmagic-label", group, label).setAttribute("aria-hidden", "true");
      for (const name of names) {
        this.addButton(name, group);
        if (name === "train") this.addEpochs(group);
      }
    }
    this.addRate(bar);
  }

  addButton(name, parent) {
    const button = element("button", name === "train" ? "seqmagic-primary" : "", parent);
    button.type = "button";
    const icon = document.createElementNS(SVG, "svg");
    icon.setAttribute("viewBox", "0 0 16 16");
    icon.setAttribute("aria-hidden", "true");
    icon.append(document.createElementNS(SVG, "path"));
    button.append(icon);
    element("span", "", button);
    button.addEventListener("click", () => this.press(name));
    this.buttons[name] = button;
    this.word(name, ...WORDS[name], ICONS[name]);
  }

  word(name, text, title, path) {
    const button = this.buttons[name];
    if (button.lastChild.textContent === text) return;
    button.lastChild.textContent = text;
    button.title = title;
    button.firstChild.firstChild.setAttribute("d", path);
    const group = button.parentElement.getAttribute("aria-label");
    if (group !== "Training") button.setAttribute("aria-label", `${group}: ${text.toLowerCase()}`);
  }

  /** How many epochs more, where no other panel says that. */
  addEpochs(parent) {
    this.more = element("label", "seqmagic-more", parent);
    this.epochs = element("input", "", this.more);
    Object.assign(this.epochs, { type: "number", min: 1, step: 1, value: 1 });
    this.more.append("epochs");
  }

  addRate(parent) {
    this.rate = element("label", "seqmagic-rate", parent);
    element("span", "seqmagic-label", this.rate, "Learning rate");
    this.slider = element("input", "", this.rate);
    Object.assign(this.slider, { type: "range", min: -6, max: 0, step: 0.05 });
    this.slider.setAttribute("aria-label", "Learning rate, logarithmic");
    this.number = element("input", "", this.rate);
    Object.assign(this.number, { type: "text", inputMode: "decimal", spellcheck: false });
    this.number.setAttribute("aria-label", "Learning rate");
    this.slider.addEventListener("input", () => {
      const value = Number((10 ** this.slider.valueAsNumber).toPrecision(2));
      this.number.value = String(value);
      this.slider.setAttribute("aria-valuetext", String(value));
      this.editing = true;
    });
    this.slider.addEventListener("change", () => this.sendRate());
    this.number.addEventListener("change", () => this.sendRate());
    this.number.addEventListener("input", () => (this.editing = true));
    for (const input of [this.slider, this.number]) {
      input.addEventListener("blur", () => {
        this.editing = false;
        this.showRateAgain();
      });
    }
  }

  sendRate() {
    this.editing = false;
    // For a moment neither the old one nor a wish before this one is shown again. Then what holds is.
    clearTimeout(this.patience);
    this.patience = setTimeout(() => {
      this.patience = null;
      this.showRateAgain();
    }, 1500);
    this.store.send({ kind: "press", what: "rate", value: this.number.value });
    const rate = Number(this.number.value);
    if (rate > 0 && rate < Infinity) this.showRate(rate);
  }

  /** The rate that holds, whatever stands there: it may have been refused, or the slider put back where it was, which sends nothing. */
  showRateAgain() {
    this.rateShown = null;
    this.show();
  }

  showRate(rate) {
    this.number.value = spokenNumber(rate);
    this.slider.value = Math.log10(rate);
    this.slider.setAttribute("aria-valuetext", this.number.value);
  }

  able(name) {
    return this.store.header?.can.includes(name);
  }

  press(name) {
    if (!this.able(name)) return;
    // What can't be taken back asks once more.
    if (name === "first" && this.buttons.first.dataset.sure === undefined) {
      this.buttons.first.dataset.sure = "";
      this.show();
      setTimeout(() => {
        delete this.buttons.first.dataset.sure;
        this.show();
      }, 4000);
      return;
    }
    delete this.buttons.first.dataset.sure;
    this.store.send({ kind: "press", what: name, value: name === "train" ? this.epochs.valueAsNumber : null });
  }

  /** A key in the panel, unless somebody writes; the notebook must not take it for one of its own. */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input:not([type=range]), select, textarea")) return;
    const name = KEYS[event.key.toLowerCase()];
    if (name) this.press(name);
    else if (event.key.toLowerCase() === "l") {
      this.store.look.log = !this.store.look.log;
      this.store.keepLook();
    } else return;
    event.preventDefault();
  }

  show() {
    const { header } = this.store;
    if (!header) return;
    const paused = header.state === "paused";
    this.word("pause", paused ? "Continue" : "Pause", paused ? "Go on (P)" : WORDS.pause[1], paused ? ICONS.train : ICONS.pause);
    const again = ["done", "stopped", "failed"].includes(header.state);
    this.word("train", again ? "Train more" : "Train", again ? "Go on from here (T)" : WORDS.train[1], ICONS.train);
    this.word("first", this.buttons.first.dataset.sure === undefined ? "First" : "Really?", WORDS.first[1], ICONS.first);
    for (const [name, button] of Object.entries(this.buttons)) {
      // Not `disabled`: a button that somebody just pressed keeps the focus.
      button.setAttribute("aria-disabled", String(!this.able(name)));
    }
    this.buttons.train.parentElement.dataset.again = String(again);
    this.more.hidden = header.more === null || !again;
    if (header.more !== this.moreShown) this.epochs.value = this.moreShown = header.more;
    this.rate.hidden = !this.able("rate");
    if (header.rate !== null && header.rate !== this.rateShown && !this.patience && !this.editing) {
      this.showRate((this.rateShown = header.rate));
    }
  }
}
