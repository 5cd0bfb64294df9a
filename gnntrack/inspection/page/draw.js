// Draws a pane: image, trails, boxes, links, errors.
const images = new Map(); // frame: Image, the newest few

function imageOf(frame) {
  const name = scene.images && scene.images[frame - scene.first];
  if (!name) return null;
  let image = images.get(frame);
  if (!image) {
    image = new Image();
    image.onload = redraw;
    image.src = name;
    images.set(frame, image);
    if (images.size > 60) images.delete(images.keys().next().value);
  }
  return image.complete && image.naturalWidth ? image : null;
}

function scaleOf(canvas) {
  return Math.min(canvas.clientWidth / scene.width, canvas.clientHeight / scene.height) * 0.98 * state.view.zoom;
}

function toScreen(canvas, x, y) {
  const scale = scaleOf(canvas);
  return [(x - state.view.x) * scale + canvas.clientWidth / 2, (y - state.view.y) * scale + canvas.clientHeight / 2];
}

function toImage(canvas, x, y) {
  const scale = scaleOf(canvas);
  return [(x - canvas.clientWidth / 2) / scale + state.view.x, (y - canvas.clientHeight / 2) / scale + state.view.y];
}

function prepareCanvas(canvas) {
  const ratio = window.devicePixelRatio || 1;
  const width = Math.round(canvas.clientWidth * ratio), height = Math.round(canvas.clientHeight * ratio);
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, canvas.clientWidth, canvas.clientHeight);
  return pen;
}

function drawPane(canvas, pane, index) {
  const pen = prepareCanvas(canvas), scale = scaleOf(canvas);
  const [left, top] = toScreen(canvas, 0, 0);
  pen.fillStyle = "#131a21";
  pen.fillRect(left, top, scene.width * scale, scene.height * scale);
  pen.strokeStyle = "#2b3743";
  pen.lineWidth = 1;
  pen.strokeRect(left, top, scene.width * scale, scene.height * scale);
  if (state.show.images) {
    const image = imageOf(state.frame);
    if (image) pen.drawImage(image, left, top, scene.width * scale, scene.height * scale);
    if (state.playing) for (let ahead = 1; ahead <= 8; ahead++) imageOf(state.frame + ahead);
  }
  pen.translate(left, top);
  pen.scale(scale, scale);
  const px = 1 / scale; // one screen pixel
  if (state.show.trails) drawTrails(pen, pane, px);
  if (pane.role === "tracks" && scene.graph) drawUntracked(pen, px);
  if (state.show.errors) drawErrors(pen, pane, px);
  drawBoxes(pen, pane, index, px);
  if (scene.graph && pane.role === "tracks") drawLinks(pen, px);
}

function drawTrails(pen, pane, px) {
  const b = pane.boxes, [low, high] = rowsOf(pane, state.frame);
  pen.lineJoin = "round";
  for (let row = low; row < high; row++) {
    if (b.prev[row] < 0) continue;
    pen.strokeStyle = colourOf(b.id[row]);
    pen.beginPath();
    pen.moveTo(b.x[row] + b.w[row] / 2, b.y[row] + b.h[row]);
    let at = b.prev[row];
    for (; at >= 0 && state.frame - b.frame[at] <= TRAIL; at = b.prev[at]) pen.lineTo(b.x[at] + b.w[at] / 2, b.y[at] + b.h[at]);
    pen.globalAlpha = 0.75;
    pen.lineWidth = 2 * px;
    pen.stroke();
  }
  pen.globalAlpha = 1;
  drawFuture(pen, b, selectedRow(), px, scene.panes.indexOf(pane));
}

// Where the selected box goes from here, dotted.
function drawFuture(pen, b, row, px, index) {
  if (row < 0 || state.selected.pane !== index) return;
  pen.strokeStyle = colourOf(b.id[row]);
  pen.setLineDash([1 * px, 4 * px]);
  pen.beginPath();
  pen.moveTo(b.x[row] + b.w[row] / 2, b.y[row] + b.h[row]);
  for (let at = b.next[row]; at >= 0; at = b.next[at]) pen.lineTo(b.x[at] + b.w[at] / 2, b.y[at] + b.h[at]);
  pen.stroke();
  pen.setLineDash([]);
}

function drawBoxes(pen, pane, index, px) {
  const b = pane.boxes, [low, high] = rowsOf(pane, state.frame), chosen = state.selected;
  pen.font = `600 ${12 * px}px system-ui, sans-serif`;
  pen.textBaseline = "bottom";
  for (let row = low; row < high; row++) {
    const colour = colourOf(b.id[row]);
    const isSelected = chosen && chosen.pane === index && chosen.id === b.id[row] && chosen.id >= 0;
    const isHover = state.hover && state.hover.pane === index && state.hover.row === row;
    pen.strokeStyle = pen.fillStyle = colour;
    pen.globalAlpha = isSelected || isHover ? 0.28 : 0.1;
    pen.fillRect(b.x[row], b.y[row], b.w[row], b.h[row]);
    pen.globalAlpha = 1;
    pen.lineWidth = (isSelected ? 3.5 : isHover ? 2.8 : 1.8) * px;
    pen.strokeRect(b.x[row], b.y[row], b.w[row], b.h[row]);
    if (!state.show.labels && !isSelected && !isHover) continue;
    const text = b.id[row] < 0 ? "?" : String(b.id[row]), wide = pen.measureText(text).width + 6 * px;
    pen.fillRect(b.x[row] - pen.lineWidth / 2, b.y[row] - 15 * px, wide, 15 * px);
    pen.fillStyle = "#0b0f13";
    pen.fillText(text, b.x[row] + 3 * px - pen.lineWidth / 2, b.y[row] - px);
  }
}

// Detections of the graph that no track took.
function drawUntracked(pen, px) {
  const node = scene.graph.node, [low, high] = nodesOf(state.frame);
  pen.setLineDash([4 * px, 4 * px]);
  pen.lineWidth = 1.2 * px;
  pen.strokeStyle = "#8b98a5";
  for (let n = low; n < high; n++) if (node.track[n] < 0) pen.strokeRect(node.x[n], node.y[n], node.w[n], node.h[n]);
  pen.setLineDash([]);
}

function nodesOf(frame) {
  const index = frame - scene.first, start = scene.graph.node.start;
  return index < 0 || frame > scene.last ? [0, 0] : [start[index], start[index + 1]];
}

// Misses are marked in the annotations and, as ghosts, in the result; false positives and switches in the result.
function drawErrors(pen, pane, px) {
  if (pane.role === "other") return;
  const truth = scene.panes.find((other) => other.role === "truth");
  const shown = errorsAround(state.frame).filter((error) => state.kinds.has(error.kind));
  const crowded = shown.length > 12 && state.view.zoom < 2; // then only switches are named
  for (const error of shown) {
    const colour = KINDS[error.kind][1], away = state.frame - error.frame;
    const isSwitch = SWITCHES.includes(error.kind);
    if (isSwitch || error.kind === "false_positive") {
      if (pane.role !== "tracks") continue;
      const row = rowOf(pane, state.frame, error.track);
      if (row < 0) continue;
      const fade = isSwitch ? 1 - away / AFTERGLOW : 1;
      const text = isSwitch ? `was ${error.previous}` : crowded ? "" : "false";
      mark(pen, pane.boxes, row, colour, (isSwitch ? 5 + 9 * (1 - fade) : 3) * px, fade, px, isSwitch ? 3 : 1.5, text);
    } else if (truth && error.kind !== "fragmentation") {
      const row = rowOf(truth, state.frame, error.object);
      const ghost = pane.role !== "truth";
      if (row >= 0) mark(pen, truth.boxes, row, colour, ghost ? 0 : 3 * px, 0.9, px, 1.5, ghost && !crowded ? `missed ${error.object}` : "");
    }
  }
}

function mark(pen, b, row, colour, margin, alpha, px, width, text) {
  pen.globalAlpha = Math.max(0.15, alpha);
  pen.strokeStyle = colour;
  pen.lineWidth = width * px;
  pen.setLineDash(width > 2 ? [] : [5 * px, 3 * px]);
  pen.strokeRect(b.x[row] - margin, b.y[row] - margin, b.w[row] + 2 * margin, b.h[row] + 2 * margin);
  pen.setLineDash([]);
  if (text && state.show.labels) {
    pen.font = `${11 * px}px system-ui, sans-serif`;
    pen.textBaseline = "top";
    pen.fillStyle = colour;
    pen.fillText(text, b.x[row] - margin, b.y[row] + b.h[row] + margin + 2 * px);
  }
  pen.globalAlpha = 1;
}
