// The mouse on a pane: hover, select, pan, zoom.
function attachPointer(canvas, index) {
  const pane = scene.panes[index];
  let drag = null;

  canvas.addEventListener("pointerdown", (event) => {
    drag = { x: event.clientX, y: event.clientY, view: { ...state.view }, moved: false };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!drag) return hover(event);
    const dx = event.clientX - drag.x, dy = event.clientY - drag.y;
    if (Math.hypot(dx, dy) > 4) drag.moved = true;
    if (!drag.moved) return undefined;
    canvas.classList.add("drag");
    const scale = scaleOf(canvas);
    state.view.x = drag.view.x - dx / scale;
    state.view.y = drag.view.y - dy / scale;
    return redraw();
  });
  canvas.addEventListener("pointerup", (event) => {
    if (drag && !drag.moved) click(event);
    drag = null;
    canvas.classList.remove("drag");
  });
  canvas.addEventListener("pointerleave", () => {
    state.hover = null;
    showTip(null);
    redraw();
  });
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoomAt(canvas, event.offsetX, event.offsetY, Math.exp(-event.deltaY * 0.0015));
  }, { passive: false });

  function find(event) {
    const [x, y] = toImage(canvas, event.offsetX, event.offsetY), reach = 5 / scaleOf(canvas);
    if (scene.graph && pane.role === "tracks") {
      const link = linkAt(x, y, reach);
      if (link >= 0 && (selectedNode() >= 0 || state.show.links)) return { link };
    }
    const row = boxAt(pane.boxes, rowsOf(pane, state.frame), x, y);
    if (row >= 0) return { pane: index, row };
    if (pane.role === "tracks" && scene.graph) {
      const node = boxAt(scene.graph.node, nodesOf(state.frame), x, y);
      if (node >= 0 && scene.graph.node.track[node] < 0) return { pane: index, node };
    }
    return null;
  }

  function hover(event) {
    const found = find(event);
    if (JSON.stringify(found) !== JSON.stringify(state.hover)) redraw();
    state.hover = found;
    canvas.classList.toggle("over", Boolean(found));
    showTip(found && describe(found), event.clientX, event.clientY);
  }

  function click(event) {
    const found = find(event);
    if (!found) return select(null);
    if (found.link !== undefined) return undefined;
    return select({ pane: index, id: found.row !== undefined ? pane.boxes.id[found.row] : -1,
      node: found.row !== undefined ? pane.boxes.node[found.row] : found.node });
  }

  function describe(found) {
    if (found.link !== undefined) return tipOfLink(found.link);
    if (found.row !== undefined) return tipOfBox(pane, found.row);
    return [element("div", { textContent: `detection of no track\nscore ${scene.graph.node.conf[found.node].toFixed(2)}` })];
  }
}

// The smallest box that holds the point; −1: none.
function boxAt(boxes, [low, high], x, y) {
  let best = -1, least = Infinity;
  for (let row = low; row < high; row++) {
    const inside = x >= boxes.x[row] && x <= boxes.x[row] + boxes.w[row] && y >= boxes.y[row] && y <= boxes.y[row] + boxes.h[row];
    const area = boxes.w[row] * boxes.h[row];
    if (inside && area < least) [best, least] = [row, area];
  }
  return best;
}

function zoomAt(canvas, x, y, factor) {
  const [px, py] = toImage(canvas, x, y), before = state.view.zoom;
  state.view.zoom = Math.min(40, Math.max(0.5, before * factor));
  const ratio = before / state.view.zoom;
  state.view.x = px + (state.view.x - px) * ratio;
  state.view.y = py + (state.view.y - py) * ratio;
  redraw();
}
