/** Which of the words that JupyterLab has gathered are offered, and in which order: the kernel's, for it knows the place that somebody types at. */

/** @typedef {{ label: string, insertText?: string, type?: string }} Item */

/**
 * The words that the kernel offers. JupyterLab adds every word of the cell that begins as what has been typed, wherever it may stand; such a one has
 * no type.
 * @template {Item} T
 * @param {readonly T[]} items
 * @param {boolean} isCell whether they are for a cell of the language
 */
export function offersOf(items, isCell) {
  return isCell || items.some(isOurs) ? items.filter(({ type }) => type) : [...items];
}

/**
 * Words in the order of the kernel, which has the best first. JupyterLab puts those that match equally well in the order of the alphabet.
 * @template {Item} T
 * @param {readonly T[]} items what matches
 * @param {ReadonlyMap<string, number>} places where each stands in the kernel's order
 * @param {string} typed
 */
export function inOrder(items, places, typed) {
  const begun = plain(typed);
  const placeOf = (/** @type {T} */ item) => {
    const word = textOf(item);
    return (places.get(word) ?? places.size) + (plain(word).startsWith(begun) ? 0 : places.size + 1);
  };
  return [...items].sort((one, other) => placeOf(one) - placeOf(other));
}

/** Where each word stands in an order. @param {readonly Item[]} items */
export function placesOf(items) {
  return new Map(items.map((item, place) => [textOf(item), place]));
}

/** Whether a word comes with its kind and its meaning, as none of Python's does. @param {Item} item */
export function isOurs({ type = "" }) {
  return /: |：/.test(type); // As the kernel's language writes it.
}

/** @param {Item} item */
function textOf({ label, insertText }) {
  return insertText ?? label;
}

/** @param {string} word */
function plain(word) {
  return word.toLowerCase().replaceAll("_", "");
}
