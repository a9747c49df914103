// What a pointer and keys do in a chart.

import { endOf, stepFrom, zoomBy } from "./navigation.js";

const SHORTEST_DRAG = 6; // Pixels: below, a hand only trembled.
/** @type {Record<string, number>} */
const STEPS = { ArrowLeft: -1, ArrowRight: 1 };
/** @type {Record<string, "first" | "last">} */
const ENDS = { Home: "first", End: "last" };
/** @type {Record<string, number>} */
const FACTORS = { "+": 0.5, "=": 0.5, "-": 2 };

/** Follow the pointer: it reads values, and a drag looks closer. @param {import("./chart.js").Chart} chart */
export function followPointer(chart) {
  const { canvas, store } = chart;
  /** Where a drag began. @type {number | null} */
  let begin = null;
  /** @param {MouseEvent} event @param {import("./layout.js").Layout} layout */
  const positionOf = (event, layout) => {
    const position = layout.position(event.clientX - canvas.getBoundingClientRect().left);
    return Math.min(layout.to, Math.max(layout.from, position));
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button || !chart.layout) return;
    canvas.setPointerCapture(event.pointerId);
    begin = positionOf(event, chart.layout);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!chart.layout) return;
    const position = positionOf(event, chart.layout);
    const reach = Math.max(...chart.curves().map(({ table }) => table.last));
    store.cursor = Math.min(position, Math.max(reach, chart.layout.from)); // Behind the curves there is nothing to read.
    store.drag = begin === null ? null : [begin, position];
    store.redraw();
  });
  canvas.addEventListener("pointerup", () => {
    const { drag } = store;
    begin = store.drag = null;
    if (!drag || !chart.layout) return;
    const [from, to] = [Math.min(...drag), Math.max(...drag)];
    if (chart.layout.x(to) - chart.layout.x(from) > SHORTEST_DRAG) store.zoomTo([from, to]);
  });
  for (const kind of ["pointerleave", "pointercancel", "blur"]) {
    canvas.addEventListener(kind, () => {
      begin = store.cursor = store.drag = null;
      store.redraw();
    });
  }
  canvas.addEventListener("dblclick", () => store.zoomTo(null));
}

/** Arrows move the cursor from epoch to epoch, Home and End to the first and the last, + and - look closer and farther, 0 shows everything. @param {import("./chart.js").Chart} chart */
export function followKeys(chart) {
  chart.canvas.addEventListener("keydown", (event) => {
    if (!chart.layout || event.ctrlKey || event.metaKey || event.altKey || !pressKey(chart, event.key)) return;
    event.preventDefault();
    event.stopPropagation();
  });
}

/** Do what a key says; false where it says nothing here. @param {import("./chart.js").Chart} chart @param {string} key */
function pressKey(chart, key) {
  const { store } = chart;
  const { epochs, batches } = store.tables;
  const table = epochs.count ? epochs : batches;
  if ((STEPS[key] || ENDS[key]) && table.count) {
    store.cursor = ENDS[key] ? endOf(table, ENDS[key], chart.span()) : stepFrom(table, store.cursor, STEPS[key]);
    store.redraw();
    chart.speak(store.cursor);
  } else if (FACTORS[key]) store.zoomTo(zoomBy(chart.span(), FACTORS[key], store.cursor, chart.epochs()));
  else if (key === "Escape" || key === "0") store.zoomTo(null);
  else return false;
  return true;
}
