// The compile panel in the page: it draws what the kernel describes, and sends what somebody chooses. It knows no Keras.

/** Let a screen reader say a line with its control. */
function describeBy(control, line) {
  line.id = `seqmagic-${Math.random().toString(36).slice(2)}`;
  control?.setAttribute("aria-describedby", line.id);
}

class Form {
  constructor(model, root) {
    this.model = model;
    this.root = root;
    this.open = new Set();
    this.typing = null;
    root.addEventListener("input", ({ target }) => {
      if (target.type === "text") this.typing = target;
    });
    root.addEventListener("change", ({ target }) => {
      if (this.typing === target) this.typing = null;
    });
    // A field that was drawn anew while somebody wrote in it doesn't know that it was changed.
    root.addEventListener("focusout", ({ target }) => {
      if (this.typing === target && target.isConnected) target.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }

  send(control, value) {
    this.waits = true;
    this.model.send({ kind: "set", control, value });
  }

  /** Draw everything anew; the focus stays where it is, with what somebody is writing there. */
  show() {
    const form = this.model.get("form");
    const active = this.root.contains(document.activeElement) ? document.activeElement : null;
    const place = this.places().indexOf(active);
    const { typing, copying } = this;
    this.waits = this.copying = false;
    this.typing = null;
    this.root.replaceChildren();
    this.fields = element("fieldset", "", this.root);
    this.fields.disabled = Boolean(form.locked);
    element("legend", "seqmagic-spoken", this.fields, "Compile and fit options");
    this.addSeen(form);
    const grid = element("div", "seqmagic-grid", this.fields);
    this.addChoice(grid, "Optimizer", form.optimizer);
    this.addRate(grid, form.optimizer, form.schedule);
    this.addChoice(grid, "Loss", form.loss);
    this.addMetrics(grid, form);
    const fit = element("div", "seqmagic-fit", this.fields);
    for (const field of form.fit) this.addField(fit, field);
    this.addLines(form.lines);
    if (active) this.focusAgain(active, place, typing === active);
    if (copying) this.copy();
  }

  places() {
    return [...this.root.querySelectorAll("button, select, input, summary")];
  }

  /** Go to the control that was left, or to its neighbour where it is gone. */
  focusAgain(left, place, wasTyping) {
    const same = left.dataset.control && this.root.querySelector(`[data-control="${CSS.escape(left.dataset.control)}"]`);
    const next = same || this.places()[Math.min(place, this.places().length - 1)];
    next?.focus();
    if (!same || !wasTyping) return;
    next.value = left.value;
    next.setSelectionRange(left.selectionStart, left.selectionEnd);
    this.typing = next;
  }

  addSeen({ seen, proposal, locked }) {
    const line = element("p", "seqmagic-seen", this.fields, locked || `${seen} `);
    if (locked || !proposal.words) return;
    line.append(`Fits${proposal.knows || " best"}${proposal.differs ? "" : ", and is chosen"}: `);
    element("code", "", line, proposal.words);
    if (proposal.differs) {
      const use = element("button", "seqmagic-quiet", line, "Use it");
      use.type = "button";
      use.dataset.control = "propose";
      use.addEventListener("click", () => this.send("propose", null));
    }
  }

  /** A word with its options: the ones that people ask for at once, the others folded away. */
  addChoice(parent, label, section) {
    const part = element("div", "seqmagic-part", parent);
    const select = this.addSelect(part, label, section.control, section.word, section.groups, section.about);
    this.addSaid(part, section, select);
    this.addOptions(part, section);
  }

  addSaid(parent, { level, reason, problem }, control) {
    if (!problem && !reason) return;
    const line = element("p", problem || level === "wrong" ? "seqmagic-problem" : "seqmagic-unwise", parent, problem || reason);
    describeBy(control, line);
  }

  addOptions(parent, { control, word, options }) {
    const common = options.filter((option) => option.common || option.problem || option.value !== option.default);
    const rest = options.filter((option) => !common.includes(option));
    const row = element("div", "seqmagic-options", parent);
    const owner = control.startsWith("metrics") ? ` of ${word}` : "";
    for (const option of common) this.addField(row, { ...option, label: option.label + owner });
    if (!rest.length) return;
    const details = element("details", "", parent);
    details.open = this.open.has(control);
    details.addEventListener("toggle", () => (details.open ? this.open.add(control) : this.open.delete(control)));
    const summary = element("summary", "", details, `${rest.length} more options of ${word}`);
    summary.dataset.control = `${control}.more`;
    const more = element("div", "seqmagic-options", details);
    for (const option of rest) this.addField(more, option);
  }

  addSelect(parent, label, control, word, groups, title) {
    const around = element("label", "seqmagic-field seqmagic-wide", parent);
    element("span", "seqmagic-label", around, label);
    const select = element("select", "", around);
    select.dataset.control = control;
    if (title) select.title = title;
    for (const [name, words] of groups) {
      const group = name ? element("optgroup", "", select) : select;
      if (name) group.label = name;
      for (const each of words) element("option", "", group, each).value = each;
    }
    select.value = word;
    select.addEventListener("change", () => this.send(control, select.value));
    return select;
  }

  /** One option: a box to tick, a word to choose, or a value to write. What is wrong with it stands below it. */
  addField(parent, { control, label, kind, value, about, problem, off, words, default: standard }) {
    const around = element("label", `seqmagic-field seqmagic-${kind}`, parent);
    if (about) around.title = about;
    const input = document.createElement(kind === "choice" ? "select" : "input");
    input.dataset.control = control;
    if (kind === "choice") {
      element("span", "seqmagic-label", around, label);
      for (const [word, told] of words) element("option", "", input, told).value = word;
      input.value = value;
      around.append(input);
      input.addEventListener("change", () => this.send(control, input.value));
    } else if (kind === "flag") {
      input.type = "checkbox";
      input.checked = value === "true";
      input.disabled = Boolean(off);
      around.append(input);
      element("span", "", around, label);
      input.addEventListener("change", () => this.send(control, String(input.checked)));
    } else {
      element("span", "seqmagic-label", around, label);
      Object.assign(input, { type: "text", value, placeholder: standard, spellcheck: false, autocomplete: "off" });
      if (kind === "number") input.inputMode = "decimal";
      around.append(input);
      input.addEventListener("change", () => this.send(control, input.value));
    }
    if (problem) this.addProblem(around, input, problem);
    return input;
  }

  addProblem(parent, input, problem) {
    input.setAttribute("aria-invalid", "true");
    describeBy(input, element("span", "seqmagic-problem", parent, problem));
  }

  /** The learning rate: a logarithmic slider and a number, or a schedule with its options. */
  addRate(parent, { rate, rate_problem: problem }, schedule) {
    const part = element("div", "seqmagic-part", parent);
    const row = element("div", "seqmagic-pair", part);
    if (rate !== null) {
      const control = "optimizer.learning_rate";
      const around = element("div", "seqmagic-field seqmagic-wide", row);
      element("span", "seqmagic-label", around, "Learning rate");
      const both = element("div", "seqmagic-both", around);
      const slider = element("input", "", both);
      Object.assign(slider, { type: "range", min: -6, max: 0, step: 0.05, value: Math.log10(Number(rate) || 0.001) });
      slider.dataset.control = "rate.slider";
      slider.setAttribute("aria-label", "Learning rate, logarithmic");
      slider.setAttribute("aria-valuetext", rate);
      const number = element("input", "", both);
      Object.assign(number, { type: "text", inputMode: "decimal", value: rate, spellcheck: false });
      number.dataset.control = control;
      number.setAttribute("aria-label", "Learning rate");
      slider.addEventListener("input", () => {
        number.value = String(Number((10 ** slider.valueAsNumber).toPrecision(2)));
        slider.setAttribute("aria-valuetext", number.value);
      });
      slider.addEventListener("change", () => this.send(control, number.value));
      number.addEventListener("change", () => this.send(control, number.value));
      if (problem) this.addProblem(around, number, problem);
    }
    const label = rate === null ? "Learning rate" : "Schedule";
    const select = this.addSelect(row, label, "schedule", schedule.word, [["", ["constant"]], ...schedule.groups]);
    select.firstChild.value = "";
    if (!schedule.word) select.value = "";
    this.addSaid(part, schedule, select);
    this.addOptions(part, schedule);
  }

  /** Metrics as a list that grows and shrinks. */
  addMetrics(parent, { metrics, more_metrics: groups }) {
    const part = element("div", "seqmagic-part", parent);
    const field = element("div", "seqmagic-field", part);
    element("span", "seqmagic-label", field, "Metrics");
    const list = element("div", "seqmagic-chips", field);
    metrics.forEach((metric, index) => {
      const chip = element("span", "seqmagic-chip", list);
      element("span", "", chip, metric.word);
      const remove = element("button", "seqmagic-quiet", chip, "×");
      remove.type = "button";
      remove.dataset.control = `metrics.remove.${index}`;
      remove.setAttribute("aria-label", `Remove ${metric.word}`);
      remove.addEventListener("click", () => this.send("metrics.remove", String(index)));
    });
    const select = this.addSelect(list, "", "metrics.add", "", [["", ["add…"]], ...groups]);
    select.setAttribute("aria-label", "Add a metric");
    select.firstChild.value = "";
    select.value = "";
    metrics.forEach((metric, index) => {
      this.addSaid(part, metric, list.children[index].querySelector("button"));
      this.addOptions(part, metric);
    });
  }

  /** The same in the language, to take along. */
  addLines(lines) {
    const box = element("div", "seqmagic-lines", this.root);
    const pre = element("pre", "", box);
    element("code", "", pre, lines.join("\n"));
    pre.tabIndex = 0;
    pre.setAttribute("aria-label", "The same as lines for the cell");
    const copy = element("button", "seqmagic-quiet", box, "Copy");
    copy.type = "button";
    copy.title = "Copy these lines: they go to the end of a %%sequential cell";
    this.copy = async () => {
      try {
        await navigator.clipboard.writeText(lines.join("\n"));
      } catch {
        getSelection().selectAllChildren(pre);
        document.execCommand("copy");
      }
      copy.textContent = "Copied";
      setTimeout(() => (copy.textContent = "Copy"), 1500);
    };
    copy.addEventListener("click", () => {
      // What was written in a field just before is on its way; the lines that tell it come with the answer.
      if (this.waits) this.copying = true;
      else this.copy();
    });
  }
}

export default {
  render({ model, el }) {
    element("style", "", el, STYLE);
    const root = element("div", "seqmagic-form", el);
    root.dataset.lmSuppressShortcuts = "true";
    const form = new Form(model, root);
    const show = () => form.show();
    // A key that moves a slider, or chooses a word, is not one of the notebook's.
    root.addEventListener("keydown", (event) => event.stopPropagation());
    model.on("change:form", show);
    show();
    return () => model.off("change:form", show);
  },
};
