// Curves on a canvas: which range they fill, where the round numbers are, and how a long one is drawn in few strokes.

/** About `count` round numbers from low to high. */
function ticks(low, high, count) {
  const raw = (high - low) / count;
  if (!(raw > 0)) return [low];
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= 0.7 * raw) * power;
  const found = [];
  for (let value = Math.ceil(low / step - 1e-9) * step; value <= high + step * 1e-9; value += step) found.push(Number(value.toPrecision(12)));
  return found;
}

/** Round numbers on a logarithmic axis: powers of ten, and 2 and 5 between them where there are few. */
function logTicks(low, high) {
  const found = [];
  const few = Math.log10(high / low) < 2.5;
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
    for (const factor of few ? [1, 2, 5] : [1]) {
      const value = factor * 10 ** power;
      if (value >= low && value <= high) found.push(Number(value.toPrecision(3)));
    }
  }
  return found.length > 1 ? found : ticks(low, high, 4);
}

/** The range of several curves in a part of the run, with a margin. */
function rangeOf(curves, from, to, log) {
  let low = Infinity;
  let high = -Infinity;
  for (const { table, column } of curves) {
    for (let row = 0; row < table.count; row++) {
      const position = table.at(row, 0);
      const value = table.at(row, column);
      if (position < from || position > to || !Number.isFinite(value) || (log && value <= 0)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  if (!(low <= high)) return log ? [0.1, 1] : [0, 1];
  if (log) return [low / 1.15, high * 1.15];
  const margin = (high - low || Math.abs(high) || 1) * 0.06;
  return [low >= 0 ? Math.max(0, low - margin) : low - margin, high + margin];
}

/** A smoothed copy of a column: each value leans on those before it, without pulling the first ones towards 0. */
function smoothed(table, column, weight) {
  const values = new Float32Array(table.count);
  let mean = 0;
  let share = 0;
  for (let row = 0; row < table.count; row++) {
    const value = table.at(row, column);
    if (Number.isFinite(value)) {
      mean = weight * mean + (1 - weight) * value;
      share = weight * share + 1 - weight;
    }
    values[row] = Number.isFinite(value) && share > 0 ? mean / share : NaN;
  }
  return values;
}

/** Draw a curve: for many points, the least and greatest of each half pixel, so that no spike is lost. */
function drawLine(context, table, valueAt, plot, look) {
  context.globalAlpha = look.alpha;
  context.strokeStyle = look.color;
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
    if (pen) context.lineTo(pixel, plot.y(low));
    else context.moveTo(pixel, plot.y(low));
    if (high !== low) context.lineTo(pixel, plot.y(high));
    pen = true;
  };
  for (let row = 0; row < table.count; row++) {
    const value = valueAt(row);
    if (!Number.isFinite(value) || (plot.log && value <= 0)) continue;
    const at = Math.round(2 * plot.x(table.at(row, 0))) / 2;
    if (at !== pixel) {
      flush();
      pixel = at;
      low = high = value;
    } else if (value < low) low = value;
    else if (value > high) high = value;
  }
  flush();
  context.stroke();
  context.setLineDash([]);
  context.globalAlpha = 1;
}

/** Draw a mark at each point: circles and squares tell two curves apart without colour. */
function drawMarks(context, table, column, plot, look) {
  context.fillStyle = look.color;
  for (let row = 0; row < table.count; row++) {
    const value = table.at(row, column);
    if (!Number.isFinite(value) || (plot.log && value <= 0)) continue;
    const left = plot.x(table.at(row, 0));
    context.beginPath();
    if (look.mark === "circle") context.arc(left, plot.y(value), 2.8, 0, 2 * Math.PI);
    else context.rect(left - 2.6, plot.y(value) - 2.6, 5.2, 5.2);
    context.fill();
  }
}

/** A plot's axes: light lines across, numbers outside. */
function drawAxes(context, plot, style) {
  const { box } = plot;
  context.font = `11px ${style.fontFamily}`;
  context.fillStyle = style.color;
  context.strokeStyle = "rgba(128, 128, 128, 0.22)";
  context.lineWidth = 1;
  context.textAlign = "right";
  context.textBaseline = "middle";
  context.globalAlpha = 0.85;
  for (const value of plot.log ? logTicks(plot.low, plot.high) : ticks(plot.low, plot.high, 4)) {
    const at = Math.round(plot.y(value)) + 0.5;
    context.beginPath();
    context.moveTo(box.left, at);
    context.lineTo(box.right, at);
    context.stroke();
    context.fillText(spokenNumber(value), box.left - 6, at);
  }
  context.textBaseline = "top";
  context.textAlign = "center";
  const span = plot.to - plot.from;
  for (const value of ticks(plot.from, plot.to, Math.min(box.right - box.left > 260 ? 7 : 4, Math.max(1, span < 3 ? 4 : span)))) {
    if (span < 3 && !Number.isInteger(value) && plot.from === 0) continue;
    context.fillText(spokenNumber(value), plot.x(value), box.bottom + 6);
  }
  context.globalAlpha = 1;
}
