"""What links.margin does: tracks that are cut rather than mixed, on videos that taught nothing.

    pip install --constraint constraints.txt --editable '.[bench]'
    OMP_NUM_THREADS=1 python benchmarks/purity.py --root DATA

Purity: boxes of a track that are on its most frequent object. The videos are two of every set of held_out.py that chose
no setting either, and results with margin 0 are taken from there; the weights are the shipped ones. Writes
results/purity.json and purity.md; what is there already is kept, so a run that was cut off goes on.
"""

from __future__ import annotations

import argparse
import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml
from held_out import Found, column, described, measure
from kept import Kept
from scenes import read_scenes
from tables import table

from gnntrack.bench import Run, gain_of, ours
from gnntrack.errors import DataWarning

HERE = Path(__file__).parent
RESULTS, HELD_OUT = (HERE / "results" / file for file in ("purity.json", "held_out.json"))
MARGINS = (0.0, 0.3, 0.6)
#: Videos of each set.
OF_EACH = 2
MODES = ("online", "offline")


def main() -> None:
    options = parse()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore", DataWarning)
    results = Kept(RESULTS)
    found = results.rows
    runs = contenders(options.weights)
    for entry in filter(chose_nothing, yaml.safe_load((HERE / "held_out.yaml").read_text())):
        scenes = read_scenes(entry["name"], entry, options.root, entry["sequences"][:OF_EACH])
        for video, scene in scenes.scenes.items():
            kept = found.setdefault(video, described(scenes, video, entry))
            known = json.loads(HELD_OUT.read_text())[video]["scores"]
            kept["scores"] |= {name(mode, 0.0): known[f"gnntrack, {mode}"] for mode in MODES}
            measure(kept, scenes, video, scene, runs)
            results.write()
    results.tell(report)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, required=True, help="folder that holds the data sets")
    parser.add_argument("--weights", default="default", help="of gnntrack (default: %(default)s)")
    return parser.parse_args()


def chose_nothing(entry: dict[str, Any]) -> bool:
    return not entry.get("chose", False)


def contenders(weights: str) -> dict[str, Run]:
    return {
        name(mode, margin): ours(mode, weights, {"links.margin": margin}) for mode in MODES for margin in MARGINS[1:]
    }


def name(mode: str, margin: float) -> str:
    return f"{mode}, margin {margin:g}"


def report(found: Found) -> str:
    videos = list(found.values())
    text = f"Means over {len(videos)} videos, and what they are more than with margin 0, with 95 % bootstrap intervals."
    parts = [text, summary(videos)]
    for mode in MODES:
        parts += [f"## By data set, {mode}: purity (HOTA)", by_set(videos, mode)]
    return "\n\n".join(parts)


def summary(videos: list[dict[str, Any]]) -> str:
    rows = []
    for mode in MODES:
        for margin in MARGINS:
            row = {key: column(videos, name(mode, margin), key) for key in ("purity", "hota", "deta", "idsw")}
            gains = {key: row[key] - column(videos, name(mode, 0.0), key) for key in ("purity", "hota")}
            cells = [f"{row[key].mean():.1f}" + (f" ({gain_of(gains[key])})" if margin else "") for key in gains]
            rows.append([mode, f"{margin:g}", *cells, f"{row['deta'].mean():.1f}", f"{row['idsw'].sum():.0f}"])
    return table(["mode", "`links.margin`", "purity", "HOTA", "DetA", "switches, all videos"], rows)


def by_set(videos: list[dict[str, Any]], mode: str) -> str:
    sets = np.array([video["set"] for video in videos])
    names = list(dict.fromkeys(sets.tolist()))
    rows = []
    for margin in MARGINS:
        purity, hota = (column(videos, name(mode, margin), key) for key in ("purity", "hota"))
        means = (f"{purity[sets == one].mean():.1f} ({hota[sets == one].mean():.1f})" for one in names)
        rows.append([f"{margin:g}", *means])
    return table(["`links.margin`", *(f"{one} ({(sets == one).sum()})" for one in names)], rows)


if __name__ == "__main__":
    main()
