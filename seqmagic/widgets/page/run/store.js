// What the kernel sent of a run: tables of rows, and a header that says where the run is. It lives with the model, not with a view, so
// that drawing an output anew costs nothing.

import { putRows, readHeader } from "./block.js";
import { Table } from "./table.js";

/**
 * The state of a run in words and numbers, ready to be shown; `TrainingView.header` makes it.
 *
 * @typedef {object} Header
 * @property {string} name of the model
 * @property {boolean} is_headed whether the name stands above all else here
 * @property {string[]} hides what the class file hides
 * @property {string} why_not why a training can't begin now
 * @property {string} gone how the training is continued when the kernel is gone, or ""
 * @property {number} block the number of the block that brought it last
 * @property {string} state
 * @property {boolean} ended
 * @property {string} word the state, for people
 * @property {string} facts
 * @property {number} fraction how much is done, from 0 to 1
 * @property {number} epochs how many the charts show
 * @property {number | null} rate
 * @property {string[]} can which controls make sense now
 * @property {string[]} curve_notes what the curves say, a sentence each
 * @property {number | null} more
 * @property {[string, number, number] | null} best what decides it, the epoch, its number
 * @property {number | null} [looked] the epoch at which somebody looks at the model
 * @property {[string, number | null][]} numbers the newest of each metric
 * @property {number} points
 * @property {Record<string, number>} counts how many numbers each metric is the mean of
 * @property {string[]} means
 * @property {string} next what a training that waits says
 * @property {boolean} thinned
 *
 * @typedef {{ error: string, text: string, notes: string[] }} Messages
 * @typedef {{ log: boolean, batches: boolean, earlier: boolean, smooth: number }} Look how the reader wants the curves
 * @typedef {Record<string, Table> & { batches: Table, epochs: Table }} Tables
 */

const REDRAW = "seqmagic-redraw";

/** @returns {Tables} */
function newTables() {
  return { batches: new Table(), epochs: new Table() };
}

export class Store {
  constructor() {
    this.tables = newTables();
    /** @type {Header | null} */
    this.header = null;
    /** @type {Messages} */
    this.messages = { error: "", text: "", notes: [] };
    /** @type {Look} */
    this.look = { log: false, batches: true, earlier: true, smooth: 0 };
    /** The part of the run that is looked at, in epochs; null is all of it. @type {[number, number] | null} */
    this.zoom = null;
    /** The position that is read. @type {number | null} */
    this.cursor = null;
    /** The part that is dragged over. @type {[number, number] | null} */
    this.drag = null;
    /** Where the focus was. @type {import("../focus.js").Place | null} */
    this.focus = null;
    /** Sends a message to the kernel. @type {(message: object) => void} */
    this.send = () => {};
    /** Keeps the look beyond this page. */
    this.saveLook = () => {};
    this.views = new EventTarget();
  }

  /**
   * Take in a block; false when something before it is missing, so that all must be asked for.
   *
   * @param {DataView} block
   * @param {boolean} fresh whether it begins anew
   */
  take(block, fresh) {
    if (fresh) this.tables = newTables();
    const [news, offset] = readHeader(block);
    const follows = fresh || (this.header !== null && news.block === this.header.block + 1);
    if (!follows || !putRows(news.tables, block, offset, this.tables)) return false;
    this.header = { ...this.header, ...news };
    if (news.messages) this.messages = news.messages;
    return true;
  }

  /** Take in the batches of the part that is looked at. @param {DataView} block */
  takeDetail(block) {
    delete this.tables.detail;
    const [{ tables }, offset] = readHeader(block);
    putRows(tables, block, offset, this.tables);
  }

  /** Look at a part of the run only. The kernel is asked for its batches. @param {[number, number] | null} zoom */
  zoomTo(zoom) {
    this.zoom = zoom;
    delete this.tables.detail;
    this.redraw();
    // The last step: where the kernel is gone it fails, and what is in the page can still be looked at.
    if (zoom) this.send({ kind: "detail", from: zoom[0], to: zoom[1] });
  }

  /** Change how curves are shown, for good. @param {Partial<Look>} look */
  changeLook(look) {
    Object.assign(this.look, look);
    this.redraw();
    this.saveLook();
  }

  redraw() {
    this.views.dispatchEvent(new Event(REDRAW));
  }

  /** Call a view whenever there is something new to see; gives what ends that. @param {() => void} show */
  onRedraw(show) {
    this.views.addEventListener(REDRAW, show);
    return () => this.views.removeEventListener(REDRAW, show);
  }
}
