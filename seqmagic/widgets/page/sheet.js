// The style sheet of a panel, with the one text that only a style sheet can show: when the kernel is gone, no code of ours runs any more.

import { element } from "./element.js";
import { gettext } from "./gettext.js";
import BASE from "./styles/base.css" with { type: "text" };
import PANEL from "./styles/panel.css" with { type: "text" };

/** Put the sheet of a part below what all panels share. @param {string} sheet @param {Element} parent */
export function addSheet(sheet, parent) {
  const gone = gettext("The kernel was restarted, so this panel is out of date. Run the cell again for a live one.");
  element("style", "", parent, `${BASE}${PANEL}${sheet}.seqmagic-panel{--seqmagic-gone:${JSON.stringify(gone)}}`);
}

/** What else a panel says when its kernel is gone; "" for the usual text. @param {Element} part @param {string} text */
export function showGone(part, text) {
  const panel = /** @type {HTMLElement | null} */ (part.closest(".seqmagic-panel"));
  if (text) panel?.style.setProperty("--seqmagic-gone", JSON.stringify(text));
  else panel?.style.removeProperty("--seqmagic-gone");
}
