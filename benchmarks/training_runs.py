"""What training_speed.py starts: one short training, timed, with whichever version of gnntrack can be imported."""

from __future__ import annotations

import json
import tempfile
import time
from functools import wraps
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from training_tables import PARTS

#: Steps of each kind of stage that are timed, after those that are not.
STEPS, FIRST = {"association": 40, "window": 15, "relinking": 30, "smoothing": 200}, 6
#: Steps of a run that only shows that all works.
FEW = 2
#: The recipe that each is a stage of, and what is changed of it: one short epoch, of as large batches.
RECIPES = {"association": "association", "window": "mpn", "relinking": "association", "smoothing": "association"}
#: Clips that relinking tracks; the first is not timed, nor is the first video of smoothing.
CLIPS = 6
#: Stages that learn from what weights have tracked.
TRACKS = ("relinking", "smoothing")
DETECTED, ANNOTATED = ("frame", "x", "y", "w", "h", "conf"), ("frame", "id", "x", "y", "w", "h")
#: Seconds on the clock and of this process's processor time.
Moment = tuple[float, float]


def write_scenes(path: Path, count: int, frames: int) -> None:
    """Simulated scenes of a dozen objects: detections with the identity of each, and annotations."""
    from loss_sets import synthetic_video

    scenes = {}
    for seed in range(count):
        item = synthetic_video(12, frames, seed)
        detected = item.sequence.boxes[list(DETECTED)].to_numpy(float)
        scenes[f"{seed}"] = np.column_stack([detected, item.identity])
        scenes[f"{seed} annotated"] = item.annotations.boxes[list(ANNOTATED)].to_numpy(float)
    np.savez(path, **scenes)


def videos(path: Path) -> list[Any]:
    """The scenes as labelled sequences of whichever version can be imported."""
    from gnntrack.datasets.labelled import Labelled
    from gnntrack.sequence import Sequence

    def sequence(name: str, rows: np.ndarray, columns: tuple[str, ...]) -> Sequence:
        table = pd.DataFrame(rows, columns=list(columns)).astype({"frame": int})
        table = table.astype({"id": int}) if "id" in columns else table
        return Sequence(name, table, width=1920, height=1080, frame_rate=20.0)

    items = []
    with np.load(path) as scenes:
        for name in [name for name in scenes if not name.endswith("annotated")]:
            rows, annotated = scenes[name], scenes[f"{name} annotated"]
            found = sequence(name, rows[:, : len(DETECTED)], DETECTED)
            items.append(Labelled(found, rows[:, -1].astype(int), sequence(name, annotated, ANNOTATED)))
    return items


def measure_parts(path: Path, counted: int) -> None:
    """Prints what each part of a step of the window network costs, in seconds of processor time."""
    import torch
    from torch_geometric.data import Batch

    from gnntrack.losses import build_loss
    from gnntrack.models import MessagePassing
    from gnntrack.training.reading import load_recipe
    from gnntrack.training.windows import WindowDataset

    try:
        from gnntrack.training.joining import joined
    except ImportError:  # an earlier version
        joined = Batch.from_data_list
    recipe, _ = load_recipe("mpn")
    (stage,) = recipe.stages
    windows = WindowDataset(videos(path), recipe.graph, stage.augmentation, 0)
    network, loss = MessagePassing(recipe.architecture).train(), build_loss(stage.loss)
    optimizer = torch.optim.AdamW(network.parameters())
    costs: list[np.ndarray] = []
    for step in range(FIRST + counted):
        optimizer.zero_grad()
        marks = [time.process_time()]
        graphs = [windows[0, position] for position in range(8 * step, 8 * step + 8)]
        marks.append(time.process_time())
        batch = joined(graphs)
        marks.append(time.process_time())
        logits = network(batch)
        marks.append(time.process_time())
        total = loss(logits, batch).total
        marks.append(time.process_time())
        total.backward()
        marks.append(time.process_time())
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        marks.append(time.process_time())
        if step >= FIRST:
            costs.append(np.diff(marks))
    print(json.dumps(dict(zip(PARTS, np.median(costs, axis=0).tolist(), strict=True))))


def learn(path: Path, kind: str, options: dict[str, Any], counted: int) -> None:
    """Trains one stage of a recipe; prints seconds a step, and a clip or video that it tracks before the steps."""
    from gnntrack.training import RunOptions, StageData, rollout_training, train_stages
    from gnntrack.training.reading import load_recipe
    from gnntrack.training.stage import Stage

    rollout_training.FIRST_STEPS = 1  # tracks are made of the network's own links from the first step on
    recipe, _ = load_recipe(RECIPES[kind])
    steps, marks = FIRST + counted, list[Moment]()
    stage = next(stage for stage in recipe.stages if stage.train == kind)
    recipe = recipe.model_copy(update={"stages": (stage.model_copy(update=_changes(stage, kind, steps)),)})

    def mark(self: Stage) -> None:
        marks.append(_now())
        if len(marks) == steps:  # what comes after it is not timed
            _report("step", (np.subtract(marks[-1], marks[FIRST - 1]) / counted).tolist())

    learner = rollout_training.RolloutTraining if kind == "association" else Stage
    after = learner.after_step
    learner.after_step = lambda self: (after(self), mark(self))[0]  # type: ignore[assignment]
    spent = _time_tracking(kind) if kind in TRACKS else {}
    options = {"start": "default", **options} if kind in TRACKS else options
    with tempfile.TemporaryDirectory() as folder:
        train_stages([StageData(videos(path))], recipe, Path(folder) / "run", RunOptions(progress=False, **options))
    if spent:
        _report("tracked", np.sum([np.median(each[1:], axis=0) for each in spent.values()], axis=0).tolist())


def _changes(stage: Any, kind: str, steps: int) -> dict[str, Any]:
    """A short run of a stage, whose steps cost what they always do."""
    if kind == "window":
        return {"epochs": 1}
    if kind == "association":
        return {"epochs": 1, "steps": steps}
    if kind == "smoothing":
        return {"steps": steps, "from_scratch": True}
    one = stage.network.model_copy(update={"members": 1})
    return {"steps": steps, "from_scratch": True, "network": one, "clips": CLIPS}


def _time_tracking(kind: str) -> dict[str, list[Moment]]:
    """Notes how long each clip, or video in each mode, takes that a stage tracks to learn from it."""
    from gnntrack.training import relinking_examples, smoothing_examples

    spent: dict[str, list[Moment]] = {}
    owner: type = relinking_examples.TrackedGraphs if kind == "relinking" else smoothing_examples.Tracking
    name = "of_clip" if kind == "relinking" else "examples"
    make = getattr(owner, name)

    @wraps(make)
    def timed(self: Any, *arguments: Any) -> Any:
        begun = _now()
        made = make(self, *arguments)
        mode = "clip" if kind == "relinking" else self.boxes_of.__name__
        spent.setdefault(mode, []).append(tuple(np.subtract(_now(), begun)))
        return made

    setattr(owner, name, timed)
    return spent


def _now() -> Moment:
    return time.perf_counter(), time.process_time()


def _report(what: str, seconds: list[float]) -> None:
    """Prints seconds on the clock and of this process's processor time."""
    print(what, json.dumps(seconds), flush=True)
