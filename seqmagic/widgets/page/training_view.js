// What the training panel shows in the page: controls, progress, messages, curves and their numbers.

import { Charts } from "./chart/charts.js";
import { element } from "./element.js";
import { keepFocus } from "./focus.js";
import { LANGUAGE } from "./gettext.js";
import { connect } from "./run/connection.js";
import { Store } from "./run/store.js";
import { addSheet, showGone } from "./sheet.js";
import TRAINING from "./styles/training.css" with { type: "text" };
import { watchTheme } from "./theme.js";
import { Controls } from "./training/controls.js";
import { addCurveNotes } from "./training/curve_notes.js";
import { addCurveTools } from "./training/curve_tools.js";
import { addEpochTable } from "./training/epoch_table.js";
import { addHeading } from "./training/heading.js";
import { addMessages } from "./training/messages.js";
import { addStatus } from "./training/status.js";
import { addWaiting } from "./training/waiting.js";

/** Draw a view, and draw it anew with whatever is new; gives what ends that. @param {Store} store @param {HTMLElement} el */
function render(store, el) {
  addSheet(TRAINING, el);
  const root = element("div", "seqmagic-training", el);
  root.lang = LANGUAGE;
  root.dataset.lmSuppressShortcuts = "true";
  const view = addParts(root, store);
  let frame = 0;
  const later = () => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      view.show();
    });
  };
  root.addEventListener("keydown", (event) => {
    view.controls.key(event);
    // A key that is pressed here must not edit the notebook: it would cut the cell with the panel in it.
    if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
  });
  const resize = new ResizeObserver(later);
  resize.observe(root);
  const forgetTheme = watchTheme(root, later);
  const forget = store.onRedraw(later);
  view.show();
  keepFocus(root, store);
  return () => {
    resize.disconnect();
    forgetTheme();
    forget();
    cancelAnimationFrame(frame);
    view.charts.stop();
  };
}

/** Everything that is seen, from top to bottom. @param {HTMLElement} root @param {Store} store */
function addParts(root, store) {
  const heading = addHeading(root);
  const controls = new Controls(root, store);
  const waiting = addWaiting(root, store);
  const status = addStatus(root);
  const messages = addMessages(root);
  const tools = addCurveTools(root, store);
  const charts = new Charts(root, store, (text) => (spoken.textContent = text));
  const notes = addCurveNotes(root);
  const epochs = addEpochTable(root, store);
  const spoken = element("div", "seqmagic-spoken", root);
  spoken.setAttribute("role", "status");
  const show = () => {
    const { header } = store;
    if (!header) return;
    charts.measure();
    heading.show(header);
    controls.show();
    waiting.show(header);
    status.show(header);
    messages.show(store.messages);
    if (root.dataset.state !== header.state) {
      root.dataset.state = header.state;
      spoken.textContent = `${header.word}. ${header.facts}`;
    }
    root.dataset.points = String(header.points);
    root.dataset.rows = String(store.tables.batches.count);
    tools.show();
    charts.draw();
    notes.show(header);
    epochs.show();
    showGone(root, header.gone);
  };
  return { controls, charts, show };
}

export default () => {
  const store = new Store();
  return {
    /** @param {import("@anywidget/types").InitializeProps} props */
    initialize: ({ model }) => connect(store, model),
    /** @param {import("@anywidget/types").RenderProps} props */
    render: ({ el }) => render(store, el),
  };
};
