// Candidate links: those of the selected or hovered box, or all that end in this frame; and the rivals of each.

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

// A link and all others that have one of its ends: of these at most one can be made at each end. The strongest first.
function withRivals(link) {
  const { link: l } = scene.graph;
  const all = new Set([...linksInto(l.target[link]), ...linksOutOf(l.source[link])]);
  return [...all].sort((a, b) => strengthOf(b) - strengthOf(a));
}

// How much more probable a link is than the best other one at either of its ends; null: it has no rival, or no score.
function marginOf(link) {
  const rival = withRivals(link).find((other) => other !== link);
  return rival === undefined || !scene.graph.scored ? null : strengthOf(link) - strengthOf(rival);
}

// The link that brought a track to this node; where none did, the strongest candidate; -1: there is none.
function linkOf(node) {
  const links = linksInto(node).sort((a, b) => strengthOf(b) - strengthOf(a));
  return links.find(isChosen) ?? links[0] ?? -1;
}

function middle(n) {
  const node = scene.graph.node;
  return [node.x[n] + node.w[n] / 2, node.y[n] + node.h[n] / 2];
}

// Draws links: made ones solid, others dashed; at the far end a square where the annotations say true, a cross where a
// made link is false, else a dot. Returns notes for the labels.
function drawLinks(pen, px) {
  const links = shownLinks();
  const centre = selectedNode() >= 0 ? selectedNode() : hoveredNode();
  const { link: l, labelled } = scene.graph;
  const notes = selectedNode() >= 0 ? drawGhosts(pen, links, centre, px) : [];
  for (const link of links.sort((a, b) => strengthOf(a) - strengthOf(b))) {
    const [x1, y1] = middle(l.source[link]), [x2, y2] = middle(l.target[link]);
    const strength = strengthOf(link), isHover = Boolean(state.hover) && state.hover.link === link;
    const told = labelled && isTrue(link) ? "true" : "rival";
    pen.strokeStyle = pen.fillStyle = isHover ? theme.colours.cursor : theme.colours[isChosen(link) ? "chosen" : told];
    pen.globalAlpha = isHover ? 1 : 0.4 + 0.6 * strength;
    pen.lineWidth = (isHover ? 4 : 1 + 3 * strength) * px;
    pen.setLineDash(isChosen(link) ? [] : [6 * px, 4 * px]);
    pen.beginPath();
    pen.moveTo(x1, y1);
    pen.lineTo(x2, y2);
    pen.stroke();
    pen.setLineDash([]);
    const [x, y] = l.source[link] === centre ? [x2, y2] : [x1, y1];
    pen.beginPath();
    if (labelled && isTrue(link)) pen.fillRect(x - 3.5 * px, y - 3.5 * px, 7 * px, 7 * px);
    else if (labelled && isChosen(link)) drawCross(pen, x, y, 4 * px, 2.5 * px);
    else pen.arc(x, y, 3 * px, 0, 7);
    pen.fill();
  }
  pen.globalAlpha = 1;
  return notes;
}

function drawCross(pen, x, y, reach, width) {
  pen.lineWidth = width;
  pen.moveTo(x - reach, y - reach);
  pen.lineTo(x + reach, y + reach);
  pen.moveTo(x - reach, y + reach);
  pen.lineTo(x + reach, y - reach);
  pen.stroke();
}

// The boxes at the other ends of the selected box's strongest links, as they were in their own frames.
function drawGhosts(pen, links, centre, px) {
  const { link: l, node } = scene.graph;
  pen.lineWidth = 1 * px;
  const ends = links.map((link) => [l.source[link] === centre ? l.target[link] : l.source[link], strengthOf(link)]);
  const pointed = state.hover && state.hover.link !== undefined ? links.indexOf(state.hover.link) : -1;
  const shown = pointed >= 0 ? [[ends[pointed][0], 1]] : ends.sort((a, b) => b[1] - a[1]).slice(0, 4);
  pen.setLineDash([2 * px, 3 * px]);
  for (const [n, strength] of shown) {
    pen.globalAlpha = 0.4 + 0.6 * strength;
    pen.strokeStyle = colourOf(node.track[n]);
    pen.strokeRect(node.x[n], node.y[n], node.w[n], node.h[n]);
  }
  pen.setLineDash([]);
  pen.globalAlpha = 1;
  return pointed < 0 ? [] : shown.map(([n]) => (
    { text: `frame ${node.frame[n]}`, colour: theme.colours.untracked, row: -1, box: { x: node.x[n], y: node.y[n], w: node.w[n], h: node.h[n] }, key: `ghost ${n}` }));
}

// The drawn link nearest to an image point, within `reach` image pixels; -1: none.
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
