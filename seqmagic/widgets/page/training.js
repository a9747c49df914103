// What the training panel shows in the page: controls, progress, messages, curves and their numbers.

const LAYOUT = [
  ["log", "Log scale", "Show small differences near 0 (L)"],
  ["batches", "Batches", "Show a thin curve with a point for each batch: the mean of its epoch so far"],
  ["earlier", "Earlier runs", "Show the last runs of this model, faint"],
];

const MOST_ROWS = 500; // Of the table: a longer one would take the page a while.

function render(store, el) {
  element("style", "", el, STYLE);
  const root = element("div", "seqmagic-training", el);
  root.dataset.lmSuppressShortcuts = "true";
  const controls = new Controls(root, store);
  const next = addNext(root, store);
  const status = addStatus(root);
  const messages = element("div", "seqmagic-messages", root);
  const errors = element("div", "", messages); // A card that alerts by itself comes in here.
  const said = element("div", "", messages);
  said.setAttribute("role", "status");
  const tools = addTools(root, store);
  const charts = new Charts(root, store);
  const numbers = addNumbers(root);
  const spoken = element("div", "seqmagic-spoken", root);
  spoken.setAttribute("role", "status");
  let frame = 0;
  let state = null;
  let shown = null;

  const show = () => {
    frame = 0;
    const { header } = store;
    if (!header) return;
    charts.measure();
    controls.show();
    next.show(header);
    status.show(header);
    if (shown !== store.messages) showMessages(errors, said, (shown = store.messages));
    if (state !== header.state) {
      state = header.state;
      root.dataset.state = state;
      spoken.textContent = `${header.word}. ${header.facts}`;
    }
    root.dataset.points = String(header.points);
    root.dataset.rows = String(store.tables.batches.count);
    tools.show();
    charts.draw();
    numbers.show(store);
  };
  const later = () => {
    if (!frame) frame = requestAnimationFrame(show);
  };
  root.addEventListener("keydown", (event) => {
    controls.key(event);
    // A key that is pressed here must not edit the notebook: it would cut the cell with the panel in it.
    if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
  });
  const resize = new ResizeObserver(later);
  resize.observe(root);
  const theme = new MutationObserver(later);
  theme.observe(document.body, { attributes: true, attributeFilter: ["class", "data-jp-theme-light", "data-jp-theme-name"] });
  store.views.addEventListener(REDRAW, later);
  show();
  keepFocus(store, root);
  return () => {
    resize.disconnect();
    theme.disconnect();
    store.views.removeEventListener(REDRAW, later);
    cancelAnimationFrame(frame);
    charts.stop();
  };
}

/** Some pages draw an output anew when the picture in it changes, at the end of a run: who was there with the keyboard stays there. */
function keepFocus(store, root) {
  const places = () => [...root.querySelectorAll("button, input, summary, canvas")];
  root.addEventListener("focusin", (event) => (store.focus = places().indexOf(event.target)));
  root.addEventListener("focusout", () => setTimeout(() => {
    if (root.isConnected && !root.contains(document.activeElement)) store.focus = -1;
  }));
  if (store.focus >= 0) requestAnimationFrame(() => places()[store.focus]?.focus({ preventScroll: true }));
}

const CHOICES = [
  ["instead", "Instead", "End the training under way now; this cell's goes on with what that has learned"],
  ["after", "After it", "Begin when the training under way has ended"],
  ["never", "Not at all", "Give up this cell's training"],
];

/** Where a training waits for another one of its model: what is to become of it. */
function addNext(root, store) {
  const row = element("div", "seqmagic-next", root);
  row.setAttribute("role", "group");
  row.setAttribute("aria-label", "The training that waits");
  const text = element("span", "", row);
  const buttons = CHOICES.map(([name, word, title]) => {
    const button = element("button", "", row, word);
    Object.assign(button, { type: "button", title });
    button.setAttribute("aria-pressed", String(name === "after"));
    button.addEventListener("click", () => store.send({ kind: "press", what: name, value: null }));
    return button;
  });
  return {
    show({ next }) {
      row.hidden = !next;
      if (text.textContent !== next) text.textContent = next;
      for (const button of buttons) button.tabIndex = next ? 0 : -1;
    },
  };
}

/** The state in a word, the facts beside it, and a bar for how much is done. */
function addStatus(root) {
  const line = element("div", "seqmagic-status", root);
  const word = element("b", "seqmagic-state", line);
  const facts = element("span", "", line);
  const track = element("div", "seqmagic-track", root);
  track.setAttribute("role", "progressbar");
  track.setAttribute("aria-label", "Training progress");
  track.setAttribute("aria-valuemin", "0");
  track.setAttribute("aria-valuemax", "100");
  const done = element("div", "seqmagic-done", track);
  return {
    show(header) {
      const percent = Math.round(100 * header.fraction);
      if (word.textContent !== header.word) word.textContent = header.word;
      facts.textContent = header.facts;
      done.style.width = `${100 * header.fraction}%`;
      track.setAttribute("aria-valuenow", String(percent));
      track.setAttribute("aria-valuetext", `${percent} %, ${header.facts}`);
    },
  };
}

/** Errors come laid out and escaped from the kernel; everything else is text. */
function showMessages(errors, said, { error, text, notes }) {
  errors.innerHTML = error;
  said.replaceChildren();
  if (text) element("p", "seqmagic-message", said, text);
  for (const note of notes) {
    const line = element("p", "seqmagic-note", said);
    element("b", "", line, "Note: ");
    line.append(note);
  }
}

/** How the curves are shown. */
function addTools(root, store) {
  const bar = element("div", "seqmagic-tools", root);
  bar.setAttribute("role", "group");
  bar.setAttribute("aria-label", "How the curves are shown");
  const boxes = LAYOUT.map(([name, text, title]) => {
    const label = element("label", "", bar);
    label.title = title;
    const box = element("input", "", label);
    box.type = "checkbox";
    label.append(text);
    box.addEventListener("change", () => {
      store.look[name] = box.checked;
      store.keepLook();
    });
    return [name, box, label];
  });
  const label = element("label", "", bar, "Smooth");
  const slider = element("input", "", label);
  Object.assign(slider, { type: "range", min: 0, max: 0.99, step: 0.01 });
  slider.addEventListener("input", () => {
    store.look.smooth = slider.valueAsNumber;
    store.redraw();
  });
  slider.addEventListener("change", () => store.keepLook());
  const hint = element("span", "", bar, "Drag across a chart to look closer");
  const reset = element("button", "seqmagic-quiet", bar, "Show all");
  reset.type = "button";
  reset.addEventListener("click", () => zoomTo(store, null));
  return {
    show() {
      bar.hidden = !store.tables.batches.count && !store.tables.epochs.count;
      for (const [name, box, around] of boxes) {
        box.checked = store.look[name];
        if (name === "earlier") around.hidden = !store.tables.earlier0;
        if (name === "batches") around.hidden = !store.tables.epochs.count;
      }
      if (document.activeElement !== slider) slider.value = store.look.smooth;
      reset.hidden = !store.zoom;
      hint.hidden = !reset.hidden;
    },
  };
}

/** The same as a table, for those who read rather than look. */
function addNumbers(root) {
  const details = element("details", "seqmagic-numbers", root);
  element("summary", "", details, "The numbers, epoch by epoch");
  const left = element("p", "seqmagic-label", details);
  const table = element("table", "", element("div", "", details));
  let shown = "";
  const fill = ({ header, tables: { epochs } }) => {
    if (!details.open || shown === `${epochs.count} ${epochs.names}`) return;
    shown = `${epochs.count} ${epochs.names}`;
    const last = epochs.count > MOST_ROWS ? `The last ${MOST_ROWS} rows. ` : "";
    const thinned = header.thinned ? "They are so many that of each few epochs only the least and greatest numbers stand here. " : "";
    left.textContent = [last + thinned && `${last}${thinned}run.history has all.`, ...(header.means || [])].filter(Boolean).join(" ");
    left.hidden = !left.textContent;
    table.replaceChildren();
    const head = element("tr", "", element("thead", "", table));
    for (const name of ["epoch", ...epochs.names]) element("th", "", head, name).scope = "col";
    const body = element("tbody", "", table);
    for (let row = Math.max(0, epochs.count - MOST_ROWS); row < epochs.count; row++) {
      const line = element("tr", "", body);
      const position = epochs.at(row, 0);
      element("th", "", line, spokenNumber(position)).scope = "row";
      for (let column = 1; column < epochs.width; column++) {
        const value = epochs.at(row, column);
        // An epoch that was cut has no validation, and not every whole one need have.
        element("td", "", line, epochs.isMissing(row, column) ? "–" : spokenNumber(value));
      }
    }
  };
  let last = null;
  details.addEventListener("toggle", () => last && fill(last));
  return {
    show(store) {
      last = store;
      details.hidden = !store.tables.epochs.count;
      fill(store);
    },
  };
}

export default () => {
  const store = newStore();
  return { initialize: ({ model }) => initialize(store, model), render: ({ el }) => render(store, el) };
};
