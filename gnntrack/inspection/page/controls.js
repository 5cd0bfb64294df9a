// Buttons, slider, and the clock that plays.
const TOGGLES = { trails: "t", labels: "i", links: "l", errors: "e", images: "m", list: "b" };

function step(frames) {
  play(false);
  goTo(state.frame + frames);
}

function zoomAll(factor) {
  state.view.zoom = Math.min(40, Math.max(0.5, state.view.zoom * factor));
  redraw();
}

// Moves the image by a tenth of what is seen of it.
function pan(right, down) {
  state.view.x += (right * 0.1 * scene.width) / state.view.zoom;
  state.view.y += (down * 0.1 * scene.height) / state.view.zoom;
  redraw();
}

function resetView() {
  Object.assign(state.view, { zoom: 1, x: scene.width / 2, y: scene.height / 2 });
  redraw();
}

let clock = { start: 0, frame: 0 };
function play(on) {
  if (on && state.frame >= scene.last) goTo(scene.first);
  state.playing = on;
  clock = { start: performance.now(), frame: state.frame };
  document.getElementById("play").textContent = on ? "❚❚" : "▶";
  redraw();
}

// Frames follow the clock, so a slow machine skips some rather than falling behind.
function tick(now) {
  if (!state.playing) return;
  const frame = clock.frame + Math.floor(((now - clock.start) / 1000) * scene.rate * state.speed);
  if (frame === state.frame) return;
  goTo(frame);
  if (frame >= scene.last) play(false);
}

function buildControls() {
  const slider = document.getElementById("slider"), number = document.getElementById("frame");
  Object.assign(slider, { min: scene.first, max: scene.last, value: state.frame });
  Object.assign(number, { min: scene.first, max: scene.last, value: state.frame });
  slider.oninput = () => { play(false); goTo(Number(slider.value)); };
  number.onchange = () => { play(false); goTo(Number(number.value)); };
  document.getElementById("play").onclick = () => play(!state.playing);
  document.getElementById("back").onclick = () => step(-1);
  document.getElementById("forward").onclick = () => step(1);
  document.getElementById("box-close").onclick = () => select(null);
  document.getElementById("speed").onchange = (event) => {
    state.speed = Number(event.target.value);
    play(state.playing);
  };
  buildToggles();
  const strip = document.getElementById("timeline");
  const seek = (event) => {
    play(false);
    goTo(scene.first + Math.floor((event.offsetX - 10) / frameWidth(strip)));
  };
  strip.addEventListener("pointerdown", (event) => { strip.setPointerCapture(event.pointerId); seek(event); });
  strip.addEventListener("pointermove", (event) => { if (event.buttons) seek(event); });
}

function buildToggles() {
  const has = { links: Boolean(scene.graph), images: Boolean(scene.images), errors: scene.errors.length > 0 };
  for (const [name, key] of Object.entries(TOGGLES)) {
    if (has[name] === false) continue;
    addToggle(name, key, state.show[name], `Show ${name}`, (on) => { state.show[name] = on; }).dataset.toggle = name;
  }
  if (scene.panes.length < 2) return;
  scene.panes.forEach((pane, index) => {
    addToggle(pane.title, String(index + 1), true, "Show this side", (on) => {
      const panes = paneBoxes();
      panes[index].hidden = !on;
      if (panes.every((box) => box.hidden)) panes[index].hidden = false; // one stays
      return !panes[index].hidden;
    });
  });
}

// A button that stays pressed, and its key. `change` may answer what became of it.
function addToggle(name, key, on, title, change) {
  const button = element("button", { textContent: name, title: `${title} (${key})` });
  button.setAttribute("aria-pressed", String(on));
  button.onclick = () => {
    const wanted = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(change(wanted) ?? wanted));
    arrangePanes();
  };
  KEYS[key] = [key, `${name} on or off`, () => button.click()];
  document.getElementById("toggles").append(button);
  return button;
}
