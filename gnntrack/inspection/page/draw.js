// Draws a pane: image, trails, boxes, links, errors, labels.
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
  return Math.min(canvas.clientWidth / scene.width, canvas.clientHeight / scene.height) * state.view.zoom;
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
  const image = state.show.images ? imageOf(state.frame) : null;
  pen.fillStyle = theme.colours.ground;
  pen.fillRect(left, top, scene.width * scale, scene.height * scale);
  pen.strokeStyle = theme.colours.frame;
  pen.lineWidth = 1;
  pen.strokeRect(left, top, scene.width * scale, scene.height * scale);
  if (image) pen.drawImage(image, left, top, scene.width * scale, scene.height * scale);
  if (state.show.images && state.playing) for (let ahead = 1; ahead <= 8; ahead++) imageOf(state.frame + ahead);
  const px = 1 / scale; // one screen pixel
  const plain = pen.getTransform();
  pen.translate(left, top);
  pen.scale(scale, scale);
  if (state.show.trails) drawTrails(pen, pane, index, px);
  if (pane.role === "tracks" && scene.graph) drawUntracked(pen, px);
  const notes = state.show.errors ? drawErrors(pen, pane, px) : [];
  drawBoxes(pen, pane, index, px, image);
  if (scene.graph && pane.role === "tracks") notes.push(...drawLinks(pen, px));
  pen.setTransform(plain);
  const labels = labelsOf(pen, canvas, pane, index, notes);
  drawLabels(pen, labels);
  canvas.labels = labels;
}

// Rows by colour and dash: each combination is drawn in one stroke.
function byLook(pane, rows) {
  const found = new Map();
  for (const row of rows) {
    const id = pane.boxes.id[row], key = `${colourOf(id)} ${dashOf(id)}`;
    if (!found.has(key)) found.set(key, { colour: colourOf(id), dash: dashOf(id), rows: [] });
    found.get(key).rows.push(row);
  }
  return found.values();
}

function rowsNow(pane) {
  const [low, high] = rowsOf(pane, state.frame);
  return Array.from({ length: high - low }, (_, place) => low + place);
}

function drawTrails(pen, pane, index, px) {
  const b = pane.boxes, rows = rowsNow(pane), oldest = state.frame - (rows.length > CROWD ? TRAIL / 3 : TRAIL);
  pen.lineJoin = "round";
  pen.lineWidth = (rows.length > CROWD ? 1.2 : 2) * px;
  pen.globalAlpha = 0.8;
  for (const look of byLook(pane, rows)) {
    pen.strokeStyle = look.colour;
    pen.setLineDash(look.dash.map((part) => part * px));
    pen.beginPath();
    for (const row of look.rows) {
      let at = b.prev[row];
      if (at < 0 || b.frame[at] < oldest) continue;
      pen.moveTo(b.x[row] + b.w[row] / 2, b.y[row] + b.h[row]);
      for (; at >= 0 && b.frame[at] >= oldest; at = b.prev[at]) pen.lineTo(b.x[at] + b.w[at] / 2, b.y[at] + b.h[at]);
    }
    pen.stroke();
  }
  pen.setLineDash([]);
  pen.globalAlpha = 1;
  drawFuture(pen, b, selectedRow(), px, index);
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

function isSelected(index, id) {
  return Boolean(state.selected) && id >= 0 && state.selected.pane === index && state.selected.id === id;
}

function isHovered(index, row) {
  return Boolean(state.hover) && state.hover.pane === index && state.hover.row === row;
}

function drawBoxes(pen, pane, index, px, image) {
  const b = pane.boxes, rows = rowsNow(pane), crowd = rows.length > CROWD;
  const strong = rows.filter((row) => isSelected(index, b.id[row]) || isHovered(index, row));
  for (const { colour, dash, rows: alike } of byLook(pane, rows)) {
    const outline = (stroke, width) => {
      pen.strokeStyle = stroke;
      pen.lineWidth = width * px;
      for (const row of alike) pen.strokeRect(b.x[row], b.y[row], b.w[row], b.h[row]);
    };
    if (!crowd) {
      pen.fillStyle = colour;
      pen.globalAlpha = 0.1;
      for (const row of alike) pen.fillRect(b.x[row], b.y[row], b.w[row], b.h[row]);
      pen.globalAlpha = 1;
      pen.setLineDash(dash.map((part) => part * px)); // in a crowd it could not be seen; the path has it
    }
    if (image) outline(theme.colours.ground, 3.4); // a rim keeps the line apart from whatever the image shows
    outline(colour, crowd ? 1.4 : 1.8);
    pen.setLineDash([]);
  }
  for (const row of strong) {
    pen.strokeStyle = pen.fillStyle = colourOf(b.id[row]);
    pen.globalAlpha = 0.25;
    pen.fillRect(b.x[row], b.y[row], b.w[row], b.h[row]);
    pen.globalAlpha = 1;
    pen.lineWidth = (isSelected(index, b.id[row]) ? 4 : 3) * px;
    pen.strokeRect(b.x[row], b.y[row], b.w[row], b.h[row]);
  }
}

// What is written on a pane: identities of boxes, and notes {text, colour, row, box} on errors and links.
function labelsOf(pen, canvas, pane, index, notes) {
  const b = pane.boxes, [wide, high] = [canvas.clientWidth, canvas.clientHeight], crowd = rowsNow(pane).length > CROWD;
  const scale = scaleOf(canvas), [originX, originY] = toScreen(canvas, 0, 0);
  const onScreen = ({ x, y, w, h }) => [originX + x * scale, originY + y * scale, originX + (x + w) * scale, originY + (y + h) * scale];
  const inSight = ([left, top, right, bottom]) => right > 0 && bottom > 0 && left < wide && top < high;
  const boxes = rowsNow(pane).map((row) => ({ owner: row, rectangle: onScreen({ x: b.x[row], y: b.y[row], w: b.w[row], h: b.h[row] }) }))
    .filter((box) => inSight(box.rectangle));
  const labels = [];
  for (const { owner, rectangle } of boxes) {
    const must = isSelected(index, b.id[owner]) || isHovered(index, owner);
    if (!state.show.labels && !must) continue;
    const colour = colourOf(b.id[owner]), fill = colour.startsWith("#") ? colour : theme.colours.ground;
    const ink = fill === colour ? inkOn(colour) : colour, text = b.id[owner] < 0 ? "?" : String(b.id[owner]);
    labels.push({ text, colour, fill, ink, own: true, must, box: rectangle, key: `id ${b.id[owner] < 0 ? `? ${owner}` : text}`, size: crowd ? 10 : 12, bold: true });
  }
  for (const { text, colour, row, box, key } of state.show.labels ? notes : []) {
    const rectangle = onScreen(box);
    if (inSight(rectangle)) labels.push({ text, colour, fill: theme.colours.ground, ink: colour, own: row >= 0, must: false, below: true, box: rectangle, key, size: 11 });
  }
  for (const label of labels) {
    label.font = `${label.bold ? "600 " : ""}${label.size}px system-ui, sans-serif`;
    label.w = Math.ceil(widthOf(pen, label.text, label.font)) + 6;
    label.h = label.size + 3;
  }
  labels.sort((one, other) => other.must - one.must); // stable: else in the order of rows, then notes
  canvas.memory = canvas.memory || { before: new Map() };
  if (canvas.memory.before.size > 4000) canvas.memory.before.clear();
  placeLabels(labels, boxes.map((box) => box.rectangle), wide, high, canvas.memory);
  return labels;
}

// Detections of the graph that no track took.
function drawUntracked(pen, px) {
  const node = scene.graph.node, [low, high] = nodesOf(state.frame);
  pen.setLineDash([4 * px, 4 * px]);
  pen.lineWidth = 1.2 * px;
  pen.strokeStyle = theme.colours.untracked;
  for (let n = low; n < high; n++) if (node.track[n] < 0) pen.strokeRect(node.x[n], node.y[n], node.w[n], node.h[n]);
  pen.setLineDash([]);
}

function nodesOf(frame) {
  const index = frame - scene.first, start = scene.graph.node.start;
  return index < 0 || frame > scene.last ? [0, 0] : [start[index], start[index + 1]];
}
