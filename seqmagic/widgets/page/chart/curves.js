// Which curves a chart has, and which charts there are.

import look from "../look.json" with { type: "json" };

/**
 * One curve: a column of a table, and how it looks.
 *
 * @typedef {object} Curve
 * @property {import("../run/table.js").Table} table
 * @property {number} column
 * @property {"batch" | "training" | "validation" | "earlier" | "earlier, validation"} label
 * @property {string} color
 * @property {number} alpha
 * @property {number} width of the line, in pixels
 * @property {number[]} [dash]
 * @property {"circle" | "square" | false} [mark] at each point: it tells two curves apart without colour
 * @property {boolean} [hidden] whether it is left out where the chart is told in words
 * @property {boolean} [batches] whether it has a point for each batch
 *
 * What the page's theme says of drawing.
 *
 * @typedef {{ color: string, fontFamily: string, training: string, validation: string }} Style
 */

const DASH = [5, 4];

/** @param {string} name @returns {string} the chart that a metric belongs to: validation and training share one */
export function groupOf(name) {
  return name.replace(/^val_/, "");
}

/** The charts in order, the loss first. @param {import("../run/store.js").Tables} tables */
export function groupsOf({ batches, epochs }) {
  const groups = new Set([...batches.names, ...epochs.names].map(groupOf));
  return [...groups].sort((one, other) => Number(other === "loss") - Number(one === "loss"));
}

/** @param {Curve} curve */
export function isEarlier({ label }) {
  return label.startsWith("earlier");
}

/** The row of a curve's newest number: an epoch that was cut has no validation; NaN in the training is news. @param {Curve} curve */
export function newestRow({ table, column, label }) {
  return label === "validation" ? table.lastWith(column) : table.count - 1;
}

/**
 * What is drawn in a chart, from back to front.
 *
 * @param {string} group
 * @param {Pick<import("../run/store.js").Store, "tables" | "look" | "zoom">} store
 * @param {Style} style
 * @returns {Curve[]}
 */
export function curvesOf(group, { tables, look: shown, zoom }, { training, validation }) {
  /** @type {Curve[]} */
  const found = [];
  /** @param {import("../run/table.js").Table | undefined} table @param {string} name @param {Omit<Curve, "table" | "column">} rest */
  const add = (table, name, rest) => {
    const column = table ? table.column(name) : 0;
    if (table && column && table.count) found.push({ table, column, ...rest });
  };
  const only = !tables.epochs.count;
  if (shown.earlier) {
    for (const name of Object.keys(tables).filter((each) => each.startsWith("earlier"))) {
      const faint = { color: look.colors.earlier, alpha: 0.5, width: 1.5 };
      add(tables[name], group, { label: "earlier", ...faint });
      add(tables[name], `val_${group}`, { label: "earlier, validation", ...faint, dash: DASH });
    }
  }
  if (shown.batches || only) {
    const detail = zoom && tables.detail && tables.detail.last >= Math.min(zoom[1], tables.batches.last) - 1e-6;
    const thin = { color: training, alpha: only ? 0.9 : 0.5, width: 1, hidden: !only, batches: true };
    add(detail ? tables.detail : tables.batches, group, { label: "batch", ...thin });
  }
  const few = tables.epochs.count <= look.markedEpochs;
  add(tables.epochs, group, { label: "training", color: training, alpha: 1, width: 2, mark: few && "circle" });
  const dashed = { color: validation, alpha: 1, width: 2, dash: DASH, mark: few && /** @type {const} */ ("square") };
  add(tables.epochs, `val_${group}`, { label: "validation", ...dashed });
  return found;
}
