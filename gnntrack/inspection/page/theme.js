// Light or dark: as the system says, or as the button said last. The style sheet has the colours, also those of panes.
const CANVAS_COLOURS = ["panel", "void", "ground", "frame", "cursor", "untracked", "chosen", "true", "rival", ...Object.keys(KINDS)];
const system = matchMedia("(prefers-color-scheme: dark)");
const theme = { name: "light", colours: {}, identities: [] };

function remembered() {
  try {
    const name = localStorage.getItem("gnntrack-theme");
    return ["light", "dark"].includes(name) ? name : null;
  } catch {
    return null; // a browser that keeps nothing for files
  }
}

function remember(name) {
  try {
    localStorage.setItem("gnntrack-theme", name);
  } catch {
    // it holds until the page is closed
  }
}

function applyTheme(name) {
  const root = document.documentElement, probe = document.getElementById("theme-button");
  theme.name = name;
  root.dataset.theme = name;
  for (const key of CANVAS_COLOURS) {
    probe.style.color = `var(--${key})`;
    theme.colours[key] = getComputedStyle(probe).color;
  }
  probe.style.color = "";
  theme.identities = scene.palette[name];
  const other = name === "dark" ? "light" : "dark";
  probe.textContent = name === "dark" ? "☀" : "☾";
  probe.title = `${other[0].toUpperCase()}${other.slice(1)} colours (c)`;
  probe.setAttribute("aria-label", `Use ${other} colours`);
  backdrop = null;
  redraw();
}

function switchTheme() {
  const name = theme.name === "dark" ? "light" : "dark";
  remember(name);
  applyTheme(name);
}

function buildTheme() {
  const follow = () => applyTheme(remembered() || (system.matches ? "dark" : "light"));
  follow();
  system.addEventListener("change", follow);
  document.getElementById("theme-button").onclick = switchTheme;
}
