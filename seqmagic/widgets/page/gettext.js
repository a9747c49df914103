// The texts of the page in the language that the kernel speaks: it puts their translations in place of texts.json when it hands the code over.

import SPOKEN from "./texts.json" with { type: "json" };

/** What `lang` says of it. */
export const LANGUAGE = /** @type {string} */ (SPOKEN.language);
/** @type {Record<string, string>} */
const TEXTS = SPOKEN.texts;

/**
 * A text, with its fields filled in; what has no translation stays as it is.
 *
 * @param {string} text in English, with `{name}` where something is put in
 * @param {Record<string, unknown>} [fields]
 */
export function gettext(text, fields = {}) {
  return (TEXTS[text] ?? text).replaceAll(/\{(\w+)\}/g, (whole, name) => (name in fields ? String(fields[name]) : whole));
}
