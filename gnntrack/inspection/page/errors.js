// The list of errors: filter by kind, click to go there; and which errors concern a frame.
const MOST_LISTED = 3000;

function errorsAround(frame) {
  return scene.errors.filter((error) =>
    SWITCHES.includes(error.kind)
      ? frame >= error.frame && frame - error.frame < AFTERGLOW
      : frame >= error.first && frame <= error.last);
}

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function dot(colour) {
  const made = element("span", { className: "dot" });
  made.style.background = colour;
  return made;
}

function buildErrors() {
  const panel = document.getElementById("error-panel");
  if (!scene.panes.some((pane) => pane.role === "truth")) {
    panel.replaceChildren(element("h2", { textContent: "Errors" }),
      element("p", { className: "quiet", textContent: "Give the ground truth (--gt) to see what went wrong, and where." }));
    return;
  }
  const filters = document.getElementById("filters");
  for (const [kind, [name, colour]] of Object.entries(KINDS)) {
    const count = scene.errors.filter((error) => error.kind === kind).length;
    if (!count) continue;
    const title = `${count} runs, ${scene.counts[kind]} frames in all\nclick: on or off; double click: these alone, or all`;
    const button = element("button", { title },
      dot(colour), name, element("b", { textContent: String(count) }));
    button.dataset.kind = kind;
    button.setAttribute("aria-pressed", "true");
    button.onclick = () => showKinds(state.kinds.has(kind) ? [...state.kinds].filter((k) => k !== kind) : [...state.kinds, kind]);
    button.ondblclick = () => showKinds(state.kinds.size === 1 ? Object.keys(KINDS) : [kind]);
    filters.append(button);
  }
  listErrors();
}

function showKinds(kinds) {
  state.kinds = new Set(kinds);
  for (const button of document.querySelectorAll("#filters button")) {
    button.setAttribute("aria-pressed", String(state.kinds.has(button.dataset.kind)));
  }
  listErrors();
  redraw();
}

function listErrors() {
  const shown = scene.errors.map((error, index) => [error, index]).filter(([error]) => state.kinds.has(error.kind));
  const rows = shown.slice(0, MOST_LISTED).map(([error, index]) => {
    const [name, colour] = KINDS[error.kind];
    const span = error.last > error.first ? `${error.first}–${error.last}` : String(error.frame);
    const row = element("button", { className: "error", onclick: () => openError(index) },
      dot(colour), element("span", { className: "when", textContent: span }),
      element("span", {}, element("b", { textContent: name }), element("span", { className: "why", textContent: error.why })));
    row.dataset.error = String(index);
    row.setAttribute("role", "listitem");
    return row;
  });
  if (shown.length > MOST_LISTED) {
    rows.push(element("p", { className: "quiet", textContent: `and ${shown.length - MOST_LISTED} more: choose fewer kinds` }));
  }
  document.getElementById("errors").replaceChildren(...rows);
  document.getElementById("error-total").textContent = scene.errors.length ? `${shown.length} of ${scene.errors.length}` : "none";
}

// Goes to an error: its first frame, its track or object selected, and in sight if zoomed in.
function openError(index) {
  const error = scene.errors[index];
  state.error = index;
  play(false);
  goTo(error.frame);
  const pane = scene.panes.findIndex((p) => p.role === (error.track >= 0 && error.kind !== "fragmentation" ? "tracks" : "truth"));
  const id = scene.panes[pane].role === "tracks" ? error.track : error.object;
  select({ pane, id, node: -1 });
  bringIntoSight(pane);
  for (const row of document.querySelectorAll(".error.current")) row.classList.remove("current");
  updatePanel(); // it takes room from the list, so it comes before scrolling
  const row = document.querySelector(`.error[data-error="${index}"]`);
  if (row) {
    row.classList.add("current");
    row.scrollIntoView({ block: "nearest" });
  }
}

function bringIntoSight(pane) {
  const row = selectedRow(), b = scene.panes[pane].boxes;
  if (row < 0 || state.view.zoom <= 1) return;
  state.view.x = b.x[row] + b.w[row] / 2;
  state.view.y = b.y[row] + b.h[row] / 2;
}

// The next error after (step 1), or the last before (−1), what is shown now.
function stepError(step) {
  const indices = scene.errors.map((_, index) => index).filter((index) => state.kinds.has(scene.errors[index].kind));
  if (!indices.length) return;
  const here = state.error >= 0 && scene.errors[state.error].frame === state.frame ? state.error : null;
  const after = (index) => (here !== null ? index > here : scene.errors[index].frame > state.frame);
  const before = (index) => (here !== null ? index < here : scene.errors[index].frame < state.frame);
  const next = step > 0 ? indices.find(after) : indices.findLast(before);
  if (next !== undefined) openError(next);
}
