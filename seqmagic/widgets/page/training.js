// What the training panel shows in the page: progress, numbers and curves.
//
// The kernel sends blocks: a header in JSON and rows of 32-bit numbers, counted from `start`. The page appends them. When rows
// are missing (a reload, a dropped message) it asks for all of them. The data lives with the model, not with a view, so
// that drawing an output anew costs nothing.

const TRAINING = "#0072b2";
const VALIDATION = "#d55e00";
const REDRAW = "seqmagic-redraw";

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

  /** Append rows; false when some are missing in between. */
  append(names, start, rows) {
    const same = names.length === this.names.length && names.every((name, i) => name === this.names[i]);
    if (start > this.count || (!same && start > 0)) return false;
    this.names = names;
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
}

/** Read a block into the tables; its header, with `gap` where rows are missing. */
function read(block, tables) {
  const size = block.getUint32(0, true);
  const text = new TextDecoder().decode(new Uint8Array(block.buffer, block.byteOffset + 4, size));
  const header = JSON.parse(text);
  let offset = block.byteOffset + 4 + size;
  for (const part of header.tables) {
    const bytes = part.length * 4;
    const rows = new Float32Array(block.buffer.slice(offset, offset + bytes));
    offset += bytes;
    if (!tables[part.table].append(part.names, part.start, rows)) header.gap = true;
  }
  return header;
}

function newStore() {
  return { tables: { batches: new Table(), epochs: new Table() }, header: null, views: new EventTarget() };
}

function initialize(store, model) {
  const snapshot = model.get("snapshot");
  if (snapshot && snapshot.byteLength > 4) store.header = read(snapshot, store.tables);
  let asked = 0;
  model.on("msg:custom", (message, buffers) => {
    if (message.kind !== "block") return;
    if (message.fresh) {
      store.tables = { batches: new Table(), epochs: new Table() };
      asked = 0;
    }
    store.header = read(buffers[0], store.tables);
    if (store.header.gap && Date.now() - asked > 1000) {
      asked = Date.now();
      model.send({ kind: "ask" });
    }
    store.views.dispatchEvent(new Event(REDRAW));
  });
  model.send({ kind: "hello" });
}

function element(tag, className, parent) {
  const made = document.createElement(tag);
  made.className = className;
  parent.append(made);
  return made;
}

function spokenNumber(value) {
  if (!Number.isFinite(value)) return "NaN";
  if (value !== 0 && (Math.abs(value) < 0.001 || Math.abs(value) >= 100000)) return value.toExponential(2);
  return String(Number(value.toPrecision(4)));
}

function render(store, el) {
  const root = element("div", "seqmagic-training", el);
  const track = element("div", "seqmagic-track", root);
  track.setAttribute("role", "progressbar");
  track.setAttribute("aria-label", "Training progress");
  track.setAttribute("aria-valuemin", "0");
  track.setAttribute("aria-valuemax", "100");
  const done = element("div", "seqmagic-done", track);
  const status = element("div", "seqmagic-status", root);
  const message = element("div", "seqmagic-message", root);
  message.setAttribute("role", "alert");
  const numbers = element("div", "seqmagic-numbers", root);
  const charts = element("div", "seqmagic-charts", root);
  const spoken = element("div", "", root);
  spoken.setAttribute("role", "status");
  spoken.style.cssText = "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)";
  const canvases = new Map();
  let frame = 0;
  let state = null;

  const show = () => {
    frame = 0;
    const header = store.header;
    if (!header) return;
    const percent = Math.round(100 * header.fraction);
    done.style.width = `${percent}%`;
    track.setAttribute("aria-valuenow", String(percent));
    status.textContent = header.status;
    if (message.textContent !== header.message) message.textContent = header.message;
    if (state !== header.state) {
      state = header.state;
      root.dataset.state = state;
      spoken.textContent = `${header.status} ${header.message}`;
    }
    root.dataset.points = String(store.tables.batches.count);
    showNumbers(numbers, header.numbers);
    drawCharts(store.tables, header, charts, canvases, root);
  };
  const later = () => {
    if (!frame) frame = requestAnimationFrame(show);
  };
  const resize = new ResizeObserver(later);
  resize.observe(root);
  const theme = new MutationObserver(later);
  theme.observe(document.body, { attributes: true, attributeFilter: ["class", "data-jp-theme-light", "data-jp-theme-name"] });
  store.views.addEventListener(REDRAW, later);
  show();
  return () => {
    resize.disconnect();
    theme.disconnect();
    store.views.removeEventListener(REDRAW, later);
    cancelAnimationFrame(frame);
  };
}

function showNumbers(parent, numbers) {
  while (parent.children.length > numbers.length) parent.lastChild.remove();
  numbers.forEach(([name, value], index) => {
    const item = parent.children[index] || element("div", "", parent);
    if (item.dataset.name !== name) {
      item.dataset.name = name;
      item.replaceChildren();
      element("span", "", item).textContent = name;
      element("b", "", item);
    }
    item.lastChild.textContent = spokenNumber(value === null ? NaN : value);
  });
}

/** One chart for the loss and one for each metric; training and validation share a chart. */
function drawCharts(tables, header, parent, canvases, root) {
  const groups = [];
  for (const name of [...tables.batches.names, ...tables.epochs.names]) {
    const group = name.replace(/^val_/, "");
    if (group === "loss" ? groups[0] !== "loss" : !groups.includes(group)) group === "loss" ? groups.unshift(group) : groups.push(group);
  }
  const hasValidation = tables.epochs.names.some((name) => name.startsWith("val_"));
  for (const group of groups) {
    if (!canvases.has(group)) canvases.set(group, addChart(group, parent));
    const { canvas, key } = canvases.get(group);
    key.style.display = hasValidation ? "" : "none";
    canvas.setAttribute("aria-label", `${group} over ${header.epochs} epochs. ${header.status}`);
    draw(canvas, tables, group, header, getComputedStyle(root));
  }
  for (const [group, { figure }] of canvases) {
    if (!groups.includes(group)) {
      figure.remove();
      canvases.delete(group);
    }
  }
}

function addChart(group, parent) {
  const figure = element("figure", "seqmagic-chart", parent);
  const caption = element("figcaption", "", figure);
  element("b", "", caption).textContent = group;
  const key = element("span", "seqmagic-key", caption);
  element("i", "", key);
  key.append("training");
  element("i", "validation", key);
  key.append("validation");
  const canvas = element("canvas", "", figure);
  canvas.setAttribute("role", "img");
  return { figure, canvas, key };
}

/** About `count` round numbers from low to high. */
function ticks(low, high, count) {
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= 0.7 * raw) * power;
  const found = [];
  for (let value = Math.ceil(low / step) * step; value <= high + step * 1e-9; value += step) found.push(Number(value.toPrecision(12)));
  return found;
}

function range(tables, group) {
  let low = Infinity;
  let high = -Infinity;
  for (const [table, names] of [[tables.batches, [group]], [tables.epochs, [group, `val_${group}`]]]) {
    for (const name of names) {
      const column = table.column(name);
      if (!column) continue;
      for (let row = 0, at = column; row < table.count; row++, at += table.width) {
        const value = table.values[at];
        if (!Number.isFinite(value)) continue;
        if (value < low) low = value;
        if (value > high) high = value;
      }
    }
  }
  if (!(low <= high)) return [0, 1];
  const margin = (high - low || Math.abs(high) || 1) * 0.06;
  return [low >= 0 ? Math.max(0, low - margin) : low - margin, high + margin];
}

function draw(canvas, tables, group, header, style) {
  const width = canvas.clientWidth;
  const height = canvas.clientHeight;
  if (!width || !height) return;
  const scale = window.devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * scale)) canvas.width = Math.round(width * scale);
  if (canvas.height !== Math.round(height * scale)) canvas.height = Math.round(height * scale);
  const context = canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  const [low, high] = range(tables, group);
  const box = { left: 44, right: width - 10, top: 8, bottom: height - 22 };
  const x = (position) => box.left + ((box.right - box.left) * position) / Math.max(1, header.epochs);
  const y = (value) => box.bottom - ((box.bottom - box.top) * (value - low)) / (high - low);
  drawAxes(context, box, x, y, low, high, header.epochs, style);
  line(context, tables.batches, group, x, y, { color: TRAINING, alpha: 0.55, width: 1 });
  line(context, tables.epochs, group, x, y, { color: TRAINING, alpha: 1, width: 2, mark: "circle" });
  line(context, tables.epochs, `val_${group}`, x, y, { color: VALIDATION, alpha: 1, width: 2, dash: [5, 4], mark: "square" });
}

function drawAxes(context, box, x, y, low, high, epochs, style) {
  context.globalAlpha = 1;
  context.font = `11px ${style.fontFamily}`;
  context.fillStyle = style.color;
  context.strokeStyle = "rgba(128, 128, 128, 0.25)";
  context.lineWidth = 1;
  context.setLineDash([]);
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const value of ticks(low, high, 5)) {
    const at = Math.round(y(value)) + 0.5;
    context.beginPath();
    context.moveTo(box.left, at);
    context.lineTo(box.right, at);
    context.stroke();
    context.fillText(spokenNumber(value), box.left - 6, at);
  }
  context.textBaseline = "top";
  context.textAlign = "center";
  for (const value of ticks(0, Math.max(1, epochs), Math.min(6, Math.max(1, epochs)))) {
    if (Number.isInteger(value) && value > 0) context.fillText(String(value), x(value), box.bottom + 6);
  }
  context.textAlign = "left";
  context.fillText("epoch", 0, box.bottom + 6);
}

/** A curve: for many points, the least and greatest of each pixel column, so that no spike is lost. */
function line(context, table, name, x, y, look) {
  const column = table.column(name);
  if (!column || !table.count) return;
  context.globalAlpha = look.alpha;
  context.strokeStyle = context.fillStyle = look.color;
  context.lineWidth = look.width;
  context.lineJoin = "round";
  context.setLineDash(look.dash || []);
  context.beginPath();
  let pixel = null;
  let low = 0;
  let high = 0;
  let pen = false;
  const flush = () => {
    if (pixel === null) return;
    if (pen) context.lineTo(pixel, y(low));
    else context.moveTo(pixel, y(low));
    if (high !== low) context.lineTo(pixel, y(high));
    pen = true;
  };
  for (let row = 0; row < table.count; row++) {
    const value = table.values[row * table.width + column];
    if (!Number.isFinite(value)) continue;
    const at = Math.round(2 * x(table.values[row * table.width])) / 2;
    if (at !== pixel) {
      flush();
      pixel = at;
      low = high = value;
    } else if (value < low) low = value;
    else if (value > high) high = value;
  }
  flush();
  context.stroke();
  if (look.mark && table.count <= 40) marks(context, table, column, x, y, look.mark);
  context.globalAlpha = 1;
}

function marks(context, table, column, x, y, kind) {
  for (let row = 0; row < table.count; row++) {
    const value = table.values[row * table.width + column];
    if (!Number.isFinite(value)) continue;
    const left = x(table.values[row * table.width]);
    context.beginPath();
    if (kind === "circle") context.arc(left, y(value), 3, 0, 2 * Math.PI);
    else context.rect(left - 2.7, y(value) - 2.7, 5.4, 5.4);
    context.fill();
  }
}

export default () => {
  const store = newStore();
  return { initialize: ({ model }) => initialize(store, model), render: ({ el }) => render(store, el) };
};
