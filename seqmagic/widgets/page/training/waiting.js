// Where a training waits for another one of its model: what is to become of it.

import { element } from "../element.js";
import { gettext } from "../gettext.js";

const CHOICES = [
  ["instead", gettext("Instead"), gettext("Stop the current training; this cell's training continues with what it has learned")],
  ["after", gettext("After it"), gettext("Start when the current training has ended")],
  ["never", gettext("Not at all"), gettext("Cancel this cell's training")],
];

/** @param {Element} root @param {import("../run/store.js").Store} store */
export function addWaiting(root, store) {
  const row = element("div", "seqmagic-next", root);
  row.setAttribute("role", "group");
  row.setAttribute("aria-label", gettext("Waiting training"));
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
