"""Sensitivity to small perturbations: all trackers on copies of the validation videos.

    OMP_NUM_THREADS=1 python benchmarks/copies.py --root DATA

DATA holds the data sets of tracking.yaml. A slight copy lacks 0.4 % of the detections and has the others moved by about
0.2 % of their size: the detector is as good as before, but single decisions fall otherwise. A disturbed copy lacks 2 %
and has the others moved by about a hundredth: a worse detector. The peers run at their defaults and with the settings
of results/peers_tuned.json. Writes results/copies.json and .md: HOTA.
"""

from __future__ import annotations

import argparse
import json
import warnings
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import torch
import yaml
from scenes import SLIGHT, disturbed, read_scenes
from tables import UNSMOOTHED, table
from tracking import TUNED, combined_hota, contenders

from gnntrack.errors import DataWarning
from gnntrack.files import write_text

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "copies.json"


def main() -> None:
    options = parse()
    entries = yaml.safe_load((HERE / "tracking.yaml").read_text(encoding="utf-8"))
    names = options.datasets or list(json.loads(TUNED.read_text(encoding="utf-8")))
    copies = [(copy, SLIGHT) for copy in range(options.copies + 1)]
    copies += [(copy, 1.0) for copy in range(1, options.disturbed + 1)]
    jobs = [(name, *copy) for name in names for copy in copies]
    found: dict[str, dict[str, list[float]]] = {name: {} for name in names}
    known = {} if options.peers else json.loads(RESULTS.read_text(encoding="utf-8"))["hota"]
    with ProcessPoolExecutor(options.jobs) as pool:
        for (name, *_), scores in zip(jobs, pool.map(partial(measure, entries, options), jobs), strict=True):
            for tracker, hota in scores.items():
                found[name].setdefault(tracker, []).append(hota)
            print(name, scores, flush=True)
    for name, rows in known.items():
        found[name] = rows | found.get(name, {})
    counts = f"--copies {options.copies} --disturbed {options.disturbed}"
    command = f"OMP_NUM_THREADS=1 python benchmarks/copies.py --root DATA {counts}"
    write_text(RESULTS, json.dumps({"command": command, "hota": found}, indent=1) + "\n")
    write_text(RESULTS.with_suffix(".md"), report(command, found, options.copies) + "\n")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, required=True, help="folder that holds the data sets")
    parser.add_argument("--datasets", nargs="+", help="names in tracking.yaml (default: those that peers are tuned on)")
    parser.add_argument("--copies", type=int, default=3, help="slight ones, beside the videos as they are")
    parser.add_argument("--disturbed", type=int, default=2, help="copies that are disturbed more")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--weights", default="default", help="of gnntrack")
    help_text = "run the peers too; without, their rows stay as they are in the results: they know nothing of weights"
    parser.add_argument("--peers", action=argparse.BooleanOptionalAction, default=True, help=help_text)
    return parser.parse_args()


def measure(entries: dict[str, Any], options: argparse.Namespace, job: tuple[str, int, float]) -> dict[str, float]:
    """HOTA of every tracker on one copy of a data set."""
    torch.set_num_threads(1)
    warnings.simplefilter("ignore", DataWarning)
    name, copy, share = job
    scenes = disturbed(read_scenes(name, entries["datasets"][name], options.root), copy, share)
    tuned = json.loads(TUNED.read_text(encoding="utf-8"))[name]
    all_of_them = argparse.Namespace(peers=options.peers, ours=True, weights=options.weights)
    runs = contenders(entries["peers"], tuned, all_of_them)
    return {key: round(100 * combined_hota(scenes, run), 3) for key, run in runs.items() if UNSMOOTHED not in key}


def report(command: str, found: dict[str, dict[str, list[float]]], slight: int) -> str:
    """A row a tracker: HOTA on the videos as they are, then on each copy, of which the first are slight ones."""
    parts = [f"`{command}`", "HOTA on the videos as they are, on slight copies of them, and on disturbed ones."]
    for name, scores in found.items():
        disturbed_ones = len(next(iter(scores.values()))) - slight - 1
        heads = [name, "as they are", *(f"copy {number}" for number in range(1, slight + 1))]
        heads += [f"disturbed {number}" for number in range(1, disturbed_ones + 1)]
        parts.append(table(heads, [[key, *(f"{hota:.1f}" for hota in row)] for key, row in scores.items()]))
    return "\n\n".join(parts)


if __name__ == "__main__":
    main()
