/** What is said in the page, in the language of the kernel that was asked last: each tells its texts with its words. */

/** @type {Record<string, string>} */
let texts = {};
/** What is written when the page is loaded, and anew in each language. @type {Set<() => void>} */
const written = new Set();

/**
 * A text, with its fields filled in; what has no translation stays as it is.
 * @param {string} text in English, with `{name}` where something is put in
 * @param {Record<string, unknown>} [fields]
 */
export function gettext(text, fields = {}) {
  return (texts[text] ?? text).replaceAll(/\{(\w+)\}/g, (whole, name) => (name in fields ? String(fields[name]) : whole));
}

/** Take another language's translations. @param {unknown} translations of texts, by the English ones */
export function setTexts(translations) {
  const pairs = translations !== null && typeof translations === "object" ? Object.entries(translations) : [];
  texts = Object.fromEntries(pairs.filter(([, text]) => typeof text === "string"));
  written.forEach((write) => write());
}

/** Write a style sheet that texts stand in. @param {() => string} make */
export function writeSheet(make) {
  const sheet = document.head.appendChild(document.createElement("style"));
  const write = () => {
    sheet.textContent = make();
  };
  written.add(write);
  write();
}
