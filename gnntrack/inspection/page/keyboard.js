// What keys do, and the dialog that lists them. A key without words of its own is listed with the one before it.
const KEYS = {
  " ": ["space", "play or pause", () => play(!state.playing)],
  ArrowLeft: ["← →", "one frame back or on; with shift ten", (event) => step(event.shiftKey ? -10 : -1)],
  ArrowRight: [null, null, (event) => step(event.shiftKey ? 10 : 1)],
  Home: ["Home End", "first or last frame", () => goTo(scene.first)],
  End: [null, null, () => goTo(scene.last)],
  n: ["n p", "next or previous error", () => stepError(1)],
  p: [null, null, () => stepError(-1)],
  j: ["j k", "select the next or previous box of this frame, from left to right", () => stepBox(1)],
  k: [null, null, () => stepBox(-1)],
  r: ["r", "go to the candidates of the selected box; ↑ ↓ to the others, Enter follows one", () => { showList(); focusLinks(); }],
  f: ["f", "go to the list of errors; ↑ ↓ to the others, Enter opens one", () => { showList(); focusErrors(); }],
  "+": ["+ − 0", "zoom in, out, whole image", () => zoomAll(1.25)],
  "=": [null, null, () => zoomAll(1.25)],
  "-": [null, null, () => zoomAll(0.8)],
  0: [null, null, () => resetView()],
  w: ["w a s d", "move the image", () => pan(0, -1)],
  a: [null, null, () => pan(-1, 0)],
  s: [null, null, () => pan(0, 1)],
  d: [null, null, () => pan(1, 0)],
  c: ["c", "light or dark colours", () => switchTheme()],
  Escape: ["Esc", "close what is open, then deselect", () => leave()],
  "?": ["?", "these keys", () => openHelp()],
};

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || document.getElementById("help").open) return;
  const at = event.target instanceof Element ? event.target : document.body;
  if (at.matches('input[type="number"], select') && event.key !== "Escape") return;
  if (event.key === " " && at.matches("button:focus-visible")) return; // it presses the button
  if (["ArrowUp", "ArrowDown"].includes(event.key) && at.matches(".error, .link")) {
    moveInList(at, event.key === "ArrowDown" ? 1 : -1);
    return event.preventDefault();
  }
  const known = KEYS[event.key];
  if (!known) return;
  event.preventDefault();
  if (at.matches("button") && !at.matches("button:focus-visible")) at.blur();
  known[2](event);
}

function moveInList(row, way) {
  const rows = [...row.parentElement.querySelectorAll(row.matches(".error") ? ".error" : ".link")];
  const next = rows[rows.indexOf(row) + way];
  if (!next) return;
  if (row.matches(".error")) [row.tabIndex, next.tabIndex] = [-1, 0];
  next.focus();
}

function showList() {
  if (!state.show.list) document.querySelector("[data-toggle=list]").click();
}

function focusErrors() {
  const row = document.querySelector(".error.current") || document.querySelector(".error");
  if (row) row.focus();
}

// The next box of the pane that the keyboard is in, in the order of their left edges.
function stepBox(way) {
  const b = scene.panes[state.pane].boxes, rows = rowsNow(scene.panes[state.pane]).sort((one, other) => b.x[one] - b.x[other]);
  if (!rows.length) return;
  play(false);
  const here = state.selected && state.selected.pane === state.pane ? rows.indexOf(selectedRow()) : -1;
  const row = rows[here < 0 ? (way > 0 ? 0 : rows.length - 1) : (here + way + rows.length) % rows.length];
  select({ pane: state.pane, id: b.id[row], node: b.node[row] });
}

// Escape closes the tip of a candidate and gives the focus back to the pane; then it deselects.
function leave() {
  const inList = document.activeElement.closest("#side");
  if (inList) document.querySelectorAll(".view canvas")[state.pane].focus();
  showTip(null);
  if (!inList || !state.selected) select(null);
}

let helpFrom = null; // what had the focus
function openHelp() {
  helpFrom = document.activeElement;
  document.getElementById("help").showModal();
}

function buildHelp() {
  const help = document.getElementById("help"), close = document.getElementById("help-close");
  document.getElementById("help-button").onclick = openHelp;
  close.onclick = () => help.close();
  help.addEventListener("close", () => { if (helpFrom) helpFrom.focus(); });
  help.addEventListener("keydown", (event) => {
    if (event.key === "Tab") { // the only stop in it: the focus stays
      event.preventDefault();
      close.focus();
    }
    if (event.key === "?") {
      event.stopPropagation(); // or it would open again
      help.close();
    }
  });
  const listed = Object.values(KEYS).filter(([name]) => name).sort(([a], [b]) => /^\d/.test(a) - /^\d/.test(b));
  document.getElementById("keys").replaceChildren(...listed.flatMap(
    ([name, what]) => [element("dt", { textContent: name }), element("dd", { textContent: what })]));
  document.addEventListener("keydown", onKey);
}
