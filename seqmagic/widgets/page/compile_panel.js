// The compile panel in the page: it draws what the kernel describes, and sends what somebody chooses. It knows no Keras.

import { element } from "./element.js";
import { Form } from "./form/form.js";
import { LANGUAGE } from "./gettext.js";
import { addSheet } from "./sheet.js";
import FORM from "./styles/form.css" with { type: "text" };

export default {
  /** @param {import("@anywidget/types").RenderProps} props */
  render({ model, el }) {
    addSheet(FORM, el);
    const root = element("div", "seqmagic-form", el);
    root.lang = LANGUAGE;
    root.dataset.lmSuppressShortcuts = "true";
    const form = new Form(model, root);
    const show = () => form.show();
    // A key that moves a slider, or chooses a word, is not one of the notebook's.
    root.addEventListener("keydown", (event) => event.stopPropagation());
    model.on("change:form change:folded change:search", show);
    show();
    return () => model.off("change:form change:folded change:search", show);
  },
};
