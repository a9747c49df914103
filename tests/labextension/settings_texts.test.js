/** The settings in JupyterLab's language. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { translateSchema } from "../../seqmagic/labextension/src/settings_texts.js";

const read = (/** @type {string} */ path) => JSON.parse(readFileSync(new URL(`../../seqmagic/${path}`, import.meta.url), "utf8"));
const SCHEMA = read("labextension/schema/plugin.json");
const CHINESE = read("locale/zh_CN/LC_MESSAGES/seqmagic.json");

test("every title and description of the schema is translated, and nothing else", () => {
  const translated = translateSchema(SCHEMA, (text) => CHINESE[text][0]);
  assert.equal(translated.properties.colours.title, "颜色");
  assert.equal(translateSchema(translated, (text) => (CHINESE[text] ?? [text])[0]).properties.colours.title, "颜色");
  for (const [name, property] of Object.entries(SCHEMA.properties)) {
    for (const key of ["title", "description"]) {
      assert.match(translated.properties[name][key], /[一-鿿]/);
      translated.properties[name][key] = property[key];
    }
  }
  assert.deepEqual({ ...translated, title: SCHEMA.title, description: SCHEMA.description }, SCHEMA);
});
