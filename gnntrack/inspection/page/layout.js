// Where panes and list go: that arrangement in which the images are largest.
const SIDE = 300, BELOW = 180, GAP = 8, CAPTION = 24; // pixels

function paneBoxes() {
  return [...document.querySelectorAll(".pane")];
}

// Every way to put `count` panes and the list into `wide` × `high` pixels, with the scale of the images in each.
function arrangements(count, wide, high, withList) {
  const found = [];
  for (let columns = count; columns >= 1; columns--) {
    const rows = Math.ceil(count / columns), free = columns * rows > count;
    for (const list of withList ? [...(free ? ["cell"] : []), "right", "below"] : ["none"]) {
      const w = (wide - (list === "right" ? SIDE + GAP : 0) - GAP * (columns - 1)) / columns;
      const h = (high - (list === "below" ? BELOW + GAP : 0) - GAP * (rows - 1)) / rows;
      if (list === "cell" && (w < SIDE || h < BELOW)) continue;
      found.push({ columns, rows, list, w, h, scale: Math.min((w - 2) / scene.width, (h - CAPTION) / scene.height) });
    }
  }
  return found;
}

function arrangePanes() {
  const holder = document.getElementById("panes"), side = document.getElementById("side");
  const shown = paneBoxes().filter((pane) => !pane.hidden), wide = holder.clientWidth - 2 * GAP, high = holder.clientHeight - 2 * GAP;
  side.hidden = !state.show.list;
  const all = arrangements(Math.max(1, shown.length), wide, high, state.show.list);
  const best = all.reduce((a, b) => (b.scale > a.scale * 1.01 ? b : a));
  const { columns, rows, list } = best;
  const paneHigh = Math.max(80, Math.min(best.h, Math.ceil(best.scale * scene.height) + CAPTION + 2));
  const needed = best.scale * scene.width * columns + GAP * columns;
  const sideWide = Math.round(Math.min(Math.max(SIDE, wide - needed), 460));
  holder.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))${list === "right" ? ` ${sideWide}px` : ""}`;
  holder.style.gridTemplateRows = list === "below"
    ? `repeat(${rows}, ${paneHigh}px) minmax(0, 1fr)` : `repeat(${rows}, minmax(0, 1fr))`;
  side.style.gridArea = list === "right" ? `1 / ${columns + 1} / ${rows + 1} / ${columns + 2}`
    : list === "below" ? `${rows + 1} / 1 / ${rows + 2} / ${columns + 1}` : `${rows} / ${columns}`;
  shown.forEach((pane, place) => {
    const spare = place === shown.length - 1 && list !== "cell" ? columns * rows - shown.length : 0;
    pane.style.gridArea = `${Math.floor(place / columns) + 1} / ${(place % columns) + 1} / auto / span ${1 + spare}`;
  });
  side.classList.toggle("wide", side.clientWidth > 620);
  redraw();
}
