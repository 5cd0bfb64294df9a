"""By how much ours is ahead of the best peer on videos that taught nothing: the mean over videos, crowds apart.

    pip install --constraint constraints.txt --editable '.[bench]'
    OMP_NUM_THREADS=1 python benchmarks/held_out.py --root DATA

On each video the best of SORT, ByteTrack, OC-SORT, C-BIoU and BoT-SORT at their defaults is what a tracker is held
against. Every video counts the same, however long it is; intervals are over videos. held_out.yaml lists them. Where a
data set has no detections, they are simulated. Writes results/held_out.json and held_out.md; what is there already is
kept, so a run that was cut off goes on (--again NAME measures the rows of a tracker anew).
"""

from __future__ import annotations

import argparse
import warnings
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml
from kept import Kept
from scenes import Scene, Scenes, read_scenes
from tables import table

from gnntrack.bench import PEERS, Run, best_of, gain_of, ours, peer
from gnntrack.errors import DataWarning
from gnntrack.evaluation import evaluate
from gnntrack.evaluation.table import in_percent

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "held_out.json"
SCORES = ("hota", "deta", "assa", "idf1", "idsw", "purity")
#: Annotated objects in view, on average: bounds of the density classes.
BOUNDS, CLASSES = (8.0, 14.0), ("to 8", "8 to 14", "above 14")
Found = dict[str, dict[str, Any]]


def main() -> None:
    options = parse()
    torch.set_num_threads(1)
    warnings.simplefilter("ignore", DataWarning)
    results = Kept(RESULTS)
    found = results.rows
    for video in found.values():
        video["scores"] = {name: row for name, row in video["scores"].items() if name not in options.again}
    runs = contenders(options.weights)
    for entry in yaml.safe_load((HERE / "held_out.yaml").read_text()):
        scenes = read_scenes(entry["name"], entry, options.root)
        for video, scene in scenes.scenes.items():
            row = found.setdefault(video, described(scenes, video, entry))
            measure(row, scenes, video, scene, runs)
            row["scores"] = {name: row["scores"][name] for name in runs}  # in their order, those measured anew too
            results.write()
    results.tell(report)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, required=True, help="folder that holds the data sets")
    parser.add_argument("--weights", default="default", help="of gnntrack (default: %(default)s)")
    parser.add_argument("--again", nargs="+", default=[], help="rows that are measured anew")
    return parser.parse_args()


def contenders(weights: str) -> dict[str, Run]:
    """What runs, by the name of its row; peers first."""
    ours_ = {
        "gnntrack, online": ours("online", weights),
        "gnntrack, 15 frames late": ours("online", weights, lag=15),
        "gnntrack, 60 frames late": ours("online", weights, lag=60),
        "gnntrack, offline": ours("offline", weights),
        "gnntrack, open weights, online": ours("online", "open"),
        "gnntrack, open weights, offline": ours("offline", "open"),
    }
    return {entry.title: peer(name) for name, entry in PEERS.items()} | ours_


def described(scenes: Scenes, video: str, entry: dict[str, Any]) -> dict[str, Any]:
    counted = scenes.counted(video)
    density = len(counted) / max(1, counted.length)
    return {"set": scenes.name, "density": round(density, 2), "chose": entry.get("chose", False), "scores": {}}


def measure(kept: dict[str, Any], scenes: Scenes, video: str, scene: Scene, runs: dict[str, Run]) -> None:
    """Adds the scores that are missing."""
    for name, run in runs.items():
        if name not in kept["scores"]:
            pair = {video: (scene.truth, run(scene.detections).tracks)}
            row = in_percent(evaluate(pair, scenes.benchmark))[video]
            kept["scores"][name] = {key: row[key] for key in SCORES}


def report(found: Found) -> str:
    """All videos, those that chose nothing, and by set."""
    parts = ["HOTA above the best peer at its defaults on the same video: mean over videos, 95 % bootstrap interval."]
    groups = {"All videos": list(found.values())}
    groups["Videos that chose no setting either"] = [video for video in found.values() if not video["chose"]]
    for title, videos in groups.items():
        parts += [f"## {title} ({len(videos)})", gains(videos)]
    parts += ["## By data set", by_set(list(found.values())), "## Each video, HOTA (switches)", each(found)]
    return "\n\n".join(parts)


def trackers(videos: list[dict[str, Any]]) -> tuple[list[str], list[str]]:
    names = list(videos[0]["scores"])
    return [name for name in names if "gnntrack" not in name], [name for name in names if "gnntrack" in name]


def column(videos: list[dict[str, Any]], name: str, key: str) -> np.ndarray:
    return np.array([video["scores"][name][key] for video in videos])


def best_peer(videos: list[dict[str, Any]]) -> np.ndarray:
    return best_of(column(videos, name, "hota") for name in trackers(videos)[0])


def gains(videos: list[dict[str, Any]]) -> str:
    level = np.searchsorted(BOUNDS, [video["density"] for video in videos])
    best = best_peer(videos)
    counts = [f"{name} in view ({(level == number).sum()})" for number, name in enumerate(CLASSES)]
    rows = []
    for name in chain(*trackers(videos)):
        gain = column(videos, name, "hota") - best
        classes = (gain[level == number] for number in range(len(CLASSES)))
        shares = [str(gain_of(part) or "-") for part in (gain, *classes)]
        switches, pure = column(videos, name, "idsw").sum(), column(videos, name, "purity").mean()
        rows.append([name, f"{column(videos, name, 'hota').mean():.1f}", *shares, f"{switches:.0f}", f"{pure:.1f}"])
    return table(["tracker", "HOTA", "gain", *counts, "switches", "purity"], rows)


def by_set(videos: list[dict[str, Any]]) -> str:
    best, sets = best_peer(videos), np.array([video["set"] for video in videos])
    names = list(dict.fromkeys(sets.tolist()))
    rows = [
        [tracker, *(f"{(column(videos, tracker, 'hota') - best)[sets == name].mean():+.1f}" for name in names)]
        for tracker in trackers(videos)[1]
    ]
    return table(["mean gain", *(f"{name} ({(sets == name).sum()})" for name in names)], rows)


def each(found: Found) -> str:
    videos = list(found.values())
    peers, mine = trackers(videos)
    rows = []
    for video, best in zip(found, best_peer(videos), strict=True):
        scores = found[video]["scores"]
        name = max(peers, key=lambda peer_: scores[peer_]["hota"])
        cells = [f"{best:.1f} ({scores[name]['idsw']:.0f}) {name}"]
        cells += [f"{scores[tracker]['hota']:.1f} ({scores[tracker]['idsw']:.0f})" for tracker in mine]
        rows.append([video, f"{found[video]['density']:.1f}", *cells])
    return table(["video", "in view", "best peer", *mine], rows)


if __name__ == "__main__":
    main()
