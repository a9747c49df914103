// How the curves are shown.

import { element } from "../element.js";
import { gettext } from "../gettext.js";

/** @type {["log" | "batches" | "earlier", string, string][]} */
const BOXES = [
  ["log", gettext("Log scale"), gettext("Use a logarithmic scale, which shows small differences near 0 (L)")],
  ["batches", gettext("Batches"), gettext("Show a thin curve with one point per batch: the mean of the epoch so far")],
  ["earlier", gettext("Earlier runs"), gettext("Show the last runs of this model in a faint colour")],
];

/** @param {Element} root @param {import("../run/store.js").Store} store */
export function addCurveTools(root, store) {
  const bar = element("div", "seqmagic-tools", root);
  bar.setAttribute("role", "group");
  bar.setAttribute("aria-label", gettext("Options of the charts"));
  const boxes = BOXES.map(([name, text, title]) => {
    const label = element("label", "", bar);
    label.title = title;
    const box = element("input", "", label);
    box.type = "checkbox";
    label.append(text);
    box.addEventListener("change", () => store.changeLook({ [name]: box.checked }));
    return /** @type {const} */ ([name, box, label]);
  });
  const slider = addSmoothing(bar, store);
  const hint = element("span", "", bar, gettext("Drag across a chart to zoom in"));
  const reset = element("button", "seqmagic-quiet", bar, gettext("Show all"));
  reset.type = "button";
  reset.addEventListener("click", () => store.zoomTo(null));
  return {
    show() {
      const { tables, look, zoom } = store;
      bar.hidden = !tables.batches.count && !tables.epochs.count;
      for (const [name, box, label] of boxes) {
        box.checked = look[name];
        if (name === "earlier") label.hidden = !tables.earlier0;
        if (name === "batches") label.hidden = !tables.epochs.count;
      }
      if (document.activeElement !== slider) slider.value = String(look.smooth);
      reset.hidden = !zoom;
      hint.hidden = !reset.hidden;
    },
  };
}

/** @param {Element} bar @param {import("../run/store.js").Store} store */
function addSmoothing(bar, store) {
  const slider = element("input", "", element("label", "", bar, gettext("Smooth")));
  Object.assign(slider, { type: "range", min: 0, max: 0.99, step: 0.01 });
  slider.addEventListener("input", () => {
    store.look.smooth = slider.valueAsNumber;
    store.redraw();
  });
  slider.addEventListener("change", () => store.changeLook({ smooth: slider.valueAsNumber }));
  return slider;
}
