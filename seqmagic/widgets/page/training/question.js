// What can't be taken back asks first, in a sentence, with a way back.

import { element } from "../element.js";
import { gettext } from "../gettext.js";

const SENTENCE = gettext("Put back the weights from before the first epoch? Everything learned since then will be lost.");

/**
 * @param {Element} root
 * @param {() => void} agree
 */
export function addQuestion(root, agree) {
  const row = element("div", "seqmagic-next", root);
  row.setAttribute("role", "group");
  row.setAttribute("aria-label", gettext("Question"));
  row.hidden = true;
  const sentence = element("span", "", row, SENTENCE);
  sentence.id = `seqmagic-${Math.random().toString(36).slice(2)}`;
  const buttons = [gettext("Put them back"), gettext("Keep the current weights")].map((word) => {
    const button = element("button", "", row, word);
    button.type = "button";
    button.setAttribute("aria-describedby", sentence.id);
    return button;
  });
  /** Who asked. @type {HTMLElement | null} */
  let asker = null;
  const close = () => {
    row.hidden = true;
    asker?.focus({ preventScroll: true });
  };
  buttons[0].addEventListener("click", () => {
    close();
    agree();
  });
  buttons[1].addEventListener("click", close);
  row.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });
  return {
    /** Ask; the way back is what has the focus. @param {HTMLElement} button the one that was pressed */
    ask(button) {
      asker = button;
      row.hidden = false;
      buttons[1].focus({ preventScroll: true });
    },
    /** @param {boolean} can whether there still is something to ask */
    show(can) {
      if (!can) row.hidden = true;
    },
  };
}
