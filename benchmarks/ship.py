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
from ours import Mode, ours
from scenes import SLIGHT, Scenes, disturbed, read_scenes
from tuning import coordinate_search

from gnntrack.errors import DataWarning
from gnntrack.evaluation import evaluate
from gnntrack.files import write_text
from gnntrack.models import AssociationSettings, load_weights, save_weights

HERE = Path(__file__).parent
DATASETS = ["dancetrack", "mot17", "kitti-car", "kitti-pedestrian", "mot15"]
ONLINE: dict[str, list[Any]] = {
    "birth_score": [0.1, 0.15, 0.2, 0.3, 0.5],
    "birth_relative": [0.0, 0.8, 0.9, 0.95],
    "birth_confidence": [0.45, 0.6, 0.8],
    "unsure_birth": [0.5, 0.7, 1.0],
    "unsure_score": [0.3, 0.4, 0.5],
    "unsure_overlap": [0.3, 0.4, 0.5, 1.0],
    "unsure_confirm": [2, 4],
    "link_threshold": [0.2, 0.3, 0.4],
    # with 0, MOT17 has more switches than the best peer
    "confidence_power": [0.1, 0.3, 1.0],
    "memory": [60, 90],
    # each correction is a switch: with 13, MOT17 has more of them than the best peer
    "relink_crowd_online": [0, 12],
    "relink_threshold_online": [0.5, 0.6, 0.65, 0.7],
    "smooth_online": [True, False],
}
OFFLINE: dict[str, list[Any]] = {
    "minimum_length": [2, 5, 10, 15],
    "interpolate": [20, 40],
    "smooth": [True, False],
    "revisions": [0, 1],
    "relink_threshold": [0.3, 0.35, 0.4, 0.5, 0.65],
    "relink_crowd": [0, 14, 100],
    "join_threshold": [0.25, 0.35, 0.5],
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
    settings = recipe.association.model_dump()
    results = HERE / "results" / "ship.json"
    log: list[dict[str, Any]] = json.loads(results.read_text())["tried"] if options.settings else []
    searches: list[tuple[Mode, dict[str, list[Any]]]] = [("online", ONLINE), ("offline", OFFLINE)]
    pool = ProcessPoolExecutor(options.jobs)  # ends with the process
    for mode, every in searches:
        values = {name: tried for name, tried in every.items() if name in (options.settings or every)}
        start = {name: settings[name] for name in values}

        def score(changed: dict[str, Any], mode: Mode = mode, fixed: dict[str, Any] = settings) -> float:
            scored = partial(hota, mode=mode, weights=options.weights, settings=fixed | changed)
            rows = dict(zip(sets, pool.map(scored, sets.values()), strict=True))
            mean = float(np.mean(list(rows.values())))
            log.append({"mode": mode, "settings": changed, "hota": rows, "mean": round(mean, 2)})
            print(json.dumps(log[-1]), flush=True)
            return mean

        settings = settings | coordinate_search(score, start, values, sweeps=1)[0]
    tuned = recipe.model_copy(update={"association": AssociationSettings(**settings)})
    save_weights(options.output, model, tuned)
    write_text(results, json.dumps({"settings": settings, "tried": log}, indent=1) + "\n")


def hota(scenes: Scenes, mode: Mode, weights: str, settings: dict[str, Any]) -> float:
    """HOTA of all videos of a data set together, in percent."""
    torch.set_num_threads(1)
    warnings.simplefilter("ignore", DataWarning)
    run = ours(mode, weights, settings)
    pairs = scenes.pairs({name: run(scene.detections)[0] for name, scene in scenes.scenes.items()})
    return round(100 * evaluate(pairs, scenes.benchmark)["COMBINED"]["hota"], 2)


if __name__ == "__main__":
    main()
