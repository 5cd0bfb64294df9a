// What the page shows now, and the names and colours of things.
const KINDS = {
  swap: ["Swap of subjects", "#ff5d8f"],
  switch_after_occlusion: ["Switch after occlusion", "#ffb020"],
  temporal_inconsistency: ["Switch in plain sight", "#ff7a45"],
  fragmentation: ["Fragmentation", "#60a5fa"],
  miss: ["Missed", "#f87171"],
  late_birth: ["Found late", "#e29578"],
  early_death: ["Lost early", "#d4a5a5"],
  false_positive: ["False positive", "#c084fc"],
};
const SWITCHES = ["swap", "switch_after_occlusion", "temporal_inconsistency"];
const TRAIL = 30; // frames
const AFTERGLOW = 12; // frames for which a switch stays marked

const state = {
  frame: scene.start,
  playing: false,
  speed: 1,
  selected: null, // {pane, id, node}: a box of a pane, followed by its id; or a detection that no track took
  hover: null, // {pane, row} or {pane, node} or {link}
  view: { zoom: 1, x: scene.width / 2, y: scene.height / 2 }, // the image point in the middle of every pane
  show: { trails: true, labels: true, links: false, errors: true, images: Boolean(scene.images) },
  kinds: new Set(Object.keys(KINDS)),
  error: -1, // the one that was clicked last
  dirty: true,
  drawn: 0, // number of images drawn, for measuring
};

const colours = new Map();
// Neighbouring identities get hues far apart: steps of the golden angle.
function colourOf(id) {
  if (id < 0) return "#8b98a5";
  let colour = colours.get(id);
  if (!colour) {
    const turn = (id * 0.61803398875) % 1;
    colour = `hsl(${Math.round(turn * 360)} ${70 + (id % 3) * 10}% ${58 + (id % 4) * 4}%)`;
    colours.set(id, colour);
  }
  return colour;
}

function redraw() {
  state.dirty = true;
}

function goTo(frame) {
  state.frame = Math.min(scene.last, Math.max(scene.first, Math.round(frame) || scene.first));
  redraw();
}

// Row of the selected box in its pane in this frame; -1 where it is not there.
function selectedRow() {
  const chosen = state.selected;
  return chosen && chosen.id >= 0 ? rowOf(scene.panes[chosen.pane], state.frame, chosen.id) : -1;
}

// Graph node of the selected box in this frame; -1 where there is none.
function selectedNode() {
  if (!scene.graph || !state.selected) return -1;
  const row = selectedRow();
  if (row >= 0) return scene.panes[state.selected.pane].boxes.node[row];
  const { id, node } = state.selected;
  return id < 0 && node >= 0 && scene.graph.node.frame[node] === state.frame ? node : -1;
}

function select(selection) {
  state.selected = selection;
  redraw();
}
