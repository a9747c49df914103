// A line that explains the field that somebody points at, or writes in. It stands always, so that nothing moves.

import { element } from "../element.js";
import { gettext } from "../gettext.js";

const HINT = gettext("Hover over a field, or move to it with Tab, to see what it does.");

/** @param {HTMLElement} fields @param {Element} parent */
export function addExplanation(fields, parent) {
  const line = element("p", "seqmagic-about", parent, HINT);
  // Fields have it as their description: nobody needs to hear it twice.
  line.setAttribute("aria-hidden", "true");
  /** @param {Event} event */
  const show = ({ target }) => {
    const field = target instanceof Element && target.closest("[data-about]");
    line.textContent = (field instanceof HTMLElement && field.dataset.about) || HINT;
  };
  fields.addEventListener("focusin", show);
  fields.addEventListener("pointerover", show);
}
