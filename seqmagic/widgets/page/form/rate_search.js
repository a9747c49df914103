// The search for a learning rate: how far it is, and then its curve, with the rate that it suggests as a button.

import { element } from "../element.js";
import { gettext } from "../gettext.js";
import { BOX, SIZE, layOutRates } from "./rate_curve.js";

const SVG = "http://www.w3.org/2000/svg";

/**
 * @typedef {object} Search
 * @property {string} [state]
 * @property {number} [fraction]
 * @property {string} [text]
 * @property {string | null} [suggestion]
 * @property {string} [before]
 *
 * @typedef {{ use: (rate: string) => void, ask: (kind: string) => void }} Doors
 */

/** @param {HTMLElement} root @param {(Search & Partial<import("./rate_curve.js").Found>) | null} search @param {Doors} doors */
export function addRateSearch(root, search, { use, ask }) {
  if (!search?.state) return;
  const box = element("div", "seqmagic-search", root);
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", gettext("The learning rate search"));
  if (search.rates?.length) drawRates(box, /** @type {import("./rate_curve.js").Found} */ (search), search.text ?? "");
  const words = element("div", "", box);
  const line = element("p", "", words, search.text);
  // How far it is changes too often to be read aloud.
  if (search.state !== "running") line.setAttribute("role", "status");
  /** @param {string} text @param {string} control @param {() => void} press */
  const addButton = (text, control, press) => {
    const button = element("button", "", words, text);
    button.type = "button";
    button.dataset.control = control;
    button.addEventListener("click", press);
  };
  if (search.state === "running") {
    const track = element("progress", "", words);
    track.value = search.fraction ?? 0;
    track.setAttribute("aria-label", gettext("Learning rates tried"));
    addButton(gettext("Stop the search"), "search.stop", () => ask("stop_search"));
    return;
  }
  const { suggestion } = search;
  if (suggestion) {
    addButton(gettext("Use {rate}", { rate: suggestion }), "search.use", () => {
      use(suggestion);
      ask("forget_search");
    });
  }
  addButton(suggestion ? gettext("Keep {rate}", { rate: search.before }) : gettext("Close"), "search.forget", () => ask("forget_search"));
}

/** @param {Element} parent @param {import("./rate_curve.js").Found} found @param {string} text what it says, in words */
function drawRates(parent, found, text) {
  const { raw, smooth, suggestion, below, beside } = layOutRates(found);
  const svg = addShape(parent, "svg", { viewBox: `0 0 ${SIZE.width} ${SIZE.height}`, role: "img", "aria-label": gettext("Loss over learning rate. {text}", { text }) });
  for (const [at, loss] of beside) {
    addShape(svg, "path", { class: "grid", d: `M${BOX.left} ${at}H${BOX.right}` });
    addShape(svg, "text", { x: BOX.left - 6, y: at + 4, "text-anchor": "end" }).textContent = loss;
  }
  for (const [at, rate] of below) addShape(svg, "text", { x: at, y: BOX.bottom + 16, "text-anchor": "middle" }).textContent = rate;
  addShape(svg, "path", { class: "raw", d: raw });
  addShape(svg, "path", { class: "smooth", d: smooth });
  if (suggestion === null) return;
  addShape(svg, "path", { class: "suggestion", d: `M${suggestion} ${BOX.top}V${BOX.bottom}` });
  addShape(svg, "text", { x: suggestion - 5, y: BOX.top - 4, "text-anchor": "middle" }).textContent = found.suggestion;
}

/** @param {Element} parent @param {string} tag @param {Record<string, string | number>} attributes */
function addShape(parent, tag, attributes) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  parent.append(made);
  return made;
}
