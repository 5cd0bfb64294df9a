"""Does ``gnntrack adapt`` help on videos that nobody annotated?

    python benchmarks/adapt.py --root DATA

A seed draws three videos of a data set (adapt.yaml), the shipped weights are adapted to their detections, and the same
videos are tracked before and after, which is what the verb is for; annotations only score. Arms are losses: ``softmax``
(the recipe as it ships: the teacher's tracks alone) and ``unitrack-log`` (and UniTrack in logs on these tracks).
``adapted`` is what the verb gives, ``unchecked`` the weights of the last epoch whatever the check said.
Writes results/adapt.json and .md; runs that are there already are kept, so a run that was cut off goes on.
"""

from __future__ import annotations

import argparse
import tempfile
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
import yaml
from kept import Kept, Row
from loss_runs import SCORES, rows_of
from loss_sets import read_videos
from loss_tables import SWITCHES, interval, write_tables

from gnntrack.datasets.labelled import Labelled
from gnntrack.evaluation import evaluate
from gnntrack.models import AssociationNetwork, Model, load_weights
from gnntrack.tracking import track_offline, track_online
from gnntrack.training import RunOptions
from gnntrack.training.adaptation import adapt
from gnntrack.training.reading import load_recipe
from gnntrack.training.self_taught import SelfTaughtTraining
from gnntrack.training.stage import Validation

HERE = Path(__file__).parent
RESULTS = HERE / "results" / "adapt.json"
TABLE: dict[str, Any] = yaml.safe_load((HERE / "adapt.yaml").read_text())
FRAMES, VIDEOS, WEIGHTS = 120, 3, "default"
LOSSES = ("softmax", "unitrack-log")
TRACKERS = {"online": track_online, "offline": track_offline}


def main() -> None:
    options = parse()
    torch.set_num_threads(1)
    kept = Kept(RESULTS)
    videos = cache(lambda name: list(read_videos(TABLE[name], options.root, FRAMES)))
    for seed in options.seeds:
        for name in options.sets:
            chosen = partial(drawn, videos, name, seed)
            start = kept.get(f"{name}|start|{seed}", partial(before, chosen, options.modes))
            for loss in options.losses:
                kept.get(f"{name}|{loss}|{seed}", partial(run, chosen, start, options.modes, loss, seed))
    text = report(kept.rows)
    write_tables(RESULTS.with_suffix(".md"), text)
    print(text)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, required=True, help="folder that holds the data sets")
    parser.add_argument("--sets", nargs="+", choices=list(TABLE), default=list(TABLE))
    parser.add_argument("--losses", nargs="+", default=list(LOSSES))
    parser.add_argument("--modes", nargs="+", choices=list(TRACKERS), default=["online"])
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(5)), help="default: 0 to 4")
    return parser.parse_args()


def drawn(videos: Any, name: str, seed: int) -> list[Labelled]:
    """The videos of a seed."""
    every = videos(name)
    order = np.random.default_rng([seed, 25]).permutation(len(every))
    return [every[number] for number in order[:VIDEOS]]


def before(chosen: Any, modes: list[str]) -> Row:
    """How the weights track as they are."""
    return {"start": scores(chosen(), load_weights(WEIGHTS)[0], modes)}


def run(chosen: Any, start: Row, modes: list[str], loss: str, seed: int) -> Row:
    """Adapts the weights and tracks with what came of it; ``start``: how the weights track as they are."""
    items = chosen()
    recipe, _ = load_recipe("adapt")
    recipe = recipe.model_copy(update={"stages": (recipe.stages[0].model_copy(update={"loss": loss}),)})
    with tempfile.TemporaryDirectory() as folder, Watched() as watched:
        options = RunOptions(start=WEIGHTS, seed=seed, progress=False)
        model = adapt([item.sequence for item in items], recipe, folder, options)
    last = load_weights(WEIGHTS)[0]
    kept_start, kept_last = (same(model.state_dict(), weights) for weights in (last.state_dict(), watched.weights))
    last.load_state_dict(watched.weights)
    unchecked = scores(items, last, modes)
    adapted = start["start"] if kept_start else unchecked if kept_last else scores(items, model, modes)
    kept = "start" if kept_start else "adapted"
    return {"kept": kept, "check": watched.said, "unchecked": unchecked, "adapted": adapted}


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    """Whether two sets of weights are equal."""
    return all(torch.equal(tensor, other[name]) for name, tensor in one.items())


class Watched:
    """Keeps the last weights that were validated, and what every validation said."""

    def __enter__(self) -> Watched:
        self.said: list[str] = []
        self.weights: dict[str, torch.Tensor] = {}
        self._validate = SelfTaughtTraining.validate
        SelfTaughtTraining.validate = self._note()  # type: ignore[method-assign]
        return self

    def __exit__(self, *_: object) -> None:
        SelfTaughtTraining.validate = self._validate  # type: ignore[method-assign]

    def _note(self) -> Any:
        def validate(stage: SelfTaughtTraining, keep_going: Any) -> Validation | None:
            found = self._validate(stage, keep_going)
            self.weights = {name: tensor.clone() for name, tensor in stage.result().state_dict().items()}
            self.said.append("" if found is None else found.message)
            return found

        return validate


def scores(items: list[Labelled], model: Model, modes: list[str]) -> dict[str, dict[str, list[float]]]:
    """By mode and video."""
    assert isinstance(model, AssociationNetwork)
    recipe = load_weights(WEIGHTS)[1]
    found = {}
    for mode in modes:
        pairs: dict[str, Any] = {}
        for item in items:
            pairs[item.sequence.name] = item.annotations, TRACKERS[mode](item.sequence, model, recipe)
        found[mode] = rows_of(evaluate(pairs), list(pairs))
    return found


def report(rows: dict[str, Row]) -> str:
    """A table a mode: every data set and all together, before and after."""
    lines = []
    for mode in TRACKERS:
        table = []
        for names in [*([name] for name in TABLE), list(TABLE)]:
            shown = "all" if len(names) > 1 else names[0]
            for loss in LOSSES:
                pairs = _pairs(rows, names, loss, mode)
                for weights in ("adapted", "unchecked") if pairs else ():
                    table.append(f"| {shown} | {loss} | {weights} | {' | '.join(_cells(pairs, weights, mode))} |")
        if table:
            head = "| data | loss | weights | runs | kept | HOTA | IDF1 | switches | Δ HOTA | Δ IDF1 | Δ switches, % |"
            lines += [f"## {mode}", "", head, "|---" * 11 + "|", *table, ""]
    return "\n".join(lines).rstrip()


def _pairs(rows: dict[str, Row], names: list[str], loss: str, mode: str) -> list[tuple[Row, Row]]:
    """Before and after of every run."""
    split = [(key.split("|"), row) for key, row in rows.items()]
    runs = [(name, seed, row) for (name, arm, seed), row in split if name in names and arm == loss]
    return [(rows[f"{name}|start|{seed}"], row) for name, seed, row in runs if mode in row["adapted"]]


def _cells(pairs: list[tuple[Row, Row]], weights: str, mode: str) -> list[str]:
    """Means over runs; a run is the mean of its videos, or their sum of switches. Intervals are over runs."""
    start, after = (
        np.array([list(row[mode].values()) for row in part])
        for part in ([first["start"] for first, _ in pairs], [row[weights] for _, row in pairs])
    )
    kept = sum(row["kept"] == "adapted" for _, row in pairs)
    scores = [SCORES.index(score) for score in ("hota", "idf1")]
    cells = [str(len(pairs)), str(kept) if weights == "adapted" else "–"]
    cells += [f"{start[..., column].mean():.1f} → {after[..., column].mean():.1f}" for column in scores]
    switches = [values[..., SWITCHES].sum(1) for values in (start, after)]
    cells.append(f"{switches[0].mean():.1f} → {switches[1].mean():.1f}")
    cells += [interval((after - start)[..., column].mean(1)) for column in scores]
    return [*cells, interval(100 * (switches[1] - switches[0]) / max(switches[0].mean(), 1e-9))]


if __name__ == "__main__":
    main()
