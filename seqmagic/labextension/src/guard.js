/** What we add must never stop the editor it is added to: a fault of ours is reported once in the browser's console, and the editor goes on. */

/** @type {Set<string>} */
const reported = new Set();

/**
 * What `work` gives, or nothing where it fails.
 * @template T
 * @param {string} part what has failed, for the console
 * @param {() => T} work
 * @returns {T | undefined}
 */
export function guarded(part, work) {
  try {
    return work();
  } catch (error) {
    if (!reported.has(part)) {
      reported.add(part);
      console.warn(`seqmagic: ${part} failed, and is left out where it does.`, error);
    }
    return undefined;
  }
}
