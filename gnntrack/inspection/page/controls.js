// Buttons, slider, keyboard, and the clock that plays.
const TOGGLES = { trails: "t", labels: "i", links: "l", errors: "e", images: "m" };
const KEYS = {
  " ": ["space", "play or pause", () => play(!state.playing)],
  ArrowLeft: ["← →", "one frame back or on (shift: ten)", (event) => step(event.shiftKey ? -10 : -1)],
  ArrowRight: [null, null, (event) => step(event.shiftKey ? 10 : 1)],
  Home: ["Home End", "first or last frame", () => goTo(scene.first)],
  End: [null, null, () => goTo(scene.last)],
  n: ["n p", "next or previous error", () => stepError(1)],
  p: [null, null, () => stepError(-1)],
  "+": ["+ − 0", "zoom in, out, whole image", () => zoomAll(1.25)],
  "=": [null, null, () => zoomAll(1.25)],
  "-": [null, null, () => zoomAll(0.8)],
  0: [null, null, () => resetView()],
  Escape: ["Esc", "deselect", () => select(null)],
  "?": ["?", "these keys", () => document.getElementById("help").showModal()],
};

function step(frames) {
  play(false);
  goTo(state.frame + frames);
}

function zoomAll(factor) {
  state.view.zoom = Math.min(40, Math.max(0.5, state.view.zoom * factor));
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
  document.getElementById("help-button").onclick = () => document.getElementById("help").showModal();
  document.getElementById("speed").onchange = (event) => {
    state.speed = Number(event.target.value);
    play(state.playing);
  };
  buildToggles();
  document.getElementById("keys").replaceChildren(...Object.values(KEYS).filter(([name]) => name).flatMap(
    ([name, what]) => [element("dt", { textContent: name }), element("dd", { textContent: what })]));
  document.addEventListener("keydown", onKey);
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
    const button = element("button", { textContent: name, title: `Show ${name} (${key})` });
    button.dataset.toggle = name;
    button.setAttribute("aria-pressed", String(state.show[name]));
    button.onclick = () => {
      state.show[name] = !state.show[name];
      button.setAttribute("aria-pressed", String(state.show[name]));
      redraw();
    };
    KEYS[key] = [key, `${name} on or off`, () => button.click()];
    document.getElementById("toggles").append(button);
  }
  if (scene.panes.length < 2) return;
  scene.panes.forEach((pane, index) => {
    if (index === 0) return;
    const key = String(index + 1);
    const button = element("button", { textContent: pane.title, title: `Show this side (${key})` });
    button.setAttribute("aria-pressed", "true");
    button.onclick = () => {
      const box = document.getElementById("panes").children[index];
      box.hidden = !box.hidden;
      button.setAttribute("aria-pressed", String(!box.hidden));
      arrangePanes();
    };
    KEYS[key] = [key, `${pane.title} on or off`, () => button.click()];
    document.getElementById("toggles").append(button);
  });
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches('input[type="number"], select') || document.getElementById("help").open) return;
  const known = KEYS[event.key];
  if (!known) return;
  event.preventDefault();
  if (event.target.matches("button")) event.target.blur();
  known[2](event);
}
