// The look view in the page: tabs with what the kernel has drawn. What is pressed in them goes to the kernel, which draws anew.

import { element } from "./element.js";
import { keepFocus } from "./focus.js";
import { LANGUAGE } from "./gettext.js";
import { EpochBar, NO_EPOCHS } from "./look/epoch_bar.js";
import { pressId, takeNews } from "./look/news.js";
import { Panels } from "./look/panels.js";
import { TabList } from "./look/tab_list.js";
import { addSheet } from "./sheet.js";
import LOOK from "./styles/look.css" with { type: "text" };

const PATIENCE = 60000; // Milliseconds.

/**
 * What there is to show.
 *
 * @typedef {object} Look
 * @property {string} title
 * @property {string} status what goes on, or nothing
 * @property {{ name: string, title: string }[]} tabs
 * @property {string} open the name of a tab
 * @property {import("./look/epoch_bar.js").Epochs} epochs
 * @property {string} at the key of the moment that is shown
 * @property {Record<string, string>} panels the markup of those that were opened, by the names of their tabs
 */

/**
 * @typedef {object} Store
 * @property {Look} look
 * @property {string} opened the tab that the kernel opened last
 * @property {string} pressed the id of the last press, until it is answered
 * @property {import("./focus.js").Place | null} focus
 * @property {Set<() => void>} views
 * @property {ReturnType<typeof setTimeout>} [waiting] until nothing is in the page for good
 */

/** Tell the kernel something; one that was restarted hears it no more. @param {import("@anywidget/types").AnyModel} model @param {object} message */
function tell(model, message) {
  try {
    model.send(message);
  } catch {
    // The panel says so itself.
  }
}

/** @param {import("@anywidget/types").AnyModel} model @param {Store} store @param {HTMLElement} el */
function render(model, store, el) {
  addSheet(LOOK, el);
  const root = element("div", "seqmagic-look", el);
  root.lang = LANGUAGE;
  root.setAttribute("role", "region");
  root.dataset.lmSuppressShortcuts = "true";
  const title = element("h4", "", root);
  const status = element("p", "seqmagic-look-status", root);
  status.setAttribute("role", "status");
  /** @param {string} tab @param {string} [what] @param {string} [value] */
  const press = (tab, what = "", value = "") => {
    const id = pressId();
    if (tab) store.pressed = id;
    tell(model, { kind: "press", tab, what, value, id });
  };
  const epochs = new EpochBar(root, (what, value) => press("", what, value));
  const tabs = new TabList(root, (name) => {
    store.look.open = store.opened = name;
    press(name);
    show();
  });
  const panels = new Panels(root, tabs, press, (text) => (spoken.textContent = text));
  const spoken = element("div", "seqmagic-spoken", root);
  spoken.setAttribute("role", "status");
  // A key that is pressed here must not edit the notebook.
  root.addEventListener("keydown", (event) => {
    if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
  });
  const show = () => {
    const { look } = store;
    title.textContent = look.title;
    root.setAttribute("aria-label", look.title);
    status.textContent = look.status;
    status.hidden = !look.status;
    // What is pressed in one tab may open another: the keyboard goes with it.
    const moves = Boolean(root.dataset.open) && root.dataset.open !== look.open && root.contains(document.activeElement);
    root.dataset.open = look.open;
    epochs.show(look.epochs, look.at);
    tabs.show(look.tabs, look.open);
    panels.show(look);
    if (moves) tabs.focus(look.open);
  };
  clearTimeout(store.waiting);
  store.views.add(show);
  show();
  keepFocus(root, store);
  return () => {
    store.views.delete(show);
    // An output that was moved is there again in a moment; after a deleted one, the kernel need not hold the data.
    if (!store.views.size) store.waiting = setTimeout(() => tell(model, { kind: "gone" }), PATIENCE);
  };
}

export default () => {
  /** @type {Store} */
  const store = {
    look: { title: "", status: "", tabs: [], open: "", panels: {}, epochs: NO_EPOCHS, at: "" },
    opened: "",
    pressed: "",
    focus: null,
    views: new Set(),
  };
  return {
    /** @param {import("@anywidget/types").InitializeProps} props */
    initialize: ({ model }) => {
      takeNews(store, model.get("whole"));
      model.on("msg:custom", ({ kind, ...news }) => {
        if (kind !== "news") return;
        takeNews(store, news);
        for (const show of store.views) show();
      });
      // Jupyter's own pages hide what stands after the view; others, such as VS Code's and Colab's, can't.
      model.send({ kind: "hello", alone: !document.querySelector(".jp-Notebook, .jp-OutputArea") });
    },
    /** @param {import("@anywidget/types").RenderProps} props */
    render: ({ model, el }) => render(model, store, el),
  };
};
