// What the curves say, in a sentence or two under them.

import { element } from "../element.js";

/** @param {Element} root */
export function addCurveNotes(root) {
  const list = element("ul", "seqmagic-curve-notes", root);
  list.setAttribute("aria-label", "What the curves say");
  let shown = "";
  return {
    /** @param {import("../run/store.js").Header} header */
    show({ says }) {
      const told = JSON.stringify(says);
      if (told === shown) return;
      shown = told;
      list.replaceChildren();
      for (const sentence of says) element("li", "", list, sentence);
      list.hidden = !says.length;
    },
  };
}
