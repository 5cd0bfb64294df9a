"""What a newcomer types, from the pages alone, and how long it takes: from an empty environment to a drawn video.

    python benchmarks/journeys.py [--environments FOLDER] [--only resume]

Makes two environments, one of them without torch, in FOLDER (default: a temporary one; those that are there are used),
and goes every way of the pages in an empty folder. Figures go to benchmarks/results/journeys.json and journeys.md.
Wall time means little while other programs run; the CPU seconds are those of the commands and all that they start.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from journey_steps import JOURNEYS, Journey, Step

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results"


class Environment:
    """A virtual environment, and commands typed in it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.log = folder, folder.parent / f"{folder.name}.log"
        path = f"{folder / 'bin'}:{os.environ['PATH']}"
        self.variables = {**os.environ, "PATH": path, "PYTHONNOUSERSITE": "1"}
        self.variables.pop("PYTHONPATH", None)

    def run(self, step: Step | str, place: Path) -> dict[str, Any]:
        """Types it, and says what it took; an error ends the script."""
        step = Step(step) if isinstance(step, str) else step
        words = [str(self.folder / "bin" / "python"), "-c", step.text] if step.python else ["bash", "-ec", step.text]
        at = ROOT if step.text.startswith("pip ") else place
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        with self.log.open("w+", encoding="utf-8") as log:
            process = subprocess.Popen(
                words, cwd=at, env=self.variables, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
            stopped = bool(step.interrupt) and self._interrupt(process, step.interrupt)
            code = process.wait()
        seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
        said = self.log.read_text(encoding="utf-8")
        if (code != 0) != stopped:
            raise SystemExit(f"{step.text}\n{said}\nended with {code}")
        busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        typed = step.text.strip() if not step.interrupt else f"{step.text}   # Ctrl-C at {step.interrupt!r}"
        return {"typed": typed, "seconds": round(seconds, 1), "cpu_seconds": round(busy, 1)}

    def _interrupt(self, process: subprocess.Popen[bytes], sign: str) -> bool:
        """Presses Ctrl-C once the sign stands in the output; whether it came to that."""
        while process.poll() is None:
            if sign in self.log.read_text(encoding="utf-8"):
                os.killpg(process.pid, signal.SIGINT)
                return True
            time.sleep(0.2)
        return False

    def size(self) -> int:
        """Megabytes."""
        return round(sum(path.lstat().st_size for path in self.folder.rglob("*") if path.is_file()) / 1e6)


def installed(folder: Path, light: bool) -> tuple[Environment, dict[str, Any] | None]:
    """The environment of a folder; made, and timed, where it is not there."""
    environment = Environment(folder)
    if (folder / "ready").exists():
        return environment, None
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    typed = (
        ["pip install -r requirements-light.txt", "pip install --no-deps ."]
        if light
        else ["pip install --constraint constraints.txt ."]
    )
    steps = [environment.run(text, folder) for text in [*typed, "gnntrack warmup"]]
    title = "Install without torch" if light else "Install"
    (folder / "ready").touch()
    return environment, {"title": title, "page": "README.md", "steps": steps, "megabytes": environment.size()}


def go(journey: Journey, environment: Environment) -> dict[str, Any]:
    """Goes one way in an empty folder."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        installs = [environment.run(step, folder) for step in journey.steps if step.text.startswith("pip ")]
        journey.prepare(folder, lambda text: environment.run(text, folder))
        steps = [environment.run(step, folder) for step in journey.steps if not step.text.startswith("pip ")]
        missing = [path for path in journey.leaves if not (folder / path).is_file()]
        if missing:
            raise SystemExit(f"{journey.title}: {missing} are missing")
    return {"title": journey.title, "page": journey.page, "steps": [*installs, *steps]}


def table(results: dict[str, dict[str, Any]], machine: str) -> str:
    """The journeys as Markdown: a summary, and what was typed."""
    lines = [
        "# Journeys",
        "",
        f"From `python benchmarks/journeys.py`, {machine}.",
        "",
        "| journey | page | lines typed | seconds | CPU seconds |",
        "|---|---|---|---|---|",
    ]
    for result in results.values():
        steps = result["steps"]
        count = sum(len([line for line in step["typed"].splitlines() if line]) for step in steps)
        seconds, busy = (round(sum(step[key] for step in steps), 1) for key in ("seconds", "cpu_seconds"))
        size = f" ({result['megabytes']} MB)" if "megabytes" in result else ""
        lines.append(f"| {result['title']}{size} | {result['page']} | {count} | {seconds} | {busy} |")
    for result in results.values():
        lines += ["", f"## {result['title']}", ""]
        for step in result["steps"]:
            language = "python" if "\n" in step["typed"] else "sh"
            took = f"{step['seconds']} s, {step['cpu_seconds']} s of a CPU:"
            lines += [took, "", f"```{language}", step["typed"], "```", ""]
        lines.pop()
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--environments", type=Path, help="where environments are made, or are already")
    parser.add_argument("--only", action="append", choices=[journey.key for journey in JOURNEYS], help="go these alone")
    arguments = parser.parse_args()
    place = arguments.environments or Path(tempfile.mkdtemp())
    place.mkdir(parents=True, exist_ok=True)
    path = RESULTS / "journeys.json"
    kept = json.loads(path.read_text())["journeys"] if path.exists() else {}
    environments = {}
    for light, key in ((False, "install"), (True, "install-light")):
        environments[light], made = installed((place / ("light" if light else "full")).resolve(), light)
        if made is not None:
            kept[key] = made
            write(kept)
    for journey in JOURNEYS:
        if not arguments.only or journey.key in arguments.only:
            kept[journey.key] = go(journey, environments[journey.light])
            write(kept)


def write(kept: dict[str, dict[str, Any]]) -> None:
    """Writes what is known so far, in the order of the ways."""
    order = ["install", "install-light", *(each.key for each in JOURNEYS)]
    ordered = {key: kept[key] for key in order if key in kept}
    load = f"{os.getloadavg()[0]:.0f}"
    machine = f"Python {platform.python_version()}, {os.cpu_count()} CPUs, load average {load}"
    (RESULTS / "journeys.json").write_text(json.dumps({"machine": machine, "journeys": ordered}, indent=1) + "\n")
    (RESULTS / "journeys.md").write_text(table(ordered, machine))


if __name__ == "__main__":
    main()
