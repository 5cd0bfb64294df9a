// Puts the page together and draws whenever something changed.
function buildPanes() {
  const holder = document.getElementById("panes"), side = document.getElementById("side");
  scene.panes.forEach((pane, index) => {
    const canvas = document.createElement("canvas");
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "img");
    canvas.onfocus = () => { state.pane = index; redraw(); };
    const caption = element("div", { className: "caption" }, `${pane.title} `, element("small", { textContent: pane.note }));
    holder.insertBefore(element("div", { className: "pane" }, caption, element("div", { className: "view" }, canvas)), side);
    attachPointer(canvas, index);
  });
  new ResizeObserver(arrangePanes).observe(holder);
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
  const canvases = document.querySelectorAll("#panes canvas"), panes = paneBoxes();
  scene.panes.forEach((pane, index) => {
    if (panes[index].hidden) return;
    drawPane(canvases[index], pane, index);
    if (!state.playing) canvases[index].setAttribute("aria-label", `${pane.title}, frame ${state.frame}: ${rowsNow(pane).length} boxes`);
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
buildTheme();
buildControls();
buildHelp();
buildErrors();
startFrame();
window.addEventListener("hashchange", startFrame);
arrangePanes();
draw();
document.body.dataset.ready = String(Math.round(performance.now()));
window.viewer = { scene, state, theme, KEYS, KINDS, colourOf, dashOf, goTo, play, select, openError, draw, toScreen, middle, shownLinks, marginOf };
requestAnimationFrame(loop);
