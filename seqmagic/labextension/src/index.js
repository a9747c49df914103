/** What JupyterLab and Notebook load: it gives the editor of every code cell our extensions, and finds the kernel that a cell belongs to. */

import { LanguageSupport } from "@codemirror/language";
import { ViewPlugin } from "@codemirror/view";
import { EditorExtensionRegistry, IEditorExtensionRegistry, IEditorLanguageRegistry } from "@jupyterlab/codemirror";
import { ICompletionProviderManager } from "@jupyterlab/completer";
import { INotebookTracker } from "@jupyterlab/notebook";
import { ISettingRegistry } from "@jupyterlab/settingregistry";
import { ITranslator } from "@jupyterlab/translation";

import { checks } from "./check.js";
import { activateFixes } from "./fixes.js";
import { setTexts } from "./gettext.js";
import { guarded } from "./guard.js";
import { KernelLines } from "./kernel.js";
import { isOurs, languageSwitch, makeLanguage, setLanguage } from "./language.js";
import { lineMagics } from "./line_magics.js";
import { OfferLists } from "./offer_list.js";
import { watchOffers } from "./offers.js";
import { translateSchema } from "./settings_texts.js";
import { RELEASED_WORDS, Words } from "./words.js";

/** @typedef {import("@codemirror/view").EditorView} EditorView */
/** @typedef {import("@jupyterlab/services").Kernel.IKernelConnection} Connection */

const ID = "seqmagic:plugin";

/** All that the extension holds while the page is open. */
class Cells {
  /** @param {INotebookTracker | null} tracker */
  constructor(tracker) {
    this.tracker = tracker;
    this.words = RELEASED_WORDS;
    this.asYouType = true;
    this.colours = true;
    /** @type {Set<EditorView>} */
    this.views = new Set();
    /** @type {Map<Connection, KernelLines>} */
    this.kernels = new Map();
    /** Asks again in each editor. @type {Set<import("./check.js").Asker>} */
    this.askers = new Set();
    setLanguage(this.words, []);
    tracker?.widgetAdded.connect((_, { sessionContext }) => {
      sessionContext.kernelChanged.connect(() => this.askAll());
    });
    // Cells that were made before their notebook was in the page had nobody to ask.
    tracker?.currentChanged.connect(() => this.askAll(true));
  }

  /** What an editor gets. @param {string} text what it begins with */
  extension(text) {
    return [
      languageSwitch(text),
      lineMagics(() => (this.colours ? this.words : null)),
      checks((view) => this.linesOf(view), this.askers),
      ViewPlugin.define((view) => {
        this.views.add(view);
        return { destroy: () => this.views.delete(view) };
      }),
    ];
  }

  /** Whom to ask about a cell. @param {EditorView} view */
  linesOf(view) {
    const panel = this.asYouType ? this.tracker?.find(({ node }) => node.contains(view.dom)) : undefined;
    const kernel = panel?.sessionContext.session?.kernel;
    if (!kernel || kernel.isDisposed) {
      return null;
    }
    let lines = this.kernels.get(kernel);
    if (lines === undefined) {
      lines = new KernelLines(kernel, (words) => this.learn(words));
      this.kernels.set(kernel, lines);
      kernel.disposed.connect(() => {
        this.kernels.get(kernel)?.close();
        this.kernels.delete(kernel);
      });
    }
    return lines;
  }

  askAll(isUnasked = false) {
    this.askers.forEach((ask) => ask(isUnasked));
  }

  /** Take the words of a kernel's own Keras. @param {any} message */
  learn(message) {
    guarded("texts", () => setTexts(message.texts));
    const words = guarded("words", () => new Words(message));
    if (words && !words.equals(this.words)) {
      this.words = words;
      this.colour();
    }
  }

  colour() {
    setLanguage(this.colours ? this.words : null, this.views);
    for (const view of this.views) {
      view.dispatch({}); // The marks of line magics are drawn anew.
    }
  }

  /** @param {ISettingRegistry.ISettings} settings */
  configure(settings) {
    const composite = /** @type {{ asYouType: boolean, colours: boolean }} */ (settings.composite);
    if (composite.colours !== this.colours) {
      this.colours = composite.colours;
      this.colour();
    }
    if (composite.asYouType !== this.asYouType) {
      this.asYouType = composite.asYouType;
      if (!this.asYouType) {
        this.kernels.forEach((lines) => lines.close());
      }
      this.askAll();
    }
  }
}

const plugin = {
  id: ID,
  description: "Colours, shapes and problems in the cells of seqmagic, as you type.",
  autoStart: true,
  requires: [IEditorExtensionRegistry],
  optional: [INotebookTracker, ISettingRegistry, IEditorLanguageRegistry, ICompletionProviderManager, ITranslator],
  /**
   * @param {unknown} _ the application
   * @param {IEditorExtensionRegistry} extensions
   * @param {INotebookTracker | null} tracker
   * @param {ISettingRegistry | null} settings
   * @param {IEditorLanguageRegistry | null} languages
   * @param {ICompletionProviderManager | null} completion
   * @param {ITranslator | null} translator
   */
  activate(_, extensions, tracker, settings, languages, completion, translator) {
    guarded("extension", () => {
      const cells = new Cells(tracker);
      if (tracker) {
        activateFixes(tracker);
      }
      extensions.addExtension({
        name: "seqmagic",
        factory: ({ model }) => {
          // A notebook's cell knows its type; a file and a Markdown cell get nothing.
          const extension = "type" in model && model.type === "code" ? guarded("cell", () => cells.extension(model.sharedModel.getSource())) : null;
          return extension ? EditorExtensionRegistry.createImmutableExtension(extension) : null;
        },
      });
      guarded("offers", () => watchOffers(() => [...cells.views].find((view) => view.hasFocus && isOurs(view.state.doc))));
      guarded("list", () => completion?.registerProvider(new OfferLists(completion)));
      languages?.addLanguage({
        name: "seqmagic",
        mime: "text/x-seqmagic",
        extensions: ["seq"],
        support: new LanguageSupport(makeLanguage(RELEASED_WORDS)),
      });
      guarded("titles", () => {
        const texts = translator?.load("seqmagic");
        const fetch = (/** @type {ISettingRegistry.IPlugin} */ fetched) => ({
          ...fetched,
          schema: texts ? translateSchema(fetched.schema, (text) => texts.gettext(text)) : fetched.schema,
        });
        settings?.transform(ID, { fetch });
      });
      settings?.load(ID).then(
        (loaded) => {
          guarded("settings", () => cells.configure(loaded));
          loaded.changed.connect(() => guarded("settings", () => cells.configure(loaded)));
        },
        (reason) => console.warn("seqmagic: its settings can't be read; the usual ones hold.", reason),
      );
    });
  },
};

export default plugin;
