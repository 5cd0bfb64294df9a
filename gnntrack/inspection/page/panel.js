// The selected box: what it is, and the candidate links into and out of it with their scores.
let panelFor = "";

function updatePanel() {
  const panel = document.getElementById("box-panel"), chosen = state.selected;
  const key = chosen ? `${chosen.pane} ${chosen.id} ${chosen.node} ${state.frame}` : "";
  if (key === panelFor) return;
  panelFor = key;
  const held = panel.contains(document.activeElement) && document.activeElement.classList.contains("link");
  panel.hidden = !chosen;
  if (!chosen) return;
  const pane = scene.panes[chosen.pane], row = selectedRow(), node = selectedNode();
  const what = pane.role === "truth" ? "Object" : "Track";
  document.getElementById("box-title").textContent = chosen.id < 0 ? "Detection of no track" : `${what} ${chosen.id}`;
  const facts = [["in", pane.title]];
  if (row >= 0) facts.push(...factsOfBox(pane, row));
  else if (chosen.id >= 0) facts.push(["frame", `not in frame ${state.frame}`]);
  if (node >= 0) facts.push(["detection", `score ${scene.graph.node.conf[node].toFixed(2)}`]);
  document.getElementById("box-facts").replaceChildren(
    ...facts.flatMap(([name, value]) => [element("dt", { textContent: name }), element("dd", { textContent: value })]));
  const troubles = errorsAround(state.frame).filter((error) => chosen.id >= 0 && concerns(error, pane, chosen.id)).map((error) =>
    element("p", { className: "trouble" }, sign(error.kind), `${KINDS[error.kind][0]}: ${error.why}`));
  document.getElementById("box-links").replaceChildren(...troubles, ...(node >= 0 ? listLinks(node) : []));
  if (held) focusLinks(); // the list that had the keyboard's focus is another now
}

function focusLinks() {
  const links = [...document.querySelectorAll("#box-links .link")];
  const link = links.find((row) => row.classList.contains("chosen")) || links[0];
  if (link) link.focus();
}

function concerns(error, pane, id) {
  if (pane.role === "truth") return error.object === id;
  return pane.role === "tracks" && (error.track === id || error.previous === id);
}

function factsOfBox(pane, row) {
  const b = pane.boxes;
  let first = row, last = row, count = 1;
  for (; b.prev[first] >= 0; first = b.prev[first]) count++;
  for (; b.next[last] >= 0; last = b.next[last]) count++;
  const box = [b.x, b.y, b.w, b.h].map((column) => column[row].toFixed(1)).join("  ");
  return [["box", box], ["seen", `frames ${b.frame[first]}–${b.frame[last]}, ${count} boxes`]];
}

function listLinks(node) {
  const byStrength = (a, b) => strengthOf(b) - strengthOf(a);
  const sides = [["Where it came from", linksInto(node), "source"], ["Where it goes", linksOutOf(node), "target"]];
  return sides.flatMap(([title, links, end]) => [
    element("h3", { textContent: `${title}: ${links.length ? "the strongest candidates" : "no candidate"}` }),
    ...worthShowing(links.sort(byStrength)).map((link) => linkRow(link, scene.graph.link[end][link])),
  ]);
}

// The four strongest, and others up to ten that are chosen, true or not hopeless.
function worthShowing(links) {
  return links.filter((link, place) => place < 4 || isChosen(link) || isTrue(link) || strengthOf(link) >= 0.01).slice(0, 10);
}

function linkRow(link, other) {
  const { node, link: l, scored, labelled } = scene.graph;
  const text = element("span", {}, `frame ${node.frame[other]} · ${trackName(other)}`);
  if (isChosen(link)) text.append(element("span", { className: "mark", textContent: "  ✓ chosen" }));
  if (labelled && isTrue(link)) text.append(element("span", { className: "true", textContent: "  ■ true" }));
  const row = element("button", { className: `link${isChosen(link) ? " chosen" : ""}` }, text, bar(scored ? l.score[link] : 0),
    element("span", { className: "score", textContent: scored ? l.score[link].toFixed(2) : "–" }));
  row.dataset.link = String(link);
  row.setAttribute("aria-describedby", "tip");
  const point = (event) => {
    state.hover = { link };
    if (event.type === "focus") showTipBeside(tipOfLink(link), row);
    else showTip(tipOfLink(link), event.clientX, event.clientY);
    redraw();
  };
  const leave = () => { state.hover = null; showTip(null); redraw(); };
  row.onmouseenter = row.onfocus = point;
  row.onmouseleave = row.onblur = leave;
  row.onclick = () => {
    leave();
    goTo(node.frame[other]);
    select({ pane: scene.panes.findIndex((pane) => pane.role === "tracks"), id: node.track[other], node: other });
  };
  return row;
}
