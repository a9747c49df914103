// Blocks of bytes: a header in JSON, its length before it, and after it the rows of tables, in 32-bit numbers.

import { Table } from "./table.js";

/**
 * Where a block has rows for a table.
 *
 * @typedef {object} Part
 * @property {string} table its name
 * @property {number} start the row from which they stand
 * @property {number} length how many numbers they are
 * @property {string[]} [names] of the columns, where start is 0
 */

/**
 * The header of a block, and where its rows begin.
 *
 * @param {DataView} block
 * @returns {[any, number]}
 */
export function readHeader(block) {
  const size = block.getUint32(0, true);
  return [JSON.parse(new TextDecoder().decode(new Uint8Array(block.buffer, block.byteOffset + 4, size))), block.byteOffset + 4 + size];
}

/**
 * Put the rows of a block into the tables; false when some before them are missing.
 *
 * @param {Part[]} parts
 * @param {DataView} block
 * @param {number} offset where the rows begin
 * @param {Record<string, Table>} tables
 */
export function putRows(parts, block, offset, tables) {
  let whole = true;
  for (const part of parts) {
    const end = offset + part.length * 4;
    tables[part.table] ||= new Table();
    whole = tables[part.table].put(part.names, part.start, new Float32Array(block.buffer.slice(offset, end))) && whole;
    offset = end;
  }
  return whole;
}
