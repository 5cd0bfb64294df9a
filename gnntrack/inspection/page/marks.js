// Errors drawn on panes: misses in the annotations and, as ghosts, in the result; false positives and switches in the result.
const MOST_NOTES = 40;
const ERROR_DASHES = { miss: [5, 3], late_birth: [2, 3], early_death: [2, 3], false_positive: [8, 3, 2, 3] };

// Draws the marks and returns the notes on them, {text, colour, row, box, key}, the newest switches first.
function drawErrors(pen, pane, px) {
  if (pane.role === "other") return [];
  const truth = scene.panes.find((other) => other.role === "truth");
  const shown = errorsAround(state.frame).filter((error) => state.kinds.has(error.kind));
  const notes = [], crowd = shown.length > CROWD, glow = crowd ? AFTERGLOW / 3 : AFTERGLOW;
  const mark = (boxes, row, error, text, own, margin = 3 * px, alpha = 1) => {
    const box = { x: boxes.x[row] - margin, y: boxes.y[row] - margin, w: boxes.w[row] + 2 * margin, h: boxes.h[row] + 2 * margin };
    const colour = theme.colours[error.kind], dash = ERROR_DASHES[error.kind] || [];
    pen.globalAlpha = Math.max(0.25, alpha);
    pen.strokeStyle = colour;
    pen.lineWidth = (dash.length ? 1.6 : 3) * px;
    pen.setLineDash(dash.map((part) => part * px));
    pen.strokeRect(box.x, box.y, box.w, box.h);
    if (text) notes.push({ text: `${KINDS[error.kind][1]} ${text}`, colour, row: own ? row : -1, box, key: `${error.kind} ${text}`, alpha });
  };
  for (const error of shown) {
    const away = state.frame - error.frame;
    if (SWITCHES.includes(error.kind) || error.kind === "false_positive") {
      const row = pane.role === "tracks" ? rowOf(pane, state.frame, error.track) : -1;
      if (row < 0) continue;
      const fade = error.kind === "false_positive" ? 1 : 1 - away / glow;
      if (fade <= 0) continue;
      const text = error.kind === "false_positive" ? "false" : `was ${error.previous}`;
      mark(pane.boxes, row, error, text, true, error.kind === "false_positive" ? 3 * px : (5 + 9 * (1 - fade)) * px, fade);
    } else if (truth && error.kind !== "fragmentation") {
      const row = rowOf(truth, state.frame, error.object);
      if (row >= 0) mark(truth.boxes, row, error, pane.role === "truth" ? "" : `missed ${error.object}`, pane.role === "truth", pane.role === "truth" ? 3 * px : 0);
    }
  }
  pen.setLineDash([]);
  pen.globalAlpha = 1;
  const isSwitch = (note) => note.text.includes("was ");
  const named = crowd && state.view.zoom < 2 ? notes.filter(isSwitch) : notes;
  return named.sort((a, b) => isSwitch(b) - isSwitch(a) || b.alpha - a.alpha).slice(0, MOST_NOTES);
}
