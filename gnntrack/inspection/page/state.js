// What the page shows now, and the names and signs of things. A sign and a dash tell apart what colours alone would not.
const KINDS = {
  swap: ["Swap of subjects", "✕"],
  switch_after_occlusion: ["Switch after occlusion", "▼"],
  temporal_inconsistency: ["Switch in plain sight", "◆"],
  fragmentation: ["Fragmentation", "‖"],
  miss: ["Missed", "○"],
  late_birth: ["Found late", "⊢"],
  early_death: ["Lost early", "⊣"],
  false_positive: ["False positive", "+"],
};
const SWITCHES = ["swap", "switch_after_occlusion", "temporal_inconsistency"];
const DASHES = [[], [9, 3], [2, 3], [9, 3, 2, 3]]; // identities of one colour differ in these, in screen pixels
const TRAIL = 30; // frames
const AFTERGLOW = 12; // frames for which a switch stays marked
const CROWD = 80; // boxes in a frame from which on trails are short, and only switches are named

const state = {
  frame: scene.start,
  playing: false,
  speed: 1,
  pane: 0, // the one that the keyboard is in
  selected: null, // {pane, id, node}: a box of a pane, followed by its id; or a detection that no track took
  hover: null, // {pane, row} or {pane, node} or {link}
  view: { zoom: 1, x: scene.width / 2, y: scene.height / 2 }, // the image point in the middle of every pane
  show: { trails: true, labels: true, links: false, errors: true, images: Boolean(scene.images), list: true },
  kinds: new Set(Object.keys(KINDS)),
  error: -1, // the one that was opened last
  dirty: true,
  drawn: 0, // number of images drawn, for measuring
};

function colourOf(id) {
  const colours = theme.identities;
  return id < 0 ? theme.colours.untracked : colours[id % colours.length];
}

function dashOf(id) {
  return DASHES[id < 0 ? 0 : Math.floor(id / theme.identities.length) % DASHES.length];
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
