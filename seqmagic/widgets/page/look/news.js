// What the kernel says to a look: the answers to presses, in their order, and what it shows unasked.

const PAGE = String(Math.random()); // Several pages may show one look.

let made = 0;

/** The id of a new press, by which the kernel answers it. */
export function pressId() {
  return `${PAGE} ${(made += 1)}`;
}

/**
 * Take what the kernel says. What answers an earlier press must not open another tab than the last press did: a key that is pressed then
 * would get lost.
 *
 * @param {Pick<import("../look_view.js").Store, "look" | "opened" | "pressed">} store
 * @param {Partial<import("../look_view.js").Look> & { answered?: string }} news
 */
export function takeNews(store, { open, answered, ...news }) {
  Object.assign(store.look, news);
  store.opened = open ?? store.opened;
  if (answered === store.pressed) store.pressed = "";
  if (!store.pressed) store.look.open = store.opened;
}
