"""How fast networks learn: an earlier version and this one, one process and two, alternating in one run.

    git worktree add BEFORE COMMIT
    python benchmarks/training_speed.py --before BEFORE
    python benchmarks/training_speed.py --before BEFORE --only relinking smoothing   # the other rows stay

Trains the stages of the shipped recipes on simulated scenes, which both versions read from the same file. Steps are
timed on the clock and in processor time, a thread a process; each way is started anew for every round, and of its
rounds the median counts. The first steps of each are not timed. Relinking and smoothing learn from what the shipped
weights track: how long a clip or video takes to track is timed as well. Besides, what each part of a step of the
window network costs, before and now. Writes benchmarks/results/training_speed.json and .md.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from training_runs import FEW, STEPS, TRACKS, learn, measure_parts, write_scenes
from training_tables import LONG, joined, page, read, write

#: Ways to train: the kind of stage, which version, and options of its run.
WAYS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "association, before": ("association", "before", {}),
    "association": ("association", "now", {}),
    "association, 2 processes": ("association", "now", {"devices": "2"}),
    "window, before": ("window", "before", {}),
    "window": ("window", "now", {}),
    "window, 1 worker": ("window", "now", {"workers": 1}),
    "window, 2 processes": ("window", "now", {"devices": "2"}),
    "relinking, before": ("relinking", "before", {}),
    "relinking": ("relinking", "now", {}),
    "relinking, 2 processes": ("relinking", "now", {"devices": "2"}),
    "smoothing, before": ("smoothing", "before", {}),
    "smoothing": ("smoothing", "now", {}),
    "smoothing, 2 processes": ("smoothing", "now", {"devices": "2"}),
}
#: What a short training prints: seconds a step, and each clip or video that a process tracks before.
_PRINTED = re.compile(r"(step|tracked) (\[[^\[\]]*\])")


def child(version: str, path: Path, places: dict[str, Path], *arguments: str) -> str:
    """What this script prints with one of the versions and a thread."""
    paths = os.pathsep.join([str(places[version]), str(Path(__file__).parent)])
    environment = os.environ | {"PYTHONPATH": paths, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    command = [sys.executable, __file__, "--scenes", str(path), *arguments]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout


def timed(way: str, scenes: dict[str, Path], places: dict[str, Path], more: list[str]) -> dict[str, dict[str, float]]:
    """Seconds on the clock, and of the busiest process's processor time: of a step, and of what is tracked before."""
    kind, version, options = WAYS[way]
    printed = child(version, scenes[kind], places, "--learn", kind, "--options", json.dumps(options), *more)
    found: dict[str, dict[str, float]] = {}
    for what in ("step", "tracked"):
        # two processes may share a line; of what they track, each does its part
        pairs = [json.loads(pair) for name, pair in _PRINTED.findall(printed) if name == what]
        parts = int(options.get("devices", 1)) if what == "tracked" else 1
        if pairs:
            clock, processor = (max(column) / parts for column in zip(*pairs, strict=True))
            found[what] = {"clock": clock, "processor": processor}
    return found


def measure(before: Path, kinds: list[str], count: int, small: bool) -> Iterator[dict[str, Any]]:
    """Yields the result after each round: seconds of each way, and of the parts of a step of the window network."""
    places = {"before": before.resolve(), "now": Path(__file__).parents[1]}
    commit = ["git", "-C", str(before), "rev-parse", "--short", "HEAD"]
    result = {
        "before": subprocess.run(commit, check=True, capture_output=True, text=True).stdout.strip(),
        "cores": os.cpu_count(),
        **{what: {} for what in ("load", "seconds per step", "seconds tracked", "parts")},
    }
    more = ["--small"] if small else []
    with tempfile.TemporaryDirectory() as folder:
        short, long = Path(folder) / "short.npz", Path(folder) / "long.npz"
        write_scenes(short, 4, 300)
        write_scenes(long, 4, 80 if small else LONG)
        scenes = {kind: long if kind in TRACKS else short for kind in kinds}
        for number in range(count):
            for kind in kinds:
                result["load"].setdefault(kind, []).append(os.getloadavg()[0])
                for way in [way for way, (learned, _, _) in WAYS.items() if learned == kind]:
                    found = timed(way, scenes, places, more)
                    print(number + 1, way, found, flush=True)
                    result["seconds per step"].setdefault(way, []).append(found["step"])
                    if "tracked" in found:
                        result["seconds tracked"].setdefault(way, []).append(found["tracked"])
            for version in places if "window" in kinds else ():
                costs = json.loads(child(version, short, places, "--parts", *more))
                print(number + 1, version, costs, flush=True)
                result["parts"].setdefault(version, []).append(costs)
            yield result


def main() -> None:
    """Measures, or is one of those that are measured."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--before", type=Path, help="a checkout of the earlier version")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="+", choices=STEPS, default=list(STEPS), help="measure these stages anew")
    parser.add_argument("--small", action="store_true", help="a little of everything: shows the page, writes nothing")
    parser.add_argument("--page", action="store_true", help="write the page again, of the figures that are there")
    parser.add_argument("--learn", help=argparse.SUPPRESS)
    parser.add_argument("--parts", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--scenes", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--options", type=json.loads, default={}, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.parts:
        measure_parts(given.scenes, FEW if given.small else STEPS["window"])
    elif given.learn:
        learn(given.scenes, given.learn, given.options, FEW if given.small else STEPS[given.learn])
    elif given.page:
        write(read())
    elif given.before is None:
        parser.error("--before: name a checkout of the earlier version")
    else:
        earlier = read()
        for result in measure(given.before, given.only, given.rounds, given.small):
            if given.small:
                print(page(result))
            else:
                write(joined(earlier, result))


if __name__ == "__main__":
    main()
