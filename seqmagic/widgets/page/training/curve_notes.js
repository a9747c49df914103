// What the curves say, in a sentence or two under them.

import { element } from "../element.js";
import { gettext } from "../gettext.js";

/** @param {Element} root */
export function addCurveNotes(root) {
  const list = element("ul", "seqmagic-curve-notes", root);
  list.setAttribute("aria-label", gettext("What the curves show"));
  let shown = "";
  return {
    /** @param {import("../run/store.js").Header} header */
    show({ curve_notes }) {
      const drawn = JSON.stringify(curve_notes);
      if (drawn === shown) return;
      shown = drawn;
      list.replaceChildren();
      for (const sentence of curve_notes) element("li", "", list, sentence);
      list.hidden = !curve_notes.length;
    },
  };
}
