"""Which loss settings train best: trains the default model with each and tracks sequences that it has not seen.

    python benchmarks/loss_choice.py                                   # synthetic crossings
    python benchmarks/loss_choice.py --train ROOT --test ROOT          # MOT folders with gt/gt.txt

Detections are simulated from the annotations (jitter, misses, false positives), the same for every setting. All
settings of a seed start from the same weights and see the same windows. Writes benchmarks/results/loss_choice.json
and .md.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import nn

from gnntrack import recipes
from gnntrack.datasets.labelled import Labelled, label_detections
from gnntrack.evaluation.report import evaluate
from gnntrack.files import write_text
from gnntrack.losses import (
    BceLinkLoss,
    FocalLinkLoss,
    SoftmaxLinkLoss,
    SpatialTerm,
    SumLoss,
    TemporalTerm,
    UniTrackLoss,
)
from gnntrack.losses.presets import preset_terms
from gnntrack.models import ModelRecipe
from gnntrack.reading import iterate
from gnntrack.sequence import Sequence
from gnntrack.tracking import track_offline
from gnntrack.training import RunOptions, train

RESULTS = Path(__file__).parent / "results"


def added(weight: float = 0.3, link: nn.Module | None = None, **options: object) -> nn.Module:
    """A link loss (softmax) plus UniTrack."""
    return SumLoss(link or SoftmaxLinkLoss(), UniTrackLoss(weight=weight, **options))  # type: ignore[arg-type]


def terms(**replaced: nn.Module | None) -> list[nn.Module]:
    """The default terms with some replaced."""
    chosen = {term.name: term for term in preset_terms("default")}
    return [term for term in (chosen | replaced).values() if term is not None]


EQUAL = {"flow": 1.0, "spatial": 1.0, "temporal": 1.0}
VARIANTS: dict[str, Callable[[], nn.Module]] = {
    "softmax": SoftmaxLinkLoss,
    "default": lambda: added(),
    "all terms 1": lambda: added(terms=EQUAL),
    "flow 0.25": lambda: added(terms={"flow": 0.25}),
    "weight 0.1": lambda: added(0.1),
    "weight 1": lambda: added(1.0),
    "fixed": lambda: added(weighting="fixed"),
    "learned": lambda: added(weighting="learned"),
    "bce": BceLinkLoss,
    "bce + default": lambda: added(link=BceLinkLoss()),
    "focal": FocalLinkLoss,
    "no flow": lambda: added(terms={"flow": 0.0}),
    "no conservation": lambda: added(terms={"conservation": 0.0}),
    "no spatial": lambda: added(terms={"spatial": 0.0}),
    "no temporal": lambda: added(terms={"temporal": 0.0}),
    "geometry only": lambda: added(terms={"flow": 0.0, "conservation": 0.0}),
    "hard counts": lambda: added(counts="hard"),
    "sinkhorn": lambda: added(flows="sinkhorn"),
    "spatial of all links": lambda: added(terms=terms(spatial=SpatialTerm(4.0, links="all"))),
    "spatial not saturated": lambda: added(terms=terms(spatial=SpatialTerm(4.0, saturation=None))),
    "temporal, no excess": lambda: added(terms=terms(temporal=TemporalTerm(4.0, excess=False))),
    "temporal not saturated": lambda: added(terms=terms(temporal=TemporalTerm(4.0, saturation=None))),
    "paper, mean": lambda: added(preset="paper", reduction="mean"),
    "unitrack alone": UniTrackLoss,
}


def crossing_scene(seed: int, objects: int = 10, frames: int = 150) -> Sequence:
    """Annotations of objects that wander, turn and cross on a small stage."""
    rng = np.random.default_rng(seed)
    height = rng.uniform(60, 120, objects)
    place = rng.uniform([0, 0], [640, 360], (objects, 2))
    speed = rng.normal(0, 3, (objects, 2))
    rows = []
    for frame in range(1, frames + 1):
        speed = 0.93 * speed + rng.normal(0, 1.2, (objects, 2)) + 0.004 * ([320, 180] - place)
        place = place + speed
        rows.append(
            pd.DataFrame(
                {
                    "frame": frame,
                    "id": np.arange(1, objects + 1),
                    "x": place[:, 0] - 0.2 * height,
                    "y": place[:, 1] - 0.5 * height,
                    "w": 0.4 * height,
                    "h": height,
                }
            )
        )
    return Sequence(f"crossing-{seed}", pd.concat(rows), width=640, height=360, frame_rate=25.0, length=frames)


def simulate_detections(annotations: Sequence, seed: int) -> Sequence:
    """Jittered boxes, one in ten missed, one false positive in twenty."""
    rng = np.random.default_rng(seed)
    table = annotations.boxes.copy()
    for corner, side in (("x", "w"), ("y", "h")):
        table[corner] += rng.normal(0, 0.04, len(table)) * table[side]
        table[side] *= np.exp(rng.normal(0, 0.04, len(table)))
    table = table[rng.random(len(table)) > 0.1]
    ghosts = table.sample(frac=0.05, random_state=seed).copy()
    ghosts[["x", "y"]] += rng.normal(0, 60, (len(ghosts), 2))
    table = pd.concat([table, ghosts]).assign(id=-1, conf=0.9)
    return Sequence(
        annotations.name,
        table[["frame", "id", "x", "y", "w", "h", "conf"]].reset_index(drop=True),
        width=annotations.width,
        height=annotations.height,
        frame_rate=annotations.frame_rate,
        length=annotations.length,
    )


def load(root: str | None, seeds: range, frames: int, count: int) -> list[tuple[Sequence, Labelled]]:
    """Annotations and simulated labelled detections of MOT folders, or of synthetic scenes."""
    if root is None:
        truths = [crossing_scene(seed, frames=frames) for seed in seeds]
    else:
        whole = islice(iterate(root, "annotations"), count)
        truths = [item.take((item.boxes["frame"] <= frames).to_numpy()) for item in whole]
        truths = [item.take((item.boxes["conf"] > 0).to_numpy()) for item in truths]
    result = []
    for number, truth in enumerate(truths):
        result.append((truth, label_detections(simulate_detections(truth, 100 + number), truth)))
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", help="folder of MOT sequences to train on (default: synthetic)")
    parser.add_argument("--test", help="folder of MOT sequences to track (default: synthetic)")
    parser.add_argument("--count", type=int, default=4, help="sequences of each (default 4)")
    parser.add_argument("--frames", type=int, default=150, help="frames of each (default 150)")
    parser.add_argument("--window", type=int, default=8, help="frames of a window (default 8)")
    parser.add_argument("--max-gap", type=int, default=4, help="frames that a link may span (default 4)")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", nargs="*", help="names of settings (default: all)")
    parser.add_argument("--name", default="loss_choice", help="of the result files")
    options = parser.parse_args()
    torch.set_num_threads(1)
    recipe = recipes.load("models", "mpn", ModelRecipe)
    graph = recipe.graph.model_copy(update={"window": options.window, "max_gap": options.max_gap})
    recipe = recipe.model_copy(update={"graph": graph})
    test = load(options.test, range(2 * options.count), options.frames, 2 * options.count)
    result: dict[str, dict[str, list[float]]] = {}
    for seed in range(options.seeds):
        scenes = range(1000 * (seed + 1), 1000 * (seed + 1) + options.count)
        training = [labelled for _, labelled in load(options.train, scenes, options.frames, options.count)]
        for name in options.only or VARIANTS:
            began = time.perf_counter()
            with tempfile.TemporaryDirectory() as folder:
                run = RunOptions(seed=seed, epochs=options.epochs, progress=False)
                model = train(training, recipe, VARIANTS[name](), Path(folder) / "run", run)
            pairs = {truth.name: (truth, track_offline(found.sequence, model, recipe)) for truth, found in test}
            row = evaluate(pairs)["COMBINED"]
            seconds = time.perf_counter() - began
            figures = {"hota": row["hota"], "assa": row["assa"], "idf1": row["idf1"], "idsw": row["idsw"]}
            for key, value in {**figures, "seconds": seconds}.items():
                result.setdefault(name, {}).setdefault(key, []).append(float(value))
            print(
                seed,
                name,
                {key: round(float(value), 3) for key, value in figures.items()},
                f"{seconds:.0f} s",
                flush=True,
            )
            write_results(result, vars(options))


def write_results(result: dict[str, dict[str, list[float]]], options: dict[str, object]) -> None:
    """The JSON and the table, mean and standard deviation over seeds."""
    settings = {key: value for key, value in options.items() if key not in ("train", "test", "only")}
    settings["data"] = "MOT folders" if options["train"] else "synthetic crossings"
    name = str(options["name"])
    write_text(RESULTS / f"{name}.json", json.dumps({"settings": settings, "runs": result}, indent=1) + "\n")
    lines = ["| settings | runs | HOTA | AssA | IDF1 | switches |", "|---|---|---|---|---|---|"]
    for variant, figures in result.items():
        cells = [
            f"{factor * np.mean(figures[key]):.1f} ± {factor * np.std(figures[key]):.1f}"
            for key, factor in (("hota", 100), ("assa", 100), ("idf1", 100), ("idsw", 1))
        ]
        lines.append(f"| {variant} | {len(figures['idf1'])} | {' | '.join(cells)} |")
    write_text(RESULTS / f"{name}.md", f"{settings}\n\n" + "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
