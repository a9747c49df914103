// The theme of the page: what is drawn on a canvas doesn't follow it by itself.

const LOADING = 10000; // Milliseconds: a theme that was chosen has its style sheets by then.
const ATTRIBUTES = { attributes: true };

/**
 * Have something done when the colours of an element have become others; gives what ends that.
 *
 * @param {Element} root
 * @param {() => void} redraw
 */
export function watchTheme(root, redraw) {
  const colors = () => {
    const style = getComputedStyle(root);
    return style.color + style.getPropertyValue("--seqmagic-training");
  };
  let drawn = colors();
  let end = 0;
  let frame = 0;
  const look = () => {
    frame = 0;
    const now = colors();
    if (now !== drawn) redraw();
    drawn = now;
    if (performance.now() < end) frame = requestAnimationFrame(look);
  };
  // The sign of another theme may come before its sheets or after them.
  const begin = () => {
    end = performance.now() + LOADING;
    frame ||= requestAnimationFrame(look);
  };
  const signs = new MutationObserver(begin);
  signs.observe(document.body, ATTRIBUTES);
  signs.observe(document.documentElement, ATTRIBUTES);
  signs.observe(document.head, { childList: true });
  const schemes = ["(prefers-color-scheme: dark)", "(forced-colors: active)"].map((query) => matchMedia(query));
  for (const scheme of schemes) scheme.addEventListener("change", begin);
  return () => {
    signs.disconnect();
    for (const scheme of schemes) scheme.removeEventListener("change", begin);
    cancelAnimationFrame(frame);
  };
}
