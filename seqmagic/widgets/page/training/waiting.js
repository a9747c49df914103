// Where a training waits for another one of its model: what is to become of it.

import { element } from "../element.js";
import { gettext } from "../gettext.js";

const CHOICES = [
  ["instead", gettext("Instead"), gettext("End the training under way now; this cell's goes on with what that has learned")],
  ["after", gettext("After it"), gettext("Begin when the training under way has ended")],
  ["never", gettext("Not at all"), gettext("Give up this cell's training")],
];

/** @param {Element} root @param {import("../run/store.js").Store} store */
export function addWaiting(root, store) {
  const row = element("div", "seqmagic-next", root);
  row.setAttribute("role", "group");
  row.setAttribute("aria-label", gettext("The training that waits"));
  const text = element("span", "", row);
  const buttons = CHOICES.map(([name, word, title]) => {
    const button = element("button", "", row, word);
    Object.assign(button, { type: "button", title });
    button.setAttribute("aria-pressed", String(name === "after"));
    button.addEventListener("click", () => store.send({ kind: "press", what: name, value: null }));
    return button;
  });
  return {
    /** @param {import("../run/store.js").Header} header */
    show({ next }) {
      row.hidden = !next;
      if (text.textContent !== next) text.textContent = next;
      for (const button of buttons) button.tabIndex = next ? 0 : -1;
    },
  };
}
