// The same in the language, to take along.

import { element } from "../element.js";
import { gettext } from "../gettext.js";

const THANKS = 1500; // Milliseconds that "Copied" is shown.

/**
 * Lines with a button that copies them; gives what it does when they are up to date.
 *
 * @param {Element} root
 * @param {string[]} lines
 * @param {() => void} wish called when somebody wants to copy them
 */
export function addCodeLines(root, lines, wish) {
  const box = element("div", "seqmagic-lines", root);
  const pre = element("pre", "", box);
  element("code", "", pre, lines.join("\n"));
  pre.tabIndex = 0;
  pre.setAttribute("aria-label", gettext("The same as lines for a cell"));
  const button = element("button", "seqmagic-quiet", box, gettext("Copy"));
  button.type = "button";
  button.title = gettext("Copy these lines to the end of a %%sequential cell");
  button.addEventListener("click", wish);
  return async () => {
    try {
      await navigator.clipboard.writeText(lines.join("\n"));
    } catch {
      getSelection()?.selectAllChildren(pre);
      document.execCommand("copy");
    }
    button.textContent = gettext("Copied");
    setTimeout(() => (button.textContent = gettext("Copy")), THANKS);
  };
}
