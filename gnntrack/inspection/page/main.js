// Puts the page together and draws whenever something changed.
function buildPanes() {
  const holder = document.getElementById("panes");
  scene.panes.forEach((pane, index) => {
    const canvas = document.createElement("canvas");
    const caption = element("div", { className: "caption" }, `${pane.title} `, element("small", { textContent: pane.note }));
    holder.append(element("div", { className: "pane" }, canvas, caption));
    attachPointer(canvas, index);
  });
  new ResizeObserver(arrangePanes).observe(holder);
}

// Side by side or one above the other, whichever shows larger images.
function arrangePanes() {
  const holder = document.getElementById("panes"), { clientWidth: wide, clientHeight: high } = holder;
  const count = [...holder.children].filter((pane) => !pane.hidden).length || 1;
  const beside = Math.min(wide / count / scene.width, high / scene.height);
  const above = Math.min(wide / scene.width, high / count / scene.height);
  holder.style.flexDirection = beside >= above ? "row" : "column";
  redraw();
}

function buildHeader() {
  document.getElementById("name").textContent = scene.name;
  const facts = [`${scene.width} × ${scene.height}`, `${scene.last - scene.first + 1} frames`, `${scene.rate} frames/s`];
  facts.push(...scene.facts);
  document.getElementById("facts").textContent = facts.join("  ·  ");
}

function draw() {
  state.dirty = false;
  state.drawn++;
  const canvases = document.querySelectorAll("#panes canvas");
  scene.panes.forEach((pane, index) => {
    if (!canvases[index].parentElement.hidden) drawPane(canvases[index], pane, index);
  });
  drawTimeline();
  updatePanel();
  const slider = document.getElementById("slider"), number = document.getElementById("frame");
  slider.value = state.frame;
  if (document.activeElement !== number) number.value = state.frame;
}

function loop(now) {
  tick(now);
  if (state.dirty) draw();
  requestAnimationFrame(loop);
}

function startFrame() {
  const asked = Number(new URLSearchParams(location.hash.slice(1)).get("frame"));
  if (asked) goTo(asked);
}

buildHeader();
buildPanes();
buildControls();
buildErrors();
startFrame();
window.addEventListener("hashchange", startFrame);
draw();
document.body.dataset.ready = String(Math.round(performance.now()));
window.viewer = { scene, state, goTo, play, select, openError, draw, toScreen, middle, shownLinks };
requestAnimationFrame(loop);
