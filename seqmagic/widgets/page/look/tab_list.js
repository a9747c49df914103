// The row of tabs: one of them is open, and the arrows, Home and End go from one to the next.

import { element } from "../element.js";
import { gettext } from "../gettext.js";

/**
 * The tab that a key leads to; undefined for a key that leads nowhere.
 *
 * @param {string} key
 * @param {number} place of the tab that has the focus
 * @param {number} count
 */
export function placeAfter(key, place, count) {
  if (key === "ArrowRight") return (place + 1) % count;
  if (key === "ArrowLeft") return (place + count - 1) % count;
  if (key === "Home") return 0;
  return key === "End" ? count - 1 : undefined;
}

let made = 0;

export class TabList {
  /** @param {Element} parent @param {(name: string) => void} open */
  constructor(parent, open) {
    this.open = open;
    this.prefix = `seqmagic-look-${(made += 1)}`;
    this.bar = element("div", "seqmagic-look-tabs", parent);
    this.bar.setAttribute("role", "tablist");
    this.bar.setAttribute("aria-label", gettext("Views of the model"));
    /** @type {HTMLButtonElement[]} */
    this.buttons = [];
    this.drawn = "";
    this.bar.addEventListener("keydown", (event) => this.key(event));
  }

  /** The id of a tab, or of its panel. @param {string} kind @param {string} name */
  id(kind, name) {
    return `${this.prefix}-${kind}-${name}`;
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const place = this.buttons.findIndex((button) => button === event.target);
    const next = place < 0 ? undefined : placeAfter(event.key, place, this.buttons.length);
    if (next === undefined) return;
    event.preventDefault();
    this.buttons[next].focus();
    this.open(this.buttons[next].dataset.tab ?? "");
  }

  /** Put the keyboard on a tab. @param {string} name */
  focus(name) {
    this.buttons.find((button) => button.dataset.tab === name)?.focus();
  }

  /** @param {{ name: string, title: string }[]} tabs @param {string} open */
  show(tabs, open) {
    const drawn = JSON.stringify(tabs);
    if (drawn !== this.drawn) {
      this.drawn = drawn;
      this.bar.replaceChildren();
      this.buttons = tabs.map(({ name, title }) => this.addTab(name, title));
    }
    this.bar.hidden = !tabs.length;
    for (const button of this.buttons) {
      const isOpen = button.dataset.tab === open;
      button.setAttribute("aria-selected", String(isOpen));
      button.tabIndex = isOpen ? 0 : -1;
    }
  }

  /** @param {string} name @param {string} title */
  addTab(name, title) {
    const button = element("button", "", this.bar, title);
    button.type = "button";
    button.id = this.id("tab", name);
    button.dataset.tab = name;
    button.dataset.control = `tab-${name}`;
    button.setAttribute("role", "tab");
    button.setAttribute("aria-controls", this.id("panel", name));
    button.addEventListener("click", () => this.open(name));
    return button;
  }
}
