// The same as a table, for those who read rather than look.

import { element } from "../element.js";
import { gettext } from "../gettext.js";
import { formatNumber } from "../number_format.js";

/** @typedef {import("../run/store.js").Store} Store */

const MOST_ROWS = 500; // A longer table would take the page a while.

/** @param {Element} root @param {Store} store */
export function addEpochTable(root, store) {
  const details = element("details", "seqmagic-numbers", root);
  element("summary", "", details, gettext("Values of each epoch"));
  const left = element("p", "seqmagic-label", details);
  const table = element("table", "", element("div", "", details));
  let shown = "";
  const fill = () => {
    const { epochs } = store.tables;
    const now = `${epochs.count} ${epochs.names}`;
    if (!details.open || shown === now) return;
    shown = now;
    left.textContent = leftOut(store);
    left.hidden = !left.textContent;
    table.replaceChildren(headOf(epochs), bodyOf(epochs));
  };
  details.addEventListener("toggle", fill);
  return {
    show() {
      details.hidden = !store.tables.epochs.count;
      fill();
    },
  };
}

/** What is not in the table, in words. @param {Pick<Store, "header" | "tables">} store */
export function leftOut({ header, tables: { epochs } }) {
  const last = epochs.count > MOST_ROWS ? gettext("The last {count} rows. ", { count: MOST_ROWS }) : "";
  const thinned = header?.thinned ? gettext("To keep the table short, each row covers several epochs and shows only the smallest and largest values. ") : "";
  return [last + thinned && `${last}${thinned}${gettext("run.history has all.")}`, ...(header?.means || [])].filter(Boolean).join(" ");
}

/** @param {import("../run/table.js").Table} epochs */
function headOf(epochs) {
  const head = element("thead");
  const line = element("tr", "", head);
  for (const name of [gettext("epoch"), ...epochs.names]) element("th", "", line, name).scope = "col";
  return head;
}

/** @param {import("../run/table.js").Table} epochs */
function bodyOf(epochs) {
  const body = element("tbody");
  for (let row = Math.max(0, epochs.count - MOST_ROWS); row < epochs.count; row++) {
    const line = element("tr", "", body);
    element("th", "", line, formatNumber(epochs.at(row, 0))).scope = "row";
    for (let column = 1; column < epochs.width; column++) {
      // An epoch that was cut has no validation, and not every whole one need have.
      element("td", "", line, epochs.isMissing(row, column) ? "–" : formatNumber(epochs.at(row, column)));
    }
  }
  return body;
}
