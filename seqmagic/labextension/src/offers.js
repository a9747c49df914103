/** Tab's list in cells of the language: its words with what they mean, one a line, and heard by a screen reader. The list is JupyterLab's own. */

import { EditorView } from "@codemirror/view";

import { gettext, writeSheet } from "./gettext.js";
import { guarded } from "./guard.js";

const LIST = ".jp-Completer";
// A word's kind and meaning stand where JupyterLab shows a type, which it takes for one short word. Its own width would show no more of them.
const ITEM = `> ${LIST}-item:is([title*=": "], [title*="："])`;
// JupyterLab shows it in lower case, "an lstm, for a gpu"; as it is written, it is the title of the item.
const MEANING = `${ITEM}::after`;
const OURS = `:has(${ITEM})`;
// One :has in another would be none at all.
const OUR_LIST = `${LIST}:has(> * ${ITEM})`;
/** The items of some kinds. @param {string[]} kinds as they are called */
const itemsOf = (...kinds) => `${OURS} > :is(${kinds.map((kind) => `[title^=${JSON.stringify(kind)}]`).join(", ")})`;
const look = () => `
${OUR_LIST} { min-width: min(80ch, 80vw); max-width: calc(100vw - 48px); }
${OURS} > ${LIST}-item { grid-template-columns: min-content minmax(20ch, max-content) 1fr; }
${OURS} ${LIST}-typeExtended { text-align: left; }
${OURS} ${ITEM} > ${LIST}-typeExtended { display: none; }
${OURS} ${MEANING} { align-self: center; color: var(--jp-ui-font-color2); content: attr(title); font-family: var(--jp-code-font-family); overflow: hidden; padding-right: 8px; text-overflow: ellipsis; white-space: nowrap; }
${OURS} ${LIST}-monogram { background: transparent; color: var(--jp-mirror-editor-string-2-color); font-family: var(--jp-code-font-family); font-weight: bold; }
${itemsOf(gettext("layer"), gettext("block"))} ${LIST}-monogram { color: var(--jp-mirror-editor-def-color); }
${itemsOf(gettext("argument"), gettext("option"))} ${LIST}-monogram { color: var(--jp-mirror-editor-property-color); }
${itemsOf(gettext("line"))} ${LIST}-monogram { color: var(--jp-mirror-editor-keyword-color); }
${OURS} > .jp-mod-active${LIST}-item :is(${LIST}-monogram, ${LIST}-typeExtended) { color: inherit; }
${OURS} > .jp-mod-active${LIST}-item::after { color: inherit; }
`;
const EDGE = 8; // Pixels between the list and the edge of the page.
const PAUSE = 150; // Milliseconds after which a choice is said, so that whoever passes over it hears nothing.

/**
 * Look after the list for as long as the page is open.
 * @param {() => EditorView | undefined} typing the editor that somebody types in, where its cell is one of the language
 */
export function watchOffers(typing) {
  writeSheet(look);
  let said = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const say = () => {
    const item = chosen();
    const offer = item ? description(item) : "";
    const view = offer ? typing() : undefined;
    if (item && view) {
      giveRoles(item);
    }
    if (offer !== said) {
      said = offer;
      view?.dispatch({ effects: EditorView.announce.of(offer) });
    }
  };
  const changed = new MutationObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(() => guarded("offers", say), PAUSE);
  });
  const moved = new MutationObserver(() => {
    guarded("offers", () => document.querySelectorAll(`body > ${OUR_LIST}`).forEach(keepInside));
    moved.takeRecords(); // What it has just done itself.
  });
  const added = new MutationObserver(() =>
    document.querySelectorAll(`body > ${LIST}`).forEach((list) => {
      changed.observe(list, { attributeFilter: ["class"], childList: true, subtree: true });
      moved.observe(list, { attributeFilter: ["class", "style"], childList: true });
    }),
  );
  added.observe(document.body, { childList: true });
}

/** JupyterLab puts the list at the word, however near the page's right edge that is: moved so far to the left that all of it is seen. @param {Element} list */
function keepInside(list) {
  if (list instanceof HTMLElement) {
    list.style.translate = "";
    const { left, right } = list.getBoundingClientRect();
    const over = Math.min(right + EDGE - document.documentElement.clientWidth, left - EDGE);
    list.style.translate = over > 0 ? `${-over}px` : "";
  }
}

/** What is chosen in the list that is seen. */
function chosen() {
  return [...document.querySelectorAll(`${LIST}-item.jp-mod-active`)].find((each) => each.checkVisibility?.() ?? true);
}

/** An item as it is said. @param {Element} item */
function description(item) {
  const list = [...(item.parentElement?.children ?? [])];
  const word = item.querySelector(`${LIST}-match`)?.textContent ?? "";
  const place = list.indexOf(item) + 1;
  return gettext("{word}, {meaning}, {place} of {count}", { word, meaning: item.getAttribute("title") ?? "", place, count: list.length });
}

/** To JupyterLab its list is one of any text: a screen reader that goes through the page learns what it is. @param {Element} item */
function giveRoles(item) {
  item.parentElement?.setAttribute("role", "listbox");
  item.parentElement?.setAttribute("aria-label", gettext("Suggestions for what to type here"));
  for (const each of item.parentElement?.children ?? []) {
    each.setAttribute("role", "option");
    each.setAttribute("aria-selected", String(each === item));
  }
}
