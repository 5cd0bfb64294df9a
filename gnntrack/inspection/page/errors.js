// The list of errors: filter by kind, click to go there; and which errors concern a frame.
const MOST_LISTED = 3000;

// Errors by the frames in which they are marked.
const errorsIn = Array.from({ length: scene.last - scene.first + 1 }, () => []);
for (const error of scene.errors) {
  const isSwitch = SWITCHES.includes(error.kind);
  const first = isSwitch ? error.frame : error.first, last = isSwitch ? error.frame + AFTERGLOW - 1 : error.last;
  for (let frame = Math.max(first, scene.first); frame <= Math.min(last, scene.last); frame++) errorsIn[frame - scene.first].push(error);
}

function errorsAround(frame) {
  return errorsIn[frame - scene.first] || [];
}

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

// The sign of a kind of error, in its colour.
function sign(kind) {
  const made = element("span", { className: "sign", textContent: KINDS[kind][1] });
  made.style.color = `var(--${kind})`;
  made.setAttribute("aria-hidden", "true");
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
  for (const [kind, [name]] of Object.entries(KINDS)) {
    const count = scene.errors.filter((error) => error.kind === kind).length;
    if (!count) continue;
    const title = `${count} runs, ${scene.counts[kind]} frames in all\nclick: on or off; with shift, or twice: these alone, or all`;
    const button = element("button", { title }, sign(kind), name, element("b", { textContent: String(count) }));
    button.dataset.kind = kind;
    button.setAttribute("aria-pressed", "true");
    const alone = () => showKinds(state.kinds.size === 1 && state.kinds.has(kind) ? Object.keys(KINDS) : [kind]);
    const turn = () => showKinds(state.kinds.has(kind) ? [...state.kinds].filter((k) => k !== kind) : [...state.kinds, kind]);
    button.onclick = (event) => (event.shiftKey ? alone() : turn());
    button.ondblclick = alone;
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
    const span = error.last > error.first ? `${error.first}–${error.last}` : String(error.frame);
    const row = element("button", { className: "error", onclick: () => openError(index) },
      sign(error.kind), element("span", { className: "when", textContent: span }),
      element("span", {}, element("b", { textContent: KINDS[error.kind][0] }), element("span", { className: "why", textContent: error.why })));
    row.dataset.error = String(index);
    row.tabIndex = -1; // the list is one stop of the keyboard; arrows move in it
    return row;
  });
  if (shown.length > MOST_LISTED) {
    rows.push(element("p", { className: "quiet", textContent: `and ${shown.length - MOST_LISTED} more: choose fewer kinds` }));
  }
  if (shown.length) rows[0].tabIndex = 0;
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
    for (const stop of document.querySelectorAll('.error[tabindex="0"]')) stop.tabIndex = -1;
    row.tabIndex = 0;
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
