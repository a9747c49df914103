// One chart: the loss, or one metric. Training and validation share it, earlier runs stand faint behind.

const GREY = "#808080";
const EDGE = { left: 46, right: 14, top: 10, bottom: 24 };

/** The row of a curve's newest number: an epoch that was cut has no validation; NaN in the training is news. */
function newestRow({ table, column, label }) {
  return label === "validation" ? table.lastWith(column) : table.count - 1;
}

class Chart {
  constructor(group, parent, store) {
    this.group = group;
    this.store = store;
    this.figure = element("figure", "seqmagic-chart", parent);
    const caption = element("figcaption", "", this.figure);
    const title = element("div", "", caption);
    element("b", "", title, group);
    this.place = element("span", "", title);
    this.key = element("span", "seqmagic-key", caption);
    this.canvas = element("canvas", "", this.figure);
    // Not an image: a screen reader would keep the arrow keys to itself.
    this.canvas.setAttribute("role", "application");
    this.canvas.setAttribute("aria-roledescription", "chart");
    this.canvas.tabIndex = 0;
    this.listen();
  }

  /** What is drawn here, from back to front. */
  curves() {
    const { tables, look, zoom } = this.store;
    const found = [];
    const add = (table, name, label, style) => {
      const column = table ? table.column(name) : 0;
      if (column && table.count) found.push({ table, column, label, ...style });
    };
    const { training, validation } = this.style;
    const only = !tables.epochs.count;
    if (look.earlier) {
      for (const [name, table] of Object.entries(tables)) {
        if (!name.startsWith("earlier")) continue;
        add(table, this.group, "earlier", { color: GREY, alpha: 0.5, width: 1.5 });
        add(table, `val_${this.group}`, "earlier, validation", { color: GREY, alpha: 0.5, width: 1.5, dash: [5, 4] });
      }
    }
    const detail = zoom && tables.detail && tables.detail.last >= Math.min(zoom[1], tables.batches.last) - 1e-6;
    if (look.batches || only) {
      const style = { color: training, alpha: only ? 0.9 : 0.5, width: 1, hidden: !only, batches: true };
      add(detail ? tables.detail : tables.batches, this.group, "batch", style);
    }
    const few = tables.epochs.count <= 40;
    add(tables.epochs, this.group, "training", { color: training, alpha: 1, width: 2, mark: few && "circle" });
    const dashed = { color: validation, alpha: 1, width: 2, dash: [5, 4], mark: few && "square" };
    add(tables.epochs, `val_${this.group}`, "validation", dashed);
    return found;
  }

  /** The range that is shown: earlier runs count where they leave the present one room. */
  range(curves, from, to, log) {
    const size = ([low, high]) => (log ? Math.log(high / low) : high - low);
    const whole = rangeOf(curves, from, to, log);
    const present = curves.filter(({ label }) => !label.startsWith("earlier"));
    if (present.length === curves.length) return whole;
    const own = rangeOf(present, from, to, log);
    return size(own) < 0.25 * size(whole) ? own : whole;
  }

  /** The part of the run that is shown, in epochs. */
  span() {
    return this.store.zoom || [0, Math.max(1, this.store.header.epochs)];
  }

  /** How places in the canvas and numbers go together. */
  plot(curves) {
    const { look } = this.store;
    const [from, to] = this.span();
    // Some zeros have no place on a logarithmic scale; where there is anything below, the curve would be another one.
    const [least] = look.log ? rangeOf(curves, from, to, false) : [0];
    const log = look.log && least >= 0;
    const [low, high] = this.range(curves, from, to, log);
    const box = { left: EDGE.left, right: this.width - EDGE.right, top: EDGE.top, bottom: this.height - EDGE.bottom };
    const share = log ? (value) => Math.log(value / low) / Math.log(high / low) : (value) => (value - low) / (high - low);
    return {
      from, to, low, high, log, box,
      x: (position) => box.left + ((box.right - box.left) * (position - from)) / (to - from),
      y: (value) => box.bottom - (box.bottom - box.top) * share(value),
      position: (x) => from + ((to - from) * (x - box.left)) / (box.right - box.left),
    };
  }

  measure(style) {
    this.style = style;
    this.width = this.canvas.clientWidth;
    this.height = this.canvas.clientHeight;
  }

  draw() {
    const { canvas, store, style, width, height } = this;
    if (!width || !height) return;
    const scale = window.devicePixelRatio || 1;
    if (canvas.width !== Math.round(width * scale)) canvas.width = Math.round(width * scale);
    if (canvas.height !== Math.round(height * scale)) canvas.height = Math.round(height * scale);
    const context = canvas.getContext("2d");
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    const curves = this.curves();
    const plot = (this.current = this.plot(curves));
    drawAxes(context, plot, style);
    context.save();
    context.beginPath();
    // A mark at the first or last epoch has room beyond the axis; of a part, what is outside would run over the numbers there.
    const [before, behind] = store.zoom ? [0, 0] : [8, 10];
    context.rect(plot.box.left - before, 0, plot.box.right - plot.box.left + before + behind, height);
    context.clip();
    for (const curve of curves) this.drawCurve(context, curve, plot);
    this.drawBest(context, plot, style);
    if (store.drag) this.drawDrag(context, plot);
    if (store.cursor !== null) this.drawCursor(context, plot, curves, style);
    context.restore();
    this.showKey(curves);
    this.describe(curves);
  }

  drawCurve(context, curve, plot) {
    const { table, column } = curve;
    const weight = curve.label.startsWith("earlier") ? 0 : this.store.look.smooth;
    drawLine(context, table, (row) => table.at(row, column), plot, weight ? { ...curve, alpha: 0.25 * curve.alpha } : curve);
    if (weight) {
      const values = smoothed(table, column, weight);
      drawLine(context, table, (row) => values[row], plot, { ...curve, alpha: curve.batches ? 0.8 : 1 });
    } else if (curve.mark) drawMarks(context, table, column, plot, curve);
  }

  /** A ring around the best epoch, in the chart of what decides it; a fine line in all others. */
  drawBest(context, plot, style) {
    const best = this.store.header.best;
    if (!best || this.store.tables.epochs.count < 2) return;
    const left = plot.x(best[1]);
    context.strokeStyle = context.fillStyle = style.color;
    context.lineWidth = 1;
    context.globalAlpha = 0.45;
    context.setLineDash([2, 3]);
    context.beginPath();
    context.moveTo(left, plot.box.top);
    context.lineTo(left, plot.box.bottom);
    context.stroke();
    context.setLineDash([]);
    context.globalAlpha = 1;
    if (best[0].replace(/^val_/, "") !== this.group || (plot.log && best[2] <= 0)) return;
    context.lineWidth = 1.5;
    context.beginPath();
    context.arc(left, plot.y(best[2]), 6.5, 0, 2 * Math.PI);
    context.stroke();
    context.font = `600 11px ${style.fontFamily}`;
    context.textBaseline = "top";
    const right = left > (plot.box.left + plot.box.right) / 2;
    context.textAlign = right ? "right" : "left";
    context.fillText("best", left + (right ? -5 : 5), plot.box.top - 8);
  }

  drawDrag(context, plot) {
    const [from, to] = this.store.drag.map(plot.x);
    context.fillStyle = "rgba(128, 128, 128, 0.25)";
    context.fillRect(from, plot.box.top, to - from, plot.box.bottom - plot.box.top);
  }

  drawCursor(context, plot, curves, style) {
    const left = plot.x(this.store.cursor);
    context.strokeStyle = style.color;
    context.globalAlpha = 0.7;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(left, plot.box.top);
    context.lineTo(left, plot.box.bottom);
    context.stroke();
    context.globalAlpha = 1;
    for (const { table, column, color } of curves) {
      const value = table.read(this.store.cursor, column);
      if (!Number.isFinite(value) || (plot.log && value <= 0)) continue;
      context.fillStyle = color;
      context.strokeStyle = style.color;
      context.beginPath();
      context.arc(plot.x(table.read(this.store.cursor, 0)), plot.y(value), 3.5, 0, 2 * Math.PI);
      context.fill();
      context.stroke();
    }
  }

  /** The key under the name tells the newest numbers, or those at the cursor. */
  showKey(curves) {
    const { cursor, header } = this.store;
    const newest = new Map(header.numbers);
    const items = [];
    const earlier = [];
    for (const curve of curves) {
      const { table, column, label, hidden } = curve;
      const value = cursor === null ? table.at(newestRow(curve), column) : table.read(cursor, column);
      if (label.startsWith("earlier")) earlier.push(...(value === undefined ? [] : [spokenNumber(value)]));
      else if (label === "batch" && !hidden) items.push(["training", cursor === null ? newest.get(this.group) : value]);
      else if (label === "batch") items.push(["batch", value]);
      else if (label !== "batch") items.push([label, value]);
    }
    const scale = this.store.look.log && !this.current.log ? "linear: it has values below 0" : "";
    // A metric with a number for each class is drawn as their mean.
    const mean = header.counts?.[this.group] ? `mean of ${header.counts[this.group]}` : "";
    this.place.textContent = cursor === null ? scale || mean : `epoch ${Number(cursor.toFixed(cursor < 10 ? 2 : 1))}`;
    const told = items.map(([label, value]) => [label, value === undefined ? "" : spokenNumber(Math.abs(value) < 0.1 ? Number(value?.toPrecision(3)) : value)]);
    if (curves.some(({ label }) => label.startsWith("earlier"))) told.push(["earlier", cursor === null ? "" : earlier.slice(0, 4).join(", ")]);
    const text = JSON.stringify(told);
    if (text === this.keyText) return;
    this.keyText = text;
    this.key.replaceChildren();
    for (const [label, value] of told) {
      const item = element("span", "", this.key);
      element("i", label, item);
      item.append(`${label} `);
      if (value) element("b", "", item, `${value} `);
    }
  }

  /** The chart in a sentence, for those who can't see it. */
  describe(curves) {
    const parts = curves.filter(({ label, hidden }) => !hidden && !label.startsWith("earlier")).map((curve) => {
      const { table, column, label } = curve;
      const first = spokenNumber(table.at(0, column));
      return `${label === "batch" ? "training" : label} from ${first} to ${spokenNumber(table.at(newestRow(curve), column))}`;
    });
    const { header: { best }, tables: { batches, epochs } } = this.store;
    const marked = best && best[0].replace(/^val_/, "") === this.group ? ` Best: ${spokenNumber(best[2])} in epoch ${spokenNumber(best[1])}.` : "";
    const reached = spokenNumber(Math.max(batches.last, epochs.last));
    const sentence = `${this.group} up to epoch ${reached}: ${parts.join(", ") || "nothing yet"}.${marked}`;
    this.canvas.setAttribute("aria-label", `${sentence} Arrow keys read the values.`);
  }

  listen() {
    const { canvas, store } = this;
    const at = (event) => {
      const position = this.current.position(event.clientX - canvas.getBoundingClientRect().left);
      return Math.min(this.current.to, Math.max(this.current.from, position));
    };
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button || !this.current) return;
      canvas.setPointerCapture(event.pointerId);
      this.begin = at(event);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!this.current) return;
      const reach = Math.max(...this.curves().map(({ table }) => table.last));
      store.cursor = Math.min(at(event), Math.max(reach, this.current.from)); // Behind the curves there is nothing to read.
      store.drag = this.begin === undefined ? null : [this.begin, at(event)];
      store.redraw();
    });
    canvas.addEventListener("pointerup", () => {
      const drag = store.drag && [...store.drag].sort((a, b) => a - b);
      this.begin = undefined;
      store.drag = null;
      if (drag && this.current.x(drag[1]) - this.current.x(drag[0]) > 6) zoomTo(store, drag);
    });
    for (const kind of ["pointerleave", "pointercancel", "blur"]) {
      canvas.addEventListener(kind, () => {
        this.begin = undefined;
        store.cursor = store.drag = null;
        store.redraw();
      });
    }
    canvas.addEventListener("dblclick", () => zoomTo(store, null));
    canvas.addEventListener("keydown", (event) => this.pressKey(event));
  }

  /** Arrows move the cursor from epoch to epoch, + and - look closer and farther, 0 shows everything. */
  pressKey(event) {
    const { store } = this;
    if (!this.current || event.ctrlKey || event.metaKey || event.altKey) return;
    const table = store.tables.epochs.count ? store.tables.epochs : store.tables.batches;
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const factor = { "+": 0.5, "=": 0.5, "-": 2 }[event.key];
    if (step && table.count) {
      const row = store.cursor === null ? (step > 0 ? 0 : table.count - 1) : table.nearest(store.cursor) + step;
      store.cursor = table.at(Math.min(table.count - 1, Math.max(0, row)), 0);
      store.redraw();
      this.figure.closest(".seqmagic-training").querySelector(".seqmagic-spoken").textContent = this.reading();
    } else if (factor) {
      const all = Math.max(1, store.header.epochs);
      const [from, to] = this.span(); // Not what was drawn last: keys may come faster.
      const middle = store.cursor ?? (from + to) / 2;
      const half = ((to - from) * factor) / 2;
      zoomTo(store, 2 * half >= all ? null : [Math.max(0, middle - half), Math.min(all, middle + half)]);
    } else if (event.key === "Escape" || event.key === "0") zoomTo(store, null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  reading() {
    const values = this.curves().filter(({ hidden, label }) => !hidden && !label.startsWith("earlier")).map(({ table, column, label }) =>
      `${label} ${spokenNumber(table.read(this.store.cursor, column))}`);
    return `${this.group}, epoch ${spokenNumber(this.store.cursor)}: ${values.join(", ")}`;
  }
}
