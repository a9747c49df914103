// Marks in a chart: at the epochs, at the best of them, and where a spike is outside.

import { groupOf } from "./curves.js";
import { isDrawn } from "./downsample.js";
import { gettext } from "../gettext.js";
import { strokeLine } from "./line.js";

/**
 * @typedef {CanvasRenderingContext2D} Context
 * @typedef {import("./curves.js").Curve} Curve
 * @typedef {import("./curves.js").Style} Style
 * @typedef {import("./layout.js").Layout} Layout
 */

const TURN = 2 * Math.PI;
export const MARK = 6; // Pixels: how large the sign of a spike is.

/** @param {Context} context @param {Curve} curve @param {Layout} layout */
export function drawMarks(context, { table, column, color, mark }, layout) {
  context.fillStyle = color;
  for (let row = 0; row < table.count; row++) {
    const value = table.at(row, column);
    if (!isDrawn(value, layout.log)) continue;
    const left = layout.x(table.at(row, 0));
    context.beginPath();
    if (mark === "circle") context.arc(left, layout.y(value), 2.8, 0, TURN);
    else context.rect(left - 2.6, layout.y(value) - 2.6, 5.2, 5.2);
    context.fill();
  }
}

/** A triangle at the edge where a value is outside; one for all that stand close to each other. @param {Context} context @param {Curve} curve @param {Layout} layout */
export function drawOutside(context, { table, column, color }, { box, from, to, low, high, log, x }) {
  context.fillStyle = color;
  const last = [-Infinity, -Infinity];
  for (let row = 0; row < table.count; row++) {
    const value = table.at(row, column);
    const position = table.at(row, 0);
    if (!isDrawn(value, log) || (value >= low && value <= high) || position < from || position > to) continue;
    const isAbove = value > high;
    const left = x(position);
    if (left < last[Number(isAbove)] + MARK) continue;
    last[Number(isAbove)] = left;
    const [tip, foot] = isAbove ? [box.top - MARK, box.top] : [box.bottom + MARK, box.bottom];
    context.beginPath();
    context.moveTo(left, tip);
    context.lineTo(left - MARK / 2 - 1, foot);
    context.lineTo(left + MARK / 2 + 1, foot);
    context.fill();
  }
}

/**
 * A ring around the best epoch, in the chart of what decides it; a fine line in all others.
 *
 * @param {Context} context
 * @param {[string, number, number]} best
 * @param {string} group
 * @param {Layout} layout
 * @param {Style} style
 */
export function drawBest(context, [name, epoch, value], group, layout, style) {
  const { box } = layout;
  const left = layout.x(epoch);
  context.strokeStyle = context.fillStyle = style.color;
  context.lineWidth = 1;
  context.globalAlpha = 0.45;
  context.setLineDash([2, 3]);
  strokeLine(context, left, box.top, left, box.bottom);
  context.setLineDash([]);
  context.globalAlpha = 1;
  if (groupOf(name) !== group || !isDrawn(value, layout.log)) return;
  context.lineWidth = 1.5;
  context.beginPath();
  context.arc(left, layout.y(value), 6.5, 0, TURN);
  context.stroke();
  context.font = `600 11px ${style.fontFamily}`;
  context.textBaseline = "top";
  const right = left > (box.left + box.right) / 2;
  context.textAlign = right ? "right" : "left";
  context.fillText(gettext("best"), left + (right ? -5 : 5), box.top - 8);
}

/**
 * A line at the epoch that somebody looks at, with a word at its foot.
 *
 * @param {Context} context
 * @param {number} epoch
 * @param {Layout} layout
 * @param {Style} style
 */
export function drawLooked(context, epoch, { box, x }, style) {
  const left = x(epoch);
  context.strokeStyle = style.color;
  context.lineWidth = 1.5;
  strokeLine(context, left, box.top, left, box.bottom);
  const right = left > (box.left + box.right) / 2;
  context.fillStyle = style.color;
  context.font = `600 11px ${style.fontFamily}`;
  context.textBaseline = "bottom";
  context.textAlign = right ? "right" : "left";
  context.fillText(gettext("look"), left + (right ? -5 : 5), box.bottom - 2);
}
