// The strip below the panes: misses and (striped) false positives a frame, switches by their signs, the selected identity
// as a bar.
let backdrop = null; // the strip without the cursor, drawn once a size and filter

function drawTimeline() {
  const canvas = document.getElementById("timeline");
  const key = `${canvas.clientWidth} ${canvas.clientHeight} ${[...state.kinds].join()}`;
  if (!backdrop || backdrop.key !== key) backdrop = { key, canvas: paintBackdrop(canvas) };
  const pen = prepareCanvas(canvas), high = canvas.clientHeight;
  pen.drawImage(backdrop.canvas, 0, 0, canvas.clientWidth, high);
  if (state.selected && state.selected.id >= 0) {
    const b = scene.panes[state.selected.pane].boxes;
    pen.fillStyle = colourOf(state.selected.id);
    for (let row = firstRowOf(state.selected); row >= 0; row = b.next[row]) {
      pen.fillRect(timelineX(canvas, b.frame[row] - 0.5), high - 7, Math.max(1, frameWidth(canvas)), 5);
    }
  }
  pen.fillStyle = theme.colours.cursor;
  pen.fillRect(timelineX(canvas, state.frame) - 0.75, 0, 1.5, high);
}

const firstRows = new Map();
function firstRowOf({ pane, id }) {
  if (!firstRows.has(pane)) {
    const b = scene.panes[pane].boxes, found = new Map();
    for (let row = b.id.length - 1; row >= 0; row--) if (b.prev[row] < 0) found.set(b.id[row], row);
    firstRows.set(pane, found);
  }
  const row = firstRows.get(pane).get(id);
  return row === undefined ? -1 : row;
}

function frameWidth(canvas) {
  return (canvas.clientWidth - 20) / (scene.last - scene.first + 1);
}

function timelineX(canvas, frame) {
  return 10 + (frame - scene.first + 0.5) * frameWidth(canvas);
}

function paintBackdrop(target) {
  const canvas = document.createElement("canvas"), ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(target.clientWidth * ratio);
  canvas.height = Math.round(target.clientHeight * ratio);
  const pen = canvas.getContext("2d"), high = target.clientHeight, wide = Math.max(1, frameWidth(target));
  pen.scale(ratio, ratio);
  const frames = scene.last - scene.first + 1;
  const stacked = ["miss", "late_birth", "early_death", "false_positive"].filter((kind) => state.kinds.has(kind));
  const counts = stacked.map(() => new Uint32Array(frames));
  for (const error of scene.errors) {
    const layer = stacked.indexOf(error.kind);
    if (layer >= 0) for (let f = error.first; f <= error.last; f++) counts[layer][f - scene.first]++;
  }
  const most = Math.max(1, ...totals(counts, frames));
  for (let f = 0; f < frames; f++) {
    let base = high - 10;
    stacked.forEach((kind, layer) => {
      const tall = (counts[layer][f] / most) * (high - 26), left = timelineX(target, f + scene.first - 0.5);
      pen.fillStyle = theme.colours[kind];
      pen.globalAlpha = 0.75;
      if (kind === "false_positive") hatch(pen, left, base - tall, wide, tall);
      else pen.fillRect(left, base - tall, wide, tall);
      base -= tall;
    });
  }
  pen.globalAlpha = 1;
  pen.font = "700 12px system-ui, sans-serif";
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  for (const error of scene.errors) {
    if (!SWITCHES.includes(error.kind) || !state.kinds.has(error.kind)) continue;
    pen.fillStyle = theme.colours[error.kind];
    const x = timelineX(target, error.frame);
    pen.fillRect(x - 0.75, 13, 1.5, high - 23);
    pen.fillText(KINDS[error.kind][1], x, 7);
  }
  return canvas;
}

// Thin stripes: false positives are told from misses without colour.
function hatch(pen, left, top, wide, high) {
  for (let y = top; y < top + high; y += 3) pen.fillRect(left, y, wide, Math.min(1.5, top + high - y));
}

function totals(counts, frames) {
  const sums = [];
  for (let f = 0; f < frames; f += 1) sums.push(counts.reduce((sum, layer) => sum + layer[f], 0));
  return sums.length > 50000 ? [sums.reduce((a, b) => Math.max(a, b), 0)] : sums;
}
