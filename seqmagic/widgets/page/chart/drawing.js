// Drawing a chart on its canvas.

import { formatNumber } from "../number_format.js";
import { epochTicks, logTicks, ticks } from "./axis.js";
import { isEarlier } from "./curves.js";
import { downsample, isDrawn, smoothed } from "./downsample.js";
import { strokeLine } from "./line.js";
import { MARK, drawBest, drawLooked, drawMarks, drawOutside } from "./marks.js";

/**
 * @typedef {CanvasRenderingContext2D} Context
 * @typedef {import("./curves.js").Curve} Curve
 * @typedef {import("./curves.js").Style} Style
 * @typedef {import("./layout.js").Layout} Layout
 *
 * What there is to draw.
 *
 * @typedef {object} Scene
 * @property {string} group
 * @property {Curve[]} curves
 * @property {Layout} layout
 * @property {Style} style
 * @property {import("../run/store.js").Store} store
 */

const FAINT_GREY = "rgba(128, 128, 128, 0.22)";
const SHADE = "rgba(128, 128, 128, 0.25)";
const TURN = 2 * Math.PI;
const FAR = 10000; // Pixels: a line to a value that is outside need go no farther.

/** Draw everything, from back to front. @param {Context} context @param {Scene} scene */
export function drawChart(context, { group, curves, layout, style, store }) {
  const { box } = layout;
  drawAxes(context, layout, style);
  context.save();
  context.beginPath();
  // A mark at the first or last epoch has room beyond the axis; of a part, what is outside would run over the numbers there.
  const [before, behind] = store.zoom ? [0, 0] : [8, 10];
  context.rect(box.left - before, 0, box.right - box.left + before + behind, box.bottom + MARK);
  context.clip();
  for (const curve of curves) drawCurve(context, curve, layout, isEarlier(curve) ? 0 : store.look.smooth);
  for (const curve of curves) if (!isEarlier(curve)) drawOutside(context, curve, layout);
  const best = store.header?.best;
  if (best && store.tables.epochs.count > 1) drawBest(context, best, group, layout, style);
  const looked = store.header?.looked ?? null;
  if (looked !== null) drawLooked(context, looked, layout, style);
  if (store.drag) drawDrag(context, store.drag, layout);
  if (store.cursor !== null) drawCursor(context, store.cursor, curves, layout, style);
  context.restore();
}

/** Light lines across, numbers outside. @param {Context} context @param {Layout} layout @param {Style} style */
function drawAxes(context, layout, style) {
  const { box } = layout;
  context.font = `11px ${style.fontFamily}`;
  context.fillStyle = style.color;
  context.strokeStyle = FAINT_GREY;
  context.lineWidth = 1;
  context.textAlign = "right";
  context.textBaseline = "middle";
  context.globalAlpha = 0.85;
  for (const value of layout.log ? logTicks(layout.low, layout.high) : ticks(layout.low, layout.high, 4)) {
    const at = Math.round(layout.y(value)) + 0.5;
    strokeLine(context, box.left, at, box.right, at);
    context.fillText(formatNumber(value), box.left - 6, at);
  }
  context.textBaseline = "top";
  context.textAlign = "center";
  for (const value of epochTicks(layout.from, layout.to, box.right - box.left)) {
    context.fillText(formatNumber(value), layout.x(value), box.bottom + 6);
  }
  context.globalAlpha = 1;
}

/** A curve with its marks, or faint with a smooth one over it. @param {Context} context @param {Curve} curve @param {Layout} layout @param {number} smooth */
function drawCurve(context, curve, layout, smooth) {
  const { table, column, alpha } = curve;
  drawLine(context, curve, (row) => table.at(row, column), layout, smooth ? 0.25 * alpha : alpha);
  if (smooth) {
    const values = smoothed(table, column, smooth);
    drawLine(context, curve, (row) => values[row], layout, curve.batches ? 0.8 : 1);
  } else if (curve.mark) drawMarks(context, curve, layout);
}

/** @param {Context} context @param {Curve} curve @param {(row: number) => number} valueAt @param {Layout} layout @param {number} alpha */
function drawLine(context, { table, color, width, dash }, valueAt, layout, alpha) {
  context.globalAlpha = alpha;
  context.strokeStyle = color;
  context.lineWidth = width;
  context.lineJoin = "round";
  context.setLineDash(dash || []);
  context.beginPath();
  /** @param {number} value */
  const y = (value) => Math.max(-FAR, Math.min(FAR, layout.y(value)));
  const columns = downsample(table, valueAt, layout);
  for (let index = 0; index < columns.length; index += 3) {
    const [pixel, low, high] = [columns[index], columns[index + 1], columns[index + 2]];
    if (index) context.lineTo(pixel, y(low));
    else context.moveTo(pixel, y(low));
    if (high !== low) context.lineTo(pixel, y(high));
  }
  context.stroke();
  context.setLineDash([]);
  context.globalAlpha = 1;
}

/** @param {Context} context @param {[number, number]} drag @param {Layout} layout */
function drawDrag(context, drag, { box, x }) {
  const [from, to] = drag.map(x);
  context.fillStyle = SHADE;
  context.fillRect(from, box.top, to - from, box.bottom - box.top);
}

/** @param {Context} context @param {number} cursor @param {Curve[]} curves @param {Layout} layout @param {Style} style */
function drawCursor(context, cursor, curves, layout, style) {
  const left = layout.x(cursor);
  context.strokeStyle = style.color;
  context.globalAlpha = 0.7;
  context.lineWidth = 1;
  strokeLine(context, left, layout.box.top, left, layout.box.bottom);
  context.globalAlpha = 1;
  for (const { table, column, color } of curves) {
    const value = table.read(cursor, column);
    const position = table.read(cursor, 0);
    if (value === undefined || position === undefined || !isDrawn(value, layout.log)) continue;
    context.fillStyle = color;
    context.strokeStyle = style.color;
    context.beginPath();
    context.arc(layout.x(position), layout.y(value), 3.5, 0, TURN);
    context.fill();
    context.stroke();
  }
}
