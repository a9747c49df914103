/** Where shapes stand behind the lines: in one column where the lines let them. */

const GAP = 3; // Columns between a line and its shape, at least.
const FARTHEST = 44; // A line longer than this does not move the column of all others.

/**
 * The columns between each line's end and its shape, or null where there is no room for it.
 *
 * columnsOf([{ length: 11, text: "8x8x1" }, { length: 20, text: "8x8x16" }], 80) is [12, 3]
 *
 * @param {{ length: number, text: string }[]} lines
 * @param {number} room how many columns can be seen
 * @returns {(number | null)[]}
 */
export function columnsOf(lines, room) {
  const widest = Math.max(0, ...lines.map(({ text }) => text.length));
  const farthest = Math.min(FARTHEST, room - widest - GAP);
  const column = Math.max(0, ...lines.map(({ length }) => length).filter((length) => length <= farthest)) + GAP;
  return lines.map(({ length, text }) => {
    const gap = Math.max(column - length, GAP);
    return length + gap + text.length <= room ? gap : null;
  });
}
