// Decodes the embedded data: columns of numbers come as base64 of little-endian arrays.
const ARRAYS = { f4: Float32Array, f8: Float64Array, i4: Int32Array, u4: Uint32Array, u1: Uint8Array };

function decode(column) {
  const text = atob(column.data);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return new ARRAYS[column.type](bytes.buffer);
}

function decodeAll(columns) {
  return Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, decode(column)]));
}

// A pane's boxes lie sorted by frame: frame f has the rows start[f - first] to start[f - first + 1].
function readPane(pane) {
  const boxes = decodeAll(pane.boxes);
  const count = boxes.id.length;
  boxes.prev = new Int32Array(count).fill(-1);
  boxes.next = new Int32Array(count).fill(-1);
  const newest = new Map();
  for (let row = 0; row < count; row++) {
    const id = boxes.id[row];
    if (id < 0) continue;
    const before = newest.get(id);
    if (before !== undefined) {
      boxes.prev[row] = before;
      boxes.next[before] = row;
    }
    newest.set(id, row);
  }
  return { title: pane.title, note: pane.note, role: pane.role, boxes, identities: newest.size };
}

// Links lie sorted by target: the links into node n are inStart[n] to inStart[n + 1], those out of it outLinks[...].
function readGraph(graph) {
  if (!graph) return null;
  const node = decodeAll(graph.nodes), link = decodeAll(graph.links);
  const nodes = node.frame.length, links = link.source.length;
  const inStart = new Uint32Array(nodes + 1), outStart = new Uint32Array(nodes + 1);
  for (let i = 0; i < links; i++) {
    inStart[link.target[i] + 1]++;
    outStart[link.source[i] + 1]++;
  }
  for (let n = 0; n < nodes; n++) {
    inStart[n + 1] += inStart[n];
    outStart[n + 1] += outStart[n];
  }
  const outLinks = new Uint32Array(links), filled = outStart.slice(0, nodes);
  for (let i = 0; i < links; i++) outLinks[filled[link.source[i]]++] = i;
  const features = graph.features ? { names: graph.features.names, values: decode(graph.features.values) } : null;
  return { node, link, features, inStart, outStart, outLinks, scored: graph.scored, labelled: graph.labelled };
}

const raw = JSON.parse(document.getElementById("data").textContent);
const scene = {
  ...raw,
  panes: raw.panes.map(readPane),
  graph: readGraph(raw.graph),
  errors: raw.errors.map(([kind, frame, first, last, object, track, previous, why]) =>
    ({ kind: raw.kinds[kind], frame, first, last, object, track, previous, why })),
};

function rowsOf(pane, frame) {
  const index = frame - scene.first;
  if (index < 0 || frame > scene.last) return [0, 0];
  return [pane.boxes.start[index], pane.boxes.start[index + 1]];
}

function rowOf(pane, frame, id) {
  const [low, high] = rowsOf(pane, frame);
  for (let row = low; row < high; row++) if (pane.boxes.id[row] === id) return row;
  return -1;
}

function linksInto(n) {
  const graph = scene.graph;
  return Array.from({ length: graph.inStart[n + 1] - graph.inStart[n] }, (_, i) => graph.inStart[n] + i);
}

function linksOutOf(n) {
  const graph = scene.graph;
  return Array.from(graph.outLinks.subarray(graph.outStart[n], graph.outStart[n + 1]));
}

const isChosen = (link) => (scene.graph.link.flags[link] & 1) > 0;
const isTrue = (link) => (scene.graph.link.flags[link] & 2) > 0;
