// The panels of the tabs. Their markup comes escaped from the kernel (widgets/html.py); what is pressed in them is told to it.

import { element } from "../element.js";
import { goTo, placeOf } from "../focus.js";

const PATIENCE = 150; // Milliseconds in which a slider that is moved says nothing.

export class Panels {
  /**
   * @param {Element} parent
   * @param {import("./tab_list.js").TabList} tabs
   * @param {(tab: string, what: string, value: string) => void} press
   * @param {(text: string) => void} say to who can't see it
   */
  constructor(parent, tabs, press, say) {
    this.parent = parent;
    this.say = say;
    this.tabs = tabs;
    this.press = press;
    /** @type {Map<string, { panel: HTMLElement, markup: string | undefined }>} */
    this.panels = new Map();
  }

  /** @param {import("../look_view.js").Look} look */
  show({ tabs, open, panels }) {
    for (const [name, { panel }] of this.panels) {
      if (!tabs.some((tab) => tab.name === name)) {
        panel.remove();
        this.panels.delete(name);
      }
    }
    for (const { name } of tabs) {
      const shown = this.panels.get(name) ?? this.addPanel(name);
      shown.panel.hidden = name !== open;
      const markup = panels[name];
      shown.panel.setAttribute("aria-busy", String(markup === undefined));
      if (markup !== undefined && markup !== shown.markup) this.draw(shown, markup);
    }
  }

  /** @param {{ panel: HTMLElement, markup: string | undefined }} shown @param {string} markup */
  draw(shown, markup) {
    const place = placeOf(shown.panel, document.activeElement);
    const isNew = shown.markup === undefined;
    shown.markup = markup;
    shown.panel.innerHTML = markup;
    goTo(shown.panel, place);
    // What a press has changed is not seen by everybody.
    if (!isNew) this.say(shown.panel.querySelector(".where, .sentence")?.textContent ?? "");
  }

  /** @param {string} name */
  addPanel(name) {
    const panel = element("div", "seqmagic-look-panel", this.parent);
    panel.id = this.tabs.id("panel", name);
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", this.tabs.id("tab", name));
    panel.tabIndex = 0;
    panel.addEventListener("click", ({ target }) => {
      const control = target instanceof Element ? target.closest("button[data-press]") : null;
      if (control instanceof HTMLElement) this.press(name, control.dataset.press ?? "", control.dataset.value ?? "");
    });
    this.listen(panel, name);
    const shown = { panel, markup: undefined };
    this.panels.set(name, shown);
    return shown;
  }

  /** Tell what is chosen in lists and with sliders. @param {HTMLElement} panel @param {string} name */
  listen(panel, name) {
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let waiting;
    /** @param {Event} event @param {number} patience */
    const tell = ({ target }, patience) => {
      if (!(target instanceof HTMLSelectElement || target instanceof HTMLInputElement) || !target.dataset.press) return;
      const { press = "" } = target.dataset;
      clearTimeout(waiting);
      waiting = setTimeout(() => this.press(name, press, target.value), patience);
    };
    panel.addEventListener("change", (event) => tell(event, 0));
    panel.addEventListener("input", (event) => {
      if (event.target instanceof HTMLInputElement && event.target.type === "range") tell(event, PATIENCE);
    });
  }
}
