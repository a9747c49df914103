/** The list that Tab opens, with the words that fit best first. It is JupyterLab's own but for which words are in it, and in which order. */

import { CompleterModel } from "@jupyterlab/completer";

import { guarded } from "./guard.js";
import { isSequential } from "./language.js";
import { inOrder, isOurs, offersOf, placesOf } from "./offer_order.js";

/** @typedef {import("@jupyterlab/completer").ICompletionContext} Context */
/** @typedef {import("@jupyterlab/completer").ICompletionProviderManager} Manager */
/** @typedef {import("@jupyterlab/completer").ICompletionProvider} Provider */
/** @typedef {import("@jupyterlab/completer").CompletionHandler.ICompletionItem} Item */

/** What JupyterLab asks for the list of each cell's editor; the words themselves come from the kernel, as all do. */
export class OfferLists {
  identifier = "seqmagic";
  // JupyterLab takes the list from the provider with the highest rank, and its debugger's is 1000.
  rank = 1001;

  /** @param {Manager} manager */
  constructor(manager) {
    this.manager = manager;
  }

  /** Another extension with a list of its own, which then is the one that is used. @returns {Provider | undefined} */
  get other() {
    return guarded("list", () => this.find());
  }

  find() {
    const { manager } = this;
    const providers = "getProviders" in manager ? /** @type {() => Map<string, Provider>} */ (manager.getProviders).call(manager) : new Map();
    return [...providers.values()].find((provider) => provider !== this && provider.modelFactory);
  }

  get renderer() {
    return this.other?.renderer ?? null;
  }

  async isApplicable() {
    return false; // It has no words to add.
  }

  async fetch() {
    return { start: 0, end: 0, items: [] };
  }

  /** @param {Context} context @returns {Promise<import("@jupyterlab/completer").Completer.IModel>} */
  async modelFactory(context) {
    return (await this.other?.modelFactory?.(context)) ?? new OfferList(context);
  }
}

/** One editor's list. */
class OfferList extends CompleterModel {
  /** @param {Context} context */
  constructor(context) {
    super();
    this.context = context;
    /** The kernel's order; empty where the words are none of ours. @type {ReadonlyMap<string, number>} */
    this.places = new Map();
  }

  /** @param {Item[]} items */
  setCompletionItems(items) {
    super.setCompletionItems(guarded("list", () => this.take(items)) ?? items);
  }

  /** @param {Item[]} items */
  take(items) {
    const view = /** @type {{ editor?: import("@codemirror/view").EditorView } | null | undefined} */ (this.context.editor)?.editor;
    const isCell = view?.state !== undefined && isSequential(view.state.doc);
    const offers = offersOf(items, isCell);
    this.places = isCell || offers.some(isOurs) ? placesOf(offers) : new Map();
    return offers;
  }

  completionItems() {
    const items = super.completionItems();
    return guarded("list", () => (this.places.size > 0 && this.query ? inOrder(items, this.places, this.query) : items)) ?? items;
  }
}
