// The pictures on the buttons.

/** Paths in a square of 16 by 16. */
export const ICONS = {
  train: "M4 2.5v11l9.5-5.5z",
  pause: "M3.5 2.5h3v11h-3zM9.5 2.5h3v11h-3z",
  stop: "M3 3h10v10H3z",
  batch: "M3 2.5v11l6-5.5zM10.5 2.5h2.5v11h-2.5z",
  epoch: "M2 2.5v11l5-5.5zM7 2.5v11l5-5.5zM12.5 2.5h2v11h-2z",
  first: "M13.5 2.5v11l-8-5.5zM2.5 2.5H5v11H2.5z",
  look: "M.5 8c3.5-6.5 11.5-6.5 15 0c-3.5 6.5-11.5 6.5-15 0zM8 5.2a2.8 2.8 0 1 0 0 5.6a2.8 2.8 0 1 0 0-5.6z",
  best: "M8 1.5l2 4.3 4.7.6-3.5 3.2.9 4.7L8 12l-4.1 2.3.9-4.7L1.3 6.4 6 5.8z",
};

const SVG = "http://www.w3.org/2000/svg";

/** A picture, and its path to draw another one. @param {Element} parent */
export function addIcon(parent) {
  const icon = document.createElementNS(SVG, "svg");
  icon.setAttribute("viewBox", "0 0 16 16");
  icon.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  icon.append(path);
  parent.append(icon);
  return path;
}
