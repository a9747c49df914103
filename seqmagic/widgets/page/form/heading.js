// Which model the panel is of, and the button that folds its options.

import { element } from "../element.js";
import { gettext } from "../gettext.js";

/**
 * @param {HTMLElement} root
 * @param {{ name: string, locked: string }} form
 * @param {boolean} isFolded
 * @param {() => void} turn called to fold, or to unfold
 */
export function addHeading(root, { name, locked }, isFolded, turn) {
  const line = element("div", "seqmagic-heading", root);
  const heading = element("b", "", line, name);
  heading.setAttribute("role", "heading");
  heading.setAttribute("aria-level", "3");
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", gettext("{name}: compile and fit options", { name }));
  // What can't be changed now is in the lines, and needs no fields.
  if (locked) return;
  const button = element("button", "seqmagic-quiet", line, isFolded ? gettext("Change options") : gettext("Hide options"));
  button.type = "button";
  button.dataset.control = "fold";
  button.setAttribute("aria-expanded", String(!isFolded));
  button.addEventListener("click", turn);
}
