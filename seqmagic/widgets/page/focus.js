// Where the keyboard is. What is drawn anew loses the focus: who was there with the keyboard stays there.

const CONTROLS = "button, select, input, summary, canvas";

/**
 * A control that has the focus, to be found again among those that are drawn in its place.
 *
 * @typedef {{ name: string | undefined, index: number }} Place
 */

/** @param {Element} root @returns {HTMLElement[]} */
function controlsIn(root) {
  return [...root.querySelectorAll(/** @type {"button"} */ (CONTROLS))];
}

/** @param {Element} root @param {EventTarget | null} control @returns {Place | null} null where it is none in there */
export function placeOf(root, control) {
  const index = controlsIn(root).findIndex((each) => each === control);
  return control instanceof HTMLElement && index >= 0 ? { name: control.dataset.control, index } : null;
}

/**
 * Go to the control that was left, or to its neighbour where it is gone.
 *
 * @param {Element} root
 * @param {Place | null} place
 * @returns {HTMLElement | undefined} where the focus is then
 */
export function goTo(root, place) {
  if (!place) return undefined;
  const controls = controlsIn(root);
  const same = place.name && controls.find(({ dataset }) => dataset.control === place.name);
  const next = same || controls[Math.min(place.index, controls.length - 1)];
  next?.focus({ preventScroll: true });
  return next;
}

/**
 * Keep the place beyond this view. Some pages draw an output anew when the picture in it changes, at the end of a run.
 *
 * @param {Element} root
 * @param {{ focus: Place | null }} store lives longer than the view
 */
export function keepFocus(root, store) {
  root.addEventListener("focusin", ({ target }) => (store.focus = placeOf(root, target)));
  root.addEventListener("focusout", () => setTimeout(() => {
    if (root.isConnected && !root.contains(document.activeElement)) store.focus = null;
  }));
  if (store.focus) requestAnimationFrame(() => goTo(root, store.focus));
}
