/** The words of the language by their kind: from the release at first, and from the Keras of the kernel as soon as it has told them. */

import RELEASED from "../../editor/words.json" with { type: "json" };

/** @typedef {{ statements: string[], kinds: Record<string, string[]> }} Listed what seqmagic/editor/words.json holds */

const NO_VALUES = new Set(["layer", "argument", "searched", "expected"]);

/** Words in the spelling in which names are compared: Conv2D, conv_2d and conv2d are one. */
export class Words {
  /** @param {Listed} listed */
  constructor(listed) {
    if (!listed.statements?.includes("input") || !listed.kinds?.layer) {
      throw new TypeError("These are no words.");
    }
    this.statements = new Set(listed.statements);
    this.kinds = new Map(Object.entries(listed.kinds).map(([kind, words]) => [kind, new Set(words)]));
    // What stands as a value after a layer, or on a compile or fit line.
    this.values = new Set(Object.entries(listed.kinds).flatMap(([kind, words]) => (NO_VALUES.has(kind) ? [] : words)));
  }

  /** @param {Words} other */
  equals(other) {
    const key = (/** @type {Words} */ words) => JSON.stringify([[...words.statements], [...words.kinds].map(([kind, set]) => [kind, ...set])]);
    return key(this) === key(other);
  }

  /** @param {string} kind @param {string} word */
  has(kind, word) {
    return this.kinds.get(kind)?.has(plain(word)) ?? false;
  }

  /** @param {string} word */
  isStatement(word) {
    return this.statements.has(word);
  }

  /** @param {string} word */
  isValue(word) {
    return this.values.has(plain(word));
  }
}

/** A name as it is compared; a dotted one counts where Keras's own module stands before the dot. @param {string} word */
function plain(word) {
  const parts = word.toLowerCase().replaceAll("_", "").split(".");
  const name = parts.pop() ?? "";
  return parts.length === 0 || MODULES.has(parts.at(-1) ?? "") ? name : "";
}

const MODULES = new Set("keras layers activations optimizers schedules losses metrics initializers regularizers constraints callbacks".split(" "));

export const RELEASED_WORDS = new Words({ statements: RELEASED.statements, kinds: RELEASED.kinds });
