// A line that explains the field that somebody points at, or writes in. It stands always, so that nothing moves.

import { element } from "../element.js";
import { gettext } from "../gettext.js";

const HINT = gettext("Point at a field, or go to it with Tab, and what it does stands here.");

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
