// What there is to say: an error laid out, or a sentence; and notes.

import { element } from "../element.js";
import { gettext } from "../gettext.js";

/** @param {Element} root */
export function addMessages(root) {
  const messages = element("div", "seqmagic-messages", root);
  const errors = element("div", "", messages); // A card that alerts by itself comes in here.
  const said = element("div", "", messages);
  said.setAttribute("role", "status");
  /** @type {import("../run/store.js").Messages | null} */
  let shown = null;
  return {
    /** @param {import("../run/store.js").Messages} news */
    show(news) {
      if (shown === news) return;
      shown = news;
      // Errors come laid out and escaped from the kernel; everything else is text.
      errors.innerHTML = news.error;
      said.replaceChildren();
      if (news.text) element("p", "seqmagic-message", said, news.text);
      for (const note of news.notes) {
        const line = element("p", "seqmagic-note", said);
        element("b", "", line, gettext("Note: "));
        line.append(note);
      }
    },
  };
}
