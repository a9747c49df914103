/** The settings' titles in JupyterLab's language. Its server translates a schema only with what language packs hold, which we are in none of. */

/** What its editor of settings shows of a schema. */
const SHOWN = ["title", "description"];

/**
 * A schema with its titles and descriptions translated; one that is translated already stays as it is.
 * @template {Record<string, any>} Schema
 * @param {Schema} schema
 * @param {(text: string) => string} translate
 * @returns {Schema}
 */
export function translateSchema(schema, translate) {
  const texts = SHOWN.filter((key) => typeof schema[key] === "string").map((key) => [key, translate(schema[key])]);
  const inner = Object.entries(schema.properties ?? {}).map(([name, property]) => [name, translateSchema(property, translate)]);
  return { ...schema, ...Object.fromEntries(texts), ...(schema.properties ? { properties: Object.fromEntries(inner) } : {}) };
}
