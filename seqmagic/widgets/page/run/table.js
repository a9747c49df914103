// A table of rows, as the kernel sends them.

// What a row doesn't have: one of the many NaNs that there are. A NaN of any other bits is a number that came out so.
export const MISSING = 0x7fc2f480;

/** Rows of 32-bit numbers: the first column is the position in epochs. */
export class Table {
  constructor() {
    /** @type {string[]} */
    this.names = [];
    this.count = 0;
    this.values = new Float32Array(0);
  }

  /** How many numbers a row has. */
  get width() {
    return this.names.length + 1;
  }

  /**
   * Put rows there; false when some are missing in between.
   *
   * @param {string[] | undefined} names come with the first row
   * @param {number} start the row from which they stand
   * @param {Float32Array} rows
   */
  put(names, start, rows) {
    if (start > this.count) return false;
    if (start === 0 && names) this.names = names;
    const used = start * this.width;
    if (this.values.length < used + rows.length) {
      const grown = new Float32Array(Math.max(1024, 2 * (used + rows.length)));
      grown.set(this.values.subarray(0, used));
      this.values = grown;
    }
    this.values.set(rows, used);
    this.count = start + rows.length / this.width;
    return true;
  }

  /** @param {string} name @returns {number} the column, or 0 where there is none of that name */
  column(name) {
    return this.names.indexOf(name) + 1;
  }

  /** @param {number} row @param {number} column */
  at(row, column) {
    return this.values[row * this.width + column];
  }

  /** @param {number} row @param {number} column */
  isMissing(row, column) {
    return new Uint32Array(this.values.buffer, 4 * (row * this.width + column), 1)[0] === MISSING;
  }

  /** @param {number} row @param {number} column @returns {number | undefined} the number there; none where the row doesn't have one */
  cell(row, column) {
    return this.isMissing(row, column) ? undefined : this.at(row, column);
  }

  /** The position of the last row. */
  get last() {
    return this.count ? this.at(this.count - 1, 0) : 0;
  }

  /** @param {number} column @returns {number} the last row with a number there: an epoch that was cut has no validation */
  lastWith(column) {
    let row = this.count - 1;
    while (row > 0 && Number.isNaN(this.at(row, column))) row -= 1;
    return row;
  }

  /** @param {number} column @returns {number} the first row with a number there */
  firstWith(column) {
    let row = 0;
    while (row < this.count - 1 && Number.isNaN(this.at(row, column))) row += 1;
    return row;
  }

  /** @param {number} position @returns {number} the row that stands nearest to it; rows are in order */
  nearest(position) {
    let low = 0;
    let high = this.count - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.at(middle, 0) < position) low = middle + 1;
      else high = middle;
    }
    return low > 0 && position - this.at(low - 1, 0) < this.at(low, 0) - position ? low - 1 : low;
  }

  /** @param {number} position @param {number} column @returns {number | undefined} the number to read there; none where the rows ended long before, or the one there doesn't have it */
  read(position, column) {
    return position > this.last + 1 ? undefined : this.cell(this.nearest(position), column);
  }
}
