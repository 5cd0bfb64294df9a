// Candidate links: those of the selected or hovered box, or all that end in this frame.

// The links that are drawn now.
function shownLinks() {
  if (!scene.graph) return [];
  const node = selectedNode();
  if (node >= 0) return [...linksInto(node), ...linksOutOf(node)];
  const hovered = hoveredNode();
  if (hovered >= 0 && !state.playing && !state.show.links) return [...linksInto(hovered), ...linksOutOf(hovered)];
  if (!state.show.links) return [];
  const [low, high] = nodesOf(state.frame);
  const links = [];
  for (let n = low; n < high; n++) for (const link of linksInto(n)) if (strengthOf(link) > 0.03) links.push(link);
  return links;
}

function hoveredNode() {
  const hover = state.hover;
  if (!hover || !scene.graph) return -1;
  if (hover.node !== undefined) return hover.node;
  return hover.row !== undefined ? scene.panes[hover.pane].boxes.node[hover.row] : -1;
}

// A score where there is one; else nearer in time is stronger.
function strengthOf(link) {
  const { link: l, node } = scene.graph;
  return scene.graph.scored ? l.score[link] : 0.6 / (node.frame[l.target[link]] - node.frame[l.source[link]]);
}

function middle(n) {
  const node = scene.graph.node;
  return [node.x[n] + node.w[n] / 2, node.y[n] + node.h[n] / 2];
}

function drawLinks(pen, px) {
  const links = shownLinks();
  const centre = selectedNode() >= 0 ? selectedNode() : hoveredNode();
  const { link: l, node } = scene.graph;
  if (selectedNode() >= 0) drawGhosts(pen, links, centre, px);
  for (const link of links.sort((a, b) => strengthOf(a) - strengthOf(b))) {
    const [x1, y1] = middle(l.source[link]), [x2, y2] = middle(l.target[link]);
    const strength = strengthOf(link), isHover = state.hover && state.hover.link === link;
    pen.strokeStyle = isHover ? "#ffffff" : isChosen(link) ? "#2dd4bf" : scene.graph.labelled && isTrue(link) ? "#7ee787" : "#f2a65a";
    pen.globalAlpha = isHover ? 1 : 0.25 + 0.75 * strength;
    pen.lineWidth = (isHover ? 4 : 1 + 3 * strength) * px;
    pen.setLineDash(isChosen(link) ? [] : [6 * px, 4 * px]);
    pen.beginPath();
    pen.moveTo(x1, y1);
    pen.lineTo(x2, y2);
    pen.stroke();
    pen.setLineDash([]);
    pen.fillStyle = pen.strokeStyle;
    const far = l.source[link] === centre ? [x2, y2] : [x1, y1];
    pen.beginPath();
    pen.arc(far[0], far[1], 3 * px, 0, 7);
    pen.fill();
  }
  pen.globalAlpha = 1;
}

// The boxes at the other ends of the selected box's strongest links, as they were in their own frames.
function drawGhosts(pen, links, centre, px) {
  const { link: l, node } = scene.graph;
  pen.font = `${10.5 * px}px system-ui, sans-serif`;
  pen.textBaseline = "top";
  pen.lineWidth = 1 * px;
  const ends = links.map((link) => [l.source[link] === centre ? l.target[link] : l.source[link], strengthOf(link)]);
  const pointed = state.hover && state.hover.link !== undefined ? links.indexOf(state.hover.link) : -1;
  const shown = pointed >= 0 ? [[ends[pointed][0], 1]] : ends.sort((a, b) => b[1] - a[1]).slice(0, 4);
  for (const [n, strength] of shown) {
    pen.globalAlpha = 0.3 + 0.6 * strength;
    pen.strokeStyle = pen.fillStyle = colourOf(node.track[n]);
    pen.setLineDash([2 * px, 3 * px]);
    pen.strokeRect(node.x[n], node.y[n], node.w[n], node.h[n]);
    if (pointed >= 0) pen.fillText(`frame ${node.frame[n]}`, node.x[n], node.y[n] + node.h[n] + 2 * px);
  }
  pen.setLineDash([]);
  pen.globalAlpha = 1;
}

// The drawn link nearest to a image point, within `reach` image pixels; -1: none.
function linkAt(x, y, reach) {
  const { link: l } = scene.graph || {};
  let best = -1, least = reach;
  for (const link of shownLinks()) {
    const [x1, y1] = middle(l.source[link]), [x2, y2] = middle(l.target[link]);
    const dx = x2 - x1, dy = y2 - y1, length = dx * dx + dy * dy;
    const along = length ? Math.min(1, Math.max(0, ((x - x1) * dx + (y - y1) * dy) / length)) : 0;
    const distance = Math.hypot(x - x1 - along * dx, y - y1 - along * dy);
    if (distance < least) [best, least] = [link, distance];
  }
  return best;
}

function describeLink(link) {
  const { link: l, node, scored, labelled } = scene.graph;
  const s = l.source[link], t = l.target[link];
  const name = (n) => (node.track[n] < 0 ? "no track" : `track ${node.track[n]}`);
  const lines = [`frame ${node.frame[s]} (${name(s)}) → frame ${node.frame[t]} (${name(t)})`];
  lines.push(scored ? `score ${l.score[link].toFixed(3)}` : "candidate, not scored");
  lines.push(isChosen(link) ? "chosen by the tracker" : "not chosen");
  if (labelled) lines.push(isTrue(link) ? "true, says the ground truth" : "false, says the ground truth");
  return [...lines, ...listFeatures(link)].join("\n");
}

// Every feature by which the model judged a link, two in a line.
function listFeatures(link) {
  const { features } = scene.graph;
  if (!features) return [];
  const count = features.names.length;
  const said = features.names.map((name, place) => `${name} ${features.values[link * count + place].toFixed(2)}`);
  const rows = [""];
  for (let place = 0; place < count; place += 2) rows.push(said.slice(place, place + 2).join(" · "));
  return rows;
}
