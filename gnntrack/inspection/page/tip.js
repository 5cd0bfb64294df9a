// What is told of a link or a box under the mouse, or in the keyboard's focus: score, rivals, margin, features.
const MOST_RIVALS = 8;

function trackName(n) {
  const track = scene.graph.node.track[n];
  return track < 0 ? "no track" : `track ${track}`;
}

function describeLink(link) {
  const { link: l, node, scored, labelled } = scene.graph;
  const s = l.source[link], t = l.target[link];
  const lines = [`frame ${node.frame[s]} (${trackName(s)}) → frame ${node.frame[t]} (${trackName(t)})`];
  lines.push(scored ? `score ${l.score[link].toFixed(3)}` : "candidate, not scored");
  lines.push(isChosen(link) ? "chosen by the tracker" : "not chosen");
  if (labelled) lines.push(isTrue(link) ? "true, says the ground truth" : "false, says the ground truth");
  return lines.join("\n");
}

// Every feature by which the model judged a link, two in a line.
function listFeatures(link) {
  const { features } = scene.graph;
  if (!features) return "";
  const count = features.names.length;
  const said = features.names.map((name, place) => `${name} ${features.values[link * count + place].toFixed(2)}`);
  const rows = [];
  for (let place = 0; place < count; place += 2) rows.push(said.slice(place, place + 2).join(" · "));
  return rows.join("\n");
}

function bar(share) {
  const fill = element("i");
  fill.style.width = `${Math.round(100 * share)}%`;
  return element("span", { className: "bar" }, fill);
}

// The candidates that compete with a link, the strongest first; a triangle marks the link, a tick the one that was made.
function listRivals(link) {
  const { link: l, node, scored } = scene.graph;
  const all = withRivals(link), shown = all.filter((other, place) => place < MOST_RIVALS || other === link || isChosen(other));
  const rows = shown.map((other) => {
    const sameEnd = l.target[other] === l.target[link], far = sameEnd ? l.source[other] : l.target[other];
    const name = `${sameEnd ? "from" : "to"} frame ${node.frame[far]}, ${trackName(far)}`;
    const text = element("span", {}, name);
    if (isChosen(other)) text.append(element("span", { className: "mark", textContent: " ✓ chosen" }));
    const row = element("div", { className: `link${isChosen(other) ? " chosen" : ""}` },
      element("span", { textContent: other === link ? "▸" : "" }), text, bar(scored ? l.score[other] : 0),
      element("span", { className: "score", textContent: scored ? l.score[other].toFixed(3) : "–" }));
    row.dataset.rival = String(other);
    return row;
  });
  const margin = marginOf(link);
  const told = margin === null ? (all.length > 1 ? "not scored: no margin" : "no rival")
    : `margin ${margin < 0 ? "−" : "+"}${Math.abs(margin).toFixed(3)} ${margin < 0 ? "to" : "over"} the best rival`;
  const line = element("div", { className: "margin", textContent: told });
  return [element("h3", { textContent: "Candidates at its two ends" }), ...rows, line];
}

function tipOfLink(link) {
  return [element("div", { textContent: describeLink(link) }), ...listRivals(link),
    element("div", { className: "features", textContent: listFeatures(link) })];
}

function tipOfBox(pane, row) {
  const b = pane.boxes, id = b.id[row], what = pane.role === "truth" ? "object" : "track";
  const score = pane.role === "truth" ? "" : `\nscore ${b.conf[row].toFixed(2)}`;
  const link = scene.graph && b.node[row] >= 0 ? linkOf(b.node[row]) : -1;
  return [element("div", { textContent: `${what} ${id < 0 ? "unknown" : id}${score}` }), ...(link < 0 ? [] : listRivals(link))];
}

// Shows the tip at a point of the window; without content it goes.
function showTip(content, x = 0, y = 0) {
  const tip = document.getElementById("tip");
  tip.hidden = !content;
  if (!content) return;
  tip.replaceChildren(...content);
  tip.style.left = `${Math.max(4, Math.min(x + 14, window.innerWidth - tip.offsetWidth - 8))}px`;
  const below = y + 14, fits = below + tip.offsetHeight + 8 <= window.innerHeight;
  tip.style.top = `${fits ? below : Math.max(4, Math.min(y - tip.offsetHeight - 14, window.innerHeight - tip.offsetHeight - 8))}px`;
}

// Shows the tip at the right of an element, or at its left where there is no room, so that the element stays in sight.
function showTipBeside(content, at) {
  const { left, right, top } = at.getBoundingClientRect(), tip = document.getElementById("tip");
  showTip(content, right, top);
  if (right + 14 + tip.offsetWidth > window.innerWidth) tip.style.left = `${Math.max(4, left - tip.offsetWidth - 14)}px`;
}
