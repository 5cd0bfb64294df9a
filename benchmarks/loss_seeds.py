"""Does UniTrack help? The association network trained with and without it, the same seeds, the same videos.

    python benchmarks/loss_seeds.py --root DATA --losses softmax unitrack-light --seeds 5

DATA holds the data sets of models/default. Each pair of runs starts from the same weights and meets the
same clips; the tracker is judged online on the validation videos of DanceTrack. Writes results/loss_seeds.json and
.md beside it; runs that are there already are kept, so a run that was cut off goes on.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml
from scenes import Scenes, read_scenes
from scipy.stats import t as student

from gnntrack import recipes
from gnntrack.datasets.labelled import Labelled
from gnntrack.evaluation import evaluate
from gnntrack.files import write_text
from gnntrack.losses import build_loss
from gnntrack.models import Model, ModelRecipe
from gnntrack.tracking import track_online
from gnntrack.training import RunOptions, train
from gnntrack.training.reading import DataReader

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "loss_seeds.json"
SCORES = ("hota", "assa", "idf1", "idsw")
THRESHOLDS = (0.1, 0.3)


def main() -> None:
    options = parse()
    torch.set_num_threads(1)
    training = read_training(options.root, options.datasets)
    table = yaml.safe_load((HERE / "tracking.yaml").read_text())["datasets"]
    scenes = read_scenes("dancetrack", table["dancetrack"], options.root)
    recipe = recipes.load("models", "association", ModelRecipe)
    stage = recipe.stages[0].model_copy(update={"epochs": 1, "steps": options.steps})
    recipe = recipe.model_copy(update={"stages": (stage,)})
    found: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.is_file() and not options.anew else {}
    for seed in range(options.seeds):
        for loss in options.losses:
            key = f"{loss} {seed} {options.steps}"
            if key in found:
                continue
            found[key] = measure(training, scenes, recipe, loss, seed)
            write_text(RESULTS, json.dumps(found, indent=1) + "\n")
            write_text(RESULTS.with_suffix(".md"), report(found, options) + "\n")
            print(key, found[key], flush=True)
    print(report(found, options))


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, required=True, help="folder that holds the data sets")
    parser.add_argument("--datasets", nargs="+", default=["dancetrack-train", "dancetrack-val"])
    parser.add_argument(
        "--losses", nargs="+", default=["softmax", "unitrack-light"], help="recipes; the first is the plain one"
    )
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--anew", action="store_true", help="forget earlier runs")
    return parser.parse_args()


def read_training(root: Path, names: list[str]) -> list[Labelled]:
    return DataReader(root).joined(str(HERE.parent / "models" / "default" / f"{name}.yaml") for name in names)[0]


def measure(training: list[Labelled], scenes: Scenes, recipe: ModelRecipe, loss: str, seed: int) -> dict[str, Any]:
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        options = RunOptions(seed=seed, overwrite=True, progress=False)
        model = train(training, recipe, build_loss(loss), folder, options)
    seconds = time.perf_counter() - start
    return {str(threshold): judge(model, scenes, recipe, threshold) for threshold in THRESHOLDS} | {
        "seconds": round(seconds)
    }


def judge(model: Model, scenes: Scenes, recipe: ModelRecipe, threshold: float) -> dict[str, float]:
    """Scores of the online tracker that links above a probability: losses differ in how sure they make a network."""
    changed = recipes.changed(recipe, {"tracking.links.threshold": threshold})
    tracks = {name: track_online(scene.detections, model, changed) for name, scene in scenes.scenes.items()}
    rows = evaluate(scenes.pairs(tracks), scenes.benchmark)["COMBINED"]
    return {name: round(float(rows[name]) * (1 if name == "idsw" else 100), 3) for name in SCORES}


def report(found: dict[str, Any], options: argparse.Namespace) -> str:
    """Means with the half width of their 95 % interval, and the paired differences to the first loss."""
    lines = [
        f"`python benchmarks/loss_seeds.py --root DATA --losses {' '.join(options.losses)} --seeds {options.seeds} "
        f"--steps {options.steps}`",
        "",
        "| loss | linked above | seeds | HOTA | AssA | IDF1 | switches |",
        "|---|---|---|---|---|---|---|",
    ]
    values = {loss: rows_of(found, loss, options) for loss in options.losses}
    for loss, (threshold, rows) in values.items():
        lines.append(
            f"| {loss} | {threshold} | {len(rows)} | " + " | ".join(interval(column) for column in columns(rows)) + " |"
        )
    plain = options.losses[0]
    for loss in options.losses[1:]:
        ours, theirs = values[loss][1], values[plain][1]
        both = sorted(ours.keys() & theirs.keys())
        pairs = {seed: {name: ours[seed][name] - theirs[seed][name] for name in SCORES} for seed in both}
        shown = " | ".join(interval(column, signed=True) for column in columns(pairs))
        lines.append(f"| {loss} − {plain}, paired | | {len(both)} | {shown} |")
    return "\n".join(lines)


def rows_of(found: dict[str, Any], loss: str, options: argparse.Namespace) -> tuple[float, dict[int, dict[str, float]]]:
    """The threshold with the highest mean HOTA of a loss, and its rows by seed."""
    keys = {seed: f"{loss} {seed} {options.steps}" for seed in range(options.seeds)}
    runs = {seed: found[key] for seed, key in keys.items() if key in found}
    best = max(THRESHOLDS, key=lambda threshold: sum(run[str(threshold)]["hota"] for run in runs.values()))
    return best, {seed: run[str(best)] for seed, run in runs.items()}


def columns(rows: dict[int, dict[str, float]]) -> list[np.ndarray]:
    return [np.array([row[name] for row in rows.values()]) for name in SCORES]


def interval(values: np.ndarray, signed: bool = False) -> str:
    if not len(values):
        return "–"
    mean = f"{values.mean():+.1f}" if signed else f"{values.mean():.1f}"
    if len(values) < 2:
        return mean
    half = student.ppf(0.975, len(values) - 1) * values.std(ddof=1) / len(values) ** 0.5
    return f"{mean} ± {half:.1f}"


if __name__ == "__main__":
    main()
