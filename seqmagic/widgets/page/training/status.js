// The state in a word, the facts beside it, and a bar for how much is done.

import { element } from "../element.js";
import { gettext } from "../gettext.js";

/** @param {Element} root */
export function addStatus(root) {
  const line = element("div", "seqmagic-status", root);
  const word = element("b", "seqmagic-state", line);
  const facts = element("span", "", line);
  const track = element("div", "seqmagic-track", root);
  track.setAttribute("role", "progressbar");
  track.setAttribute("aria-label", gettext("Training progress"));
  track.setAttribute("aria-valuemin", "0");
  track.setAttribute("aria-valuemax", "100");
  const done = element("div", "seqmagic-done", track);
  return {
    /** @param {import("../run/store.js").Header} header */
    show(header) {
      const percent = Math.round(100 * header.fraction);
      if (word.textContent !== header.word) word.textContent = header.word;
      facts.textContent = header.facts;
      done.style.width = `${100 * header.fraction}%`;
      track.setAttribute("aria-valuenow", String(percent));
      track.setAttribute("aria-valuetext", `${percent} %, ${header.facts}`);
    },
  };
}
