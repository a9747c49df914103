// What the kernel sent: tables of rows, and a header that says where the run is.
//
// The kernel sends numbered blocks: what is new in the header, in JSON, and rows of 32-bit numbers, counted from `start`. The page puts
// them there. When a block or rows are missing (a dropped message) it asks for all of them. The data lives with the model, not with a
// view, so that drawing an output anew costs nothing.

const REDRAW = "seqmagic-redraw";
const LOOK = { log: false, batches: true, earlier: true, smooth: 0 };

// What a row doesn't have: one of the many NaNs that there are. A NaN of any other bits is a number that came out so.
const MISSING = 0x7fc2f480;

/** A table of rows: the first column is the position in epochs. */
class Table {
  constructor() {
    this.names = [];
    this.count = 0;
    this.values = new Float32Array(0);
  }

  get width() {
    return this.names.length + 1;
  }

  /** Put rows there; false when some are missing in between. Names come with the first row. */
  put(names, start, rows) {
    if (start > this.count) return false;
    if (start === 0) this.names = names;
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

  column(name) {
    return this.names.indexOf(name) + 1;
  }

  at(row, column) {
    return this.values[row * this.width + column];
  }

  isMissing(row, column) {
    return new Uint32Array(this.values.buffer, 4 * (row * this.width + column), 1)[0] === MISSING;
  }

  get last() {
    return this.count ? this.at(this.count - 1, 0) : 0;
  }

  /** The last row with a number there: an epoch that was cut has no validation. */
  lastWith(column) {
    let row = this.count - 1;
    while (row > 0 && Number.isNaN(this.at(row, column))) row -= 1;
    return row;
  }

  /** The row that stands nearest to a position; rows are in order. */
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

  /** The number to read at a position; none where the rows ended long before. */
  read(position, column) {
    return position > this.last + 1 ? undefined : this.at(this.nearest(position), column);
  }
}

/** The header of a block, and where its rows begin. */
function headerOf(block) {
  const size = block.getUint32(0, true);
  return [JSON.parse(new TextDecoder().decode(new Uint8Array(block.buffer, block.byteOffset + 4, size))), block.byteOffset + 4 + size];
}

/** Put the rows of a block into the tables; false when some before them are missing. */
function putRows(parts, block, offset, tables) {
  let whole = true;
  for (const part of parts) {
    const end = offset + part.length * 4;
    tables[part.table] ||= new Table();
    whole = tables[part.table].put(part.names, part.start, new Float32Array(block.buffer.slice(offset, end))) && whole;
    offset = end;
  }
  return whole;
}

function newTables() {
  return { batches: new Table(), epochs: new Table() };
}

function newStore() {
  const messages = { error: "", text: "", notes: [] };
  return { tables: newTables(), header: null, messages, look: { ...LOOK }, zoom: null, cursor: null, views: new EventTarget() };
}

/** Take in a block; false when something before it is missing. */
function take(store, block, fresh) {
  const [news, offset] = headerOf(block);
  const follows = fresh || news.block === store.header?.block + 1;
  if (!follows || !putRows(news.tables, block, offset, store.tables)) return false;
  store.header = { ...store.header, ...news };
  if (news.messages) store.messages = news.messages;
  return true;
}

function initialize(store, model) {
  Object.assign(store.look, model.get("look"));
  const snapshot = model.get("snapshot");
  if (snapshot && snapshot.byteLength > 4) take(store, snapshot, true);
  let asked = 0;
  store.send = (message) => model.send(message);
  store.redraw = () => store.views.dispatchEvent(new Event(REDRAW));
  store.keepLook = () => {
    store.redraw();
    model.set("look", { ...store.look });
    model.save_changes();
  };
  model.on("msg:custom", (message, buffers) => {
    if (message.kind === "detail") {
      delete store.tables.detail;
      const [{ tables }, offset] = headerOf(buffers[0]);
      putRows(tables, buffers[0], offset, store.tables);
    } else if (message.kind === "block") {
      if (message.fresh) {
        store.tables = newTables();
        asked = 0;
      }
      if (!take(store, buffers[0], message.fresh) && Date.now() - asked > 1000) {
        asked = Date.now();
        model.send({ kind: "ask" });
      }
    }
    store.redraw();
  });
  // Jupyter's own pages hide the picture that stands after the view; others, such as VS Code's and Colab's, can't.
  const alone = !document.querySelector(".jp-Notebook, .jp-OutputArea");
  model.send({ kind: "hello", rows: store.tables.batches.count + store.tables.epochs.count, alone });
}

/** Look at a part of the run only; null is all of it. The kernel is asked for the batches of that part. */
function zoomTo(store, zoom) {
  store.zoom = zoom;
  delete store.tables.detail;
  store.redraw();
  // The last step: where the kernel is gone it fails, and what is in the page can still be looked at.
  if (zoom) store.send({ kind: "detail", from: zoom[0], to: zoom[1] });
}

function spokenNumber(value) {
  if (value === null || !Number.isFinite(value)) return "NaN";
  if (value !== 0 && (Math.abs(value) < 0.001 || Math.abs(value) >= 100000)) return value.toExponential(2).replace(/\.?0+e/, "e");
  return String(Number(value.toPrecision(4)));
}
