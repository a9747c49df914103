// Which model the view is of.

import { element } from "../element.js";
import { gettext } from "../gettext.js";

/** @param {HTMLElement} root */
export function addHeading(root) {
  root.setAttribute("role", "group");
  const heading = element("b", "seqmagic-heading", root);
  heading.setAttribute("role", "heading");
  heading.setAttribute("aria-level", "3");
  return {
    /** @param {import("../run/store.js").Header} header */
    show({ name, is_headed }) {
      if (heading.textContent !== name) heading.textContent = name;
      heading.hidden = !is_headed || !name;
      root.setAttribute("aria-label", name ? gettext("{name}: training", { name }) : gettext("Training"));
    },
  };
}
