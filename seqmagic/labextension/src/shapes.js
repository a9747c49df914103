/** The shape that comes out of each line, in a column of its own behind the text: drawn, and no part of it. */

import { StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView, ViewPlugin, WidgetType } from "@codemirror/view";

import { columnsOf } from "./columns.js";
import { guarded } from "./guard.js";

/** @typedef {{ at: number, text: string, stale: boolean }} Shape `at` is where its line begins; stale where the text has changed since */

/** Puts these in the place of all that are shown. @type {import("@codemirror/state").StateEffectType<readonly Shape[]>} */
export const setShapes = StateEffect.define();

/** @type {StateField<readonly Shape[]>} */
const shapes = StateField.define({
  create: () => /** @type {readonly Shape[]} */ ([]),
  update(held, transaction) {
    const set = transaction.effects.find((effect) => effect.is(setShapes));
    if (set) {
      return set.value;
    }
    return transaction.docChanged ? (guarded("shapes", () => moved(held, transaction)) ?? []) : held;
  },
});

/** Shapes after a change: those from the first changed line on may no longer be true. @param {readonly Shape[]} held
 * @param {import("@codemirror/state").Transaction} transaction @returns {readonly Shape[]} */
function moved(held, { changes, startState }) {
  let first = Infinity;
  changes.iterChangedRanges((from) => {
    first = Math.min(first, startState.doc.lineAt(from).from);
  });
  return held.map(({ at, text, stale }) => ({ at: changes.mapPos(at, -1), text, stale: stale || at >= first }));
}

class ShapeWidget extends WidgetType {
  /** @param {string} text @param {number} gap columns between it and the line's end @param {boolean} stale */
  constructor(text, gap, stale) {
    super();
    this.text = text;
    this.gap = gap;
    this.stale = stale;
  }

  /** @param {ShapeWidget} other */
  eq(other) {
    return other.text === this.text && other.gap === this.gap && other.stale === this.stale;
  }

  toDOM() {
    const element = document.createElement("span");
    element.setAttribute("aria-hidden", "true"); // Read aloud behind every line it would be noise; Shift-Tab tells it.
    this.updateDOM(element);
    return element;
  }

  /** @param {HTMLElement} element the one that is there, so that it can fade */
  updateDOM(element) {
    guarded("shapes", () => this.dress(element));
    return true;
  }

  /** @param {HTMLElement} element */
  dress(element) {
    element.className = `cm-seqmagic-shape${this.stale ? " cm-seqmagic-stale" : ""}`;
    element.style.marginLeft = `${this.gap}ch`;
    element.dataset.shape = this.text; // Drawn by the style sheet, so that it is nothing to select or to copy.
  }

  ignoreEvent() {
    return false;
  }
}

/** Draws them. */
const drawing = ViewPlugin.fromClass(
  class {
    /** @param {EditorView} view */
    constructor(view) {
      this.room = 0;
      this.drawn = 0;
      this.widgets = Decoration.none;
      this.measure(view);
    }

    /** @param {import("@codemirror/view").ViewUpdate} update */
    update(update) {
      const changed = update.startState.field(shapes) !== update.state.field(shapes);
      if (update.geometryChanged) {
        this.measure(update.view);
      }
      if (changed || update.docChanged || this.drawn !== this.room) {
        this.draw(update.view);
      }
    }

    /** @param {EditorView} view */
    measure(view) {
      view.requestMeasure({
        key: this,
        read: ({ scrollDOM, defaultCharacterWidth }) => Math.floor(scrollDOM.clientWidth / defaultCharacterWidth) - 2,
        write: (room) => {
          this.room = room;
          if (this.drawn !== room && view.state.field(shapes).length > 0) {
            setTimeout(() => view.dom.isConnected && view.dispatch({})); // Measuring itself can't change what is drawn.
          }
        },
      });
    }

    /** @param {EditorView} view */
    draw(view) {
      this.drawn = this.room;
      this.widgets = guarded("shapes", () => this.place(view)) ?? Decoration.none;
    }

    /** @param {EditorView} view */
    place({ state }) {
      const found = new Map(state.field(shapes).map((shape) => [state.doc.lineAt(Math.min(shape.at, state.doc.length)).to, shape]));
      const lines = [...found].map(([end, { text }]) => ({ length: end - state.doc.lineAt(end).from, text }));
      const gaps = columnsOf(lines, this.room);
      const placed = [...found].flatMap(([end, { text, stale }], index) =>
        gaps[index] === null ? [] : [Decoration.widget({ widget: new ShapeWidget(text, gaps[index], stale), side: 1 }).range(end)],
      );
      return Decoration.set(placed, true);
    }
  },
  { decorations: (plugin) => plugin.widgets },
);

const look = EditorView.baseTheme({
  ".cm-seqmagic-shape": {
    pointerEvents: "none",
    userSelect: "none",
    whiteSpace: "pre",
    transition: "opacity 0.2s",
    "&::before": { content: "attr(data-shape)", color: "var(--jp-ui-font-color2, gray)", fontSize: "0.92em", opacity: 0.85 },
  },
  // An old shape goes where no new one comes soon, so that none that may be wrong stays to be read.
  ".cm-seqmagic-stale": { opacity: 0, transition: "opacity 0.3s 0.7s" },
});

/** Shapes behind lines. */
export const shapeColumn = [shapes, drawing, look];
