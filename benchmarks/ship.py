"""Tunes the life cycle of trained weights on the validation videos, one setting for all data sets, and ships them.

    OMP_NUM_THREADS=1 python benchmarks/ship.py --root DATA --weights run/weights.safetensors

DATA holds the data sets of benchmarks/tracking.yaml. The score is the mean HOTA over the data sets, each with all its
videos together, as they are and disturbed (--copies, --slight): a setting should not win by a single decision. First
what the online tracker uses is searched, then what the offline tracker adds. Writes models/default.safetensors and
benchmarks/results/ship.json.
"""

from __future__ import annotations

import argparse
import json
import warnings
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml
from scenes import SLIGHT, Scenes, disturbed, read_scenes
from tuning import coordinate_search

from gnntrack.bench import ours
from gnntrack.bench.runs import Mode
from gnntrack.errors import DataWarning
from gnntrack.evaluation import evaluate
from gnntrack.files import write_text
from gnntrack.models import load_weights, save_weights
from gnntrack.recipes import changed

HERE = Path(__file__).parent
DATASETS = ["dancetrack", "mot17", "kitti-car", "kitti-pedestrian", "mot15"]
ONLINE: dict[str, list[Any]] = {
    "births.score": [0.1, 0.15, 0.2, 0.3, 0.5],
    "births.usual_share": [0.0, 0.8, 0.9, 0.95],
    "births.confidence": [0.45, 0.6, 0.8],
    "births.trial_share": [0.5, 0.7, 1.0],
    "births.trial_score": [0.3, 0.4, 0.5],
    "births.trial_overlap": [0.3, 0.4, 0.5, 1.0],
    "births.trial_confirm": [2, 4],
    "links.threshold": [0.2, 0.3, 0.4],
    # with 0, MOT17 has more switches than the best peer
    "links.confidence_power": [0.1, 0.3, 1.0],
    "links.memory": ["60 frames", 2.0, 3.0],
    # each correction is a switch: with 13, MOT17 has more of them than the best peer
    "relinking.crowd_online": [0, 12],
    "relinking.threshold_online": [0.5, 0.6, 0.65, 0.7],
    "boxes.smooth_online": [True, False],
}
OFFLINE: dict[str, list[Any]] = {
    "offline.minimum_length": [2, 5, 10, 15],
    "boxes.interpolate": ["20 frames", 0.67, 1.33],
    "boxes.smooth": [True, False],
    "offline.revisions": [0, 1],
    "relinking.threshold": [0.3, 0.35, 0.4, 0.5, 0.65],
    "relinking.crowd": [0, 14, 100],
    "offline.gap_threshold": [0.25, 0.35, 0.5],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--weights", required=True, help="as `gnntrack train` wrote them")
    parser.add_argument("--datasets", nargs="+", default=DATASETS)
    parser.add_argument("--settings", nargs="+", help="search these alone, keep the log of others (default: all)")
    parser.add_argument("--copies", type=int, default=2, help="of every video, the first of them as it is")
    parser.add_argument("--slight", type=int, default=0, help="further copies, disturbed by a fifth of that")
    parser.add_argument("--jobs", type=int, default=1, help="processes that track at a time")
    parser.add_argument("--output", type=Path, default=HERE.parent / "models" / "default.safetensors")
    options = parser.parse_args()
    warnings.simplefilter("ignore", DataWarning)
    table = yaml.safe_load((HERE / "tracking.yaml").read_text())["datasets"]
    sets: dict[str, Scenes] = {}
    for name in options.datasets:
        scenes = read_scenes(name, table[name], options.root)
        sets |= {f"{name}, copy {k}" if k else name: disturbed(scenes, k) for k in range(options.copies)}
        sets |= {f"{name}, slight copy {k + 1}": disturbed(scenes, k + 1, SLIGHT) for k in range(options.slight)}
    model, recipe = load_weights(options.weights)
    settings = by_path(recipe.tracking.model_dump())
    results = HERE / "results" / "ship.json"
    log: list[dict[str, Any]] = json.loads(results.read_text())["tried"] if options.settings else []
    searches: list[tuple[Mode, dict[str, list[Any]]]] = [("online", ONLINE), ("offline", OFFLINE)]
    pool = ProcessPoolExecutor(options.jobs)  # ends with the process
    for mode, every in searches:
        values = {name: tried for name, tried in every.items() if name in (options.settings or every)}
        start = {name: settings[name] for name in values}

        def score(candidate: dict[str, Any], mode: Mode = mode, fixed: dict[str, Any] = settings) -> float:
            scored = partial(hota, mode=mode, weights=options.weights, settings=fixed | candidate)
            rows = dict(zip(sets, pool.map(scored, sets.values()), strict=True))
            mean = float(np.mean(list(rows.values())))
            log.append({"mode": mode, "settings": candidate, "hota": rows, "mean": round(mean, 2)})
            print(json.dumps(log[-1]), flush=True)
            return mean

        settings = settings | coordinate_search(score, start, values, sweeps=1)[0]
    tuned = changed(recipe, {f"tracking.{path}": value for path, value in settings.items()})
    save_weights(options.output, model, tuned)
    write_text(results, json.dumps({"settings": settings, "tried": log}, indent=1) + "\n")


def by_path(groups: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The settings of all groups, each under ``group.name``."""
    return {f"{group}.{name}": value for group, settings in groups.items() for name, value in settings.items()}


def hota(scenes: Scenes, mode: Mode, weights: str, settings: dict[str, Any]) -> float:
    """HOTA of all videos of a data set together, in percent."""
    torch.set_num_threads(1)
    warnings.simplefilter("ignore", DataWarning)
    run = ours(mode, weights, settings)
    pairs = scenes.pairs({name: run(scene.detections).tracks for name, scene in scenes.scenes.items()})
    return round(100 * evaluate(pairs, scenes.benchmark)["COMBINED"]["hota"], 2)


if __name__ == "__main__":
    main()
