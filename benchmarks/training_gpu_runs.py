"""What training_gpu.py starts besides: a short training of all stages, once as it is, once stopped and going on."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
from loss_sets import synthetic_video

#: Where a run begins, in which precision, and where it goes on after every other stop.
_PAIRS = (
    (("cuda", "32"), ("cuda", "32")),
    (("cuda", "16"), ("cuda", "16")),
    (("cuda", "32"), ("cpu", "32")),
    (("cuda", "16"), ("cpu", "bf16")),
    (("cpu", "32"), ("cuda", "bf16")),
)
RUNS: list[dict[str, Any]] = [
    {"name": name, "first": list(first), "then": list(then)}
    for name in ("association", "mpn")
    for first, then in _PAIRS
]
#: Short stages; scenes to learn from and held-out ones, frames of each.
SHORT: dict[str, dict[str, Any]] = {
    "association": {"epochs": 2, "steps": 8, "batch_size": 4},
    "relinking": {"clips": 4, "length": 80, "steps": 12},
    "smoothing": {"steps": 12},
    "window": {"epochs": 2},
}
SCENES, HELD_OUT, FRAMES = 2, 1, 100
#: Of the moments at which it may, those at which a run is stopped; the last are in other stages.
STOPS = {"association": (5, 12, 30, 60), "mpn": (7, 14)}
SEED = 1
MEGABYTE = 2**20


def scenes(first: int, count: int, frames: int) -> list[Any]:
    """Simulated scenes of a dozen objects, as labelled sequences."""
    return [synthetic_video(12, frames, seed) for seed in range(first, first + count)]


def short_recipe(name: str) -> Any:
    """A shipped recipe, all stages of it, shortly and without dropout, which devices draw differently."""
    from gnntrack.training.reading import load_recipe

    def without_dropout(part: Any) -> Any:
        return part.model_copy(update={"dropout": 0.0})

    recipe, _ = load_recipe(name)
    stages = []
    for stage in recipe.stages:
        network = {"network": without_dropout(stage.network)} if hasattr(stage, "network") else {}
        stages.append(stage.model_copy(update=SHORT[stage.train] | network))
    return recipe.model_copy(update={"architecture": without_dropout(recipe.architecture), "stages": tuple(stages)})


def learn(name: str, first: list[str], then: list[str]) -> dict[str, Any]:
    """Trains; then again, stopped at some steps, going on on the other device and back; the weights are loaded.

    Args:
        name: of a shipped recipe.
        first: accelerator and precision with which a run begins.
        then: those with which it goes on after the first, third, … stop.
    """
    from gnntrack.models import load_for_tracking
    from gnntrack.training import RunOptions, StageData, loop, train_stages
    from gnntrack.training.interruption import Interrupted
    from gnntrack.training.run_state import RunState

    recipe = short_recipe(name)
    data = [StageData(scenes(0, SCENES, FRAMES), scenes(100, HELD_OUT, FRAMES))] * len(recipe.stages)
    titles = [stage.title for stage in recipe.stages]
    memory = _watch_memory(loop) if first[0] == "cuda" else {}

    def train(out: Path, where: list[str], resume: bool = False) -> None:
        options = {"seed": SEED, "resume": resume, "progress": False, "checkpoint_every": 0.0}
        train_stages(data, recipe, out, RunOptions(**options, accelerator=where[0], precision=where[1]))

    with tempfile.TemporaryDirectory() as folder:
        whole, cut = Path(folder) / "whole", Path(folder) / "cut"
        train(whole, first)
        peaks = {title: [max(held) for held in np.array_split(values, 2)] for title, values in memory.items()}
        calls, going_on = [0], RunState.keep_going

        def stop(self: RunState) -> None:
            calls[0] += 1
            if calls[0] in STOPS[name]:
                raise Interrupted
            going_on(self)

        stops = 0
        with patch.object(RunState, "keep_going", stop):
            while True:
                try:
                    train(cut, then if stops % 2 else first, resume=stops > 0)
                    break
                except Interrupted:
                    stops += 1
        load_for_tracking(cut / "weights.safetensors")
        figures = figures_of(whole, titles)
        difference = largest_difference(figures, figures_of(cut, titles))
    return {"stops": stops, "figures": figures, "difference": difference, "peak MB, halves": peaks}


def _watch_memory(loop: Any) -> dict[str, list[float]]:
    """Notes, for each stage, the most megabytes that tensors took in each step."""
    import torch

    found: dict[str, list[float]] = {}
    one_step = loop._Fit._learn

    def watched(self: Any, *given: Any) -> None:
        torch.cuda.reset_peak_memory_stats()
        one_step(self, *given)
        found.setdefault(self.context.name, []).append(torch.cuda.max_memory_allocated() / MEGABYTE)

    loop._Fit._learn = watched
    return found


def figures_of(run: Path, titles: list[str]) -> dict[str, dict[str, list[float]]]:
    """Losses and what was validated, epoch by epoch, of every stage."""
    from gnntrack.training import METRICS

    tables = {title: pd.read_csv(run / title / METRICS) for title in titles}
    wanted = "train/total|validation/(hota|total|iou)"
    return {title: table.filter(regex=wanted).to_dict("list") for title, table in tables.items()}


def largest_difference(one: dict[str, dict[str, list[float]]], other: dict[str, dict[str, list[float]]]) -> float:
    """Relative, of any figure of two runs.

    Raises:
        ValueError: one is not finite, or they have not equally many epochs.
    """
    largest = 0.0
    for title, columns in one.items():
        for column, values in columns.items():
            first, second = np.array(values), np.array(other[title][column])
            if first.shape != second.shape or not np.isfinite([first, second]).all():
                raise ValueError(f"{title}, {column}: {values} and {other[title][column]}")
            largest = max(largest, float((np.abs(first - second) / np.abs(first)).max()))
    return largest
