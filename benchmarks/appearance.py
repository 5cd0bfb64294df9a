"""What embeddings are worth: the association network with and without them, on synthetic scenes it has not seen.

    python benchmarks/appearance.py --seeds 3 --steps 1000

The same scenes, detections and steps for both; the one sees how alike embeddings are, the other does not. Separability
says how well an embedding tells identities apart (see gnntrack.datasets.synthetic.SceneSettings); the network is
trained on a mixture of them and judged on each. Writes results/appearance.json and .md.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tables import table

from gnntrack import recipes
from gnntrack.datasets.labelled import Labelled, label_detections
from gnntrack.datasets.synthetic import DetectorModel, SceneSettings, find_detector, make_scene, simulate
from gnntrack.evaluation import evaluate
from gnntrack.files import write_text
from gnntrack.losses import build_loss
from gnntrack.models import Model, ModelRecipe
from gnntrack.sequence import Sequence
from gnntrack.tracking import track_offline, track_online
from gnntrack.training import RunOptions, train

RESULTS = Path(__file__).parent / "results" / "appearance.json"
#: People who dance in groups and cross: what boxes alone cannot tell apart.
SCENE = SceneSettings(objects=14, frames=600, dancers=0.8, embedding_dimension=64)
LEARNED, JUDGED = (0.5, 1.0, 1.5, 2.0), (0.0, 0.5, 1.0, 2.0)
SCORES = ("hota", "assa", "idf1", "idsw")
Pair = tuple[Sequence, Sequence]


def main() -> None:
    options = parse()
    torch.set_num_threads(1)
    detector = find_detector("dancetrack-yolox")
    learned = [scene(number, LEARNED[number % len(LEARNED)], detector) for number in range(options.scenes)]
    training = [label_detections(found, truth) for truth, found in learned]
    judged = {value: [scene(10_000 + number, value, detector) for number in range(options.unseen)] for value in JUDGED}
    rows: list[dict[str, Any]] = []
    for seed in range(options.seeds):
        for appearance in (False, True):
            model, recipe = trained(training, appearance, options.steps, seed)
            for separability in JUDGED if appearance else JUDGED[:1]:
                for mode in ("online", "offline"):
                    score = judge(judged[separability], model, recipe, mode)
                    rows.append({"appearance": appearance, "separability": separability, "mode": mode} | score)
                    print(json.dumps(rows[-1]), flush=True)
    command = f"python benchmarks/appearance.py --seeds {options.seeds} --steps {options.steps}"
    write_text(RESULTS, json.dumps({"command": command, "rows": rows}, indent=1) + "\n")
    write_text(RESULTS.with_suffix(".md"), report(command, rows) + "\n")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--scenes", type=int, default=16, help="to learn from")
    parser.add_argument("--unseen", type=int, default=6, help="to be judged on")
    return parser.parse_args()


def scene(seed: int, separability: float, detector: DetectorModel) -> Pair:
    """Annotations and detections; boxes depend on the seed alone."""
    wishes = SCENE.model_copy(update={"seed": seed, "separability": separability})
    truth = make_scene(wishes)
    return truth, simulate(truth, detector, seed)


def trained(training: list[Labelled], appearance: bool, steps: int, seed: int) -> tuple[Model, ModelRecipe]:
    recipe = recipes.load("models", "association", ModelRecipe)
    rollout = recipe.training.rollout.model_copy(update={"steps": steps})
    update = {
        "architecture": recipe.architecture.model_copy(update={"appearance": appearance}),
        "training": recipe.training.model_copy(update={"epochs": 1, "rollout": rollout}),
    }
    recipe = recipe.model_copy(update=update)
    with tempfile.TemporaryDirectory() as folder:
        options = RunOptions(seed=seed, overwrite=True, progress=False)
        return train(training, recipe, build_loss("softmax"), folder, options), recipe


def judge(scenes: list[Pair], model: Model, recipe: ModelRecipe, mode: str) -> dict[str, float]:
    track = track_online if mode == "online" else track_offline
    pairs = {str(number): (truth, track(found, model, recipe)) for number, (truth, found) in enumerate(scenes)}
    scores = evaluate(pairs)["COMBINED"]
    return {name: float(scores[name]) * (1 if name == "idsw" else 100) for name in SCORES}


def report(command: str, rows: list[dict[str, Any]]) -> str:
    """Means over seeds, and the lowest and highest HOTA."""
    lines = []
    for mode in ("online", "offline"):
        cases = [(False, JUDGED[0]), *((True, value) for value in JUDGED)]
        for appearance, separability in cases:
            wanted = (appearance, separability, mode)
            these = [row for row in rows if (row["appearance"], row["separability"], row["mode"]) == wanted]
            hota = [row["hota"] for row in these]
            name = f"embeddings, separability {separability:g}" if appearance else "boxes alone"
            means = [f"{np.mean([row[score] for row in these]):.{0 if score == 'idsw' else 1}f}" for score in SCORES]
            lines.append([mode, name, f"{means[0]} ({min(hota):.1f} to {max(hota):.1f})", *means[1:]])
    return f"`{command}`\n\n" + table(["mode", "links know of", "HOTA (over seeds)", "AssA", "IDF1", "switches"], lines)


if __name__ == "__main__":
    main()
