"""How fast networks learn: an earlier version and this one, one process and two, alternating in one run.

    git worktree add BEFORE COMMIT
    python benchmarks/training_speed.py --before BEFORE

Trains the shipped recipes of the association network and of the window network on simulated scenes, which both
versions read from the same file. Steps are timed on the clock and in processor time, a thread a process; each way is
started anew for every round, and of its rounds the median counts. The first steps of each are not timed. Besides, what
each part of a step of the window network costs, before and now. Writes benchmarks/results/training_speed.json and .md.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from training_tables import PARTS, write

#: Ways to train: recipe, which version, and options of its run.
WAYS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "association, before": ("association", "before", {}),
    "association": ("association", "now", {}),
    "association, 2 processes": ("association", "now", {"devices": "2"}),
    "window, before": ("mpn", "before", {}),
    "window": ("mpn", "now", {}),
    "window, 1 worker": ("mpn", "now", {"workers": 1}),
    "window, 2 processes": ("mpn", "now", {"devices": "2"}),
}
#: Steps of each recipe that are timed, after those that are not.
STEPS, FIRST = {"association": 40, "mpn": 15}, 6
COLUMNS = ("frame", "x", "y", "w", "h", "conf")


def write_scenes(path: Path) -> None:
    """Simulated scenes of a dozen objects, with the identity of each box."""
    from loss_sets import synthetic_video

    scenes = {}
    for seed in range(4):
        item = synthetic_video(12, 300, seed)
        scenes[str(seed)] = np.column_stack([item.sequence.boxes[list(COLUMNS)].to_numpy(float), item.identity])
    np.savez(path, **scenes)


def videos(path: Path) -> list[Any]:
    """The scenes as labelled sequences of whichever version can be imported."""
    from gnntrack.datasets.labelled import Labelled
    from gnntrack.sequence import Sequence

    items = []
    with np.load(path) as scenes:
        for scene, rows in scenes.items():
            table = pd.DataFrame(rows[:, : len(COLUMNS)], columns=list(COLUMNS)).astype({"frame": int})
            sequence = Sequence(scene, table, width=1920, height=1080, frame_rate=20.0)
            items.append(Labelled(sequence, rows[:, -1].astype(int)))
    return items


def measure_parts(path: Path) -> None:
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
    for step in range(FIRST + STEPS["mpn"]):
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


def learn(path: Path, name: str, options: dict[str, Any]) -> None:
    """Trains a recipe with whichever version can be imported, and prints seconds per step."""
    from gnntrack.training import RunOptions, StageData, rollout_training, train_stages
    from gnntrack.training.reading import load_recipe
    from gnntrack.training.stage import Stage

    rollout_training.FIRST_STEPS = 1  # tracks are made of the network's own links from the first step on
    recipe, _ = load_recipe(name)
    steps = FIRST + STEPS[name]
    (stage, *_) = recipe.stages
    changes = {"epochs": 1} | ({"steps": steps} if name == "association" else {})
    recipe = recipe.model_copy(update={"stages": (stage.model_copy(update=changes),)})
    marks: list[tuple[float, float]] = []

    def mark(self: Stage) -> None:
        marks.append((time.perf_counter(), time.process_time()))
        if len(marks) == steps:
            report(marks)

    kind = rollout_training.RolloutTraining if name == "association" else Stage
    after = kind.after_step
    kind.after_step = lambda self: (after(self), mark(self))[0]  # type: ignore[assignment]
    with tempfile.TemporaryDirectory() as folder:
        train_stages([StageData(videos(path))], recipe, Path(folder) / "run", RunOptions(progress=False, **options))


def report(marks: list[tuple[float, float]]) -> None:
    """Prints seconds a step, on the clock and of this process's processor time."""
    (begun, before), (ended, after) = marks[FIRST - 1], marks[-1]
    count = len(marks) - FIRST
    print(json.dumps([(ended - begun) / count, (after - before) / count]), flush=True)


def child(version: str, path: Path, places: dict[str, Path], *arguments: str) -> str:
    """What this script prints with one of the versions and a thread."""
    paths = os.pathsep.join([str(places[version]), str(Path(__file__).parent)])
    environment = os.environ | {"PYTHONPATH": paths, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    command = [sys.executable, __file__, "--scenes", str(path), *arguments]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout


def timed(way: str, path: Path, places: dict[str, Path]) -> dict[str, float]:
    """Seconds a step on the clock, and of the busiest process's processor time."""
    name, version, options = WAYS[way]
    printed = child(version, path, places, "--learn", name, "--options", json.dumps(options))
    found = [json.loads(pair) for pair in re.findall(r"\[[^\[\]]*\]", printed)]  # two processes may share a line
    return {"clock": max(one for one, _ in found), "processor": max(one for _, one in found)}


def main() -> None:
    """Measures, or is one of those that are measured."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--before", type=Path, help="a checkout of the earlier version")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--learn", help=argparse.SUPPRESS)
    parser.add_argument("--parts", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--scenes", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--options", type=json.loads, default={}, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.parts:
        measure_parts(given.scenes)
        return
    if given.learn:
        learn(given.scenes, given.learn, given.options)
        return
    if given.before is None:
        parser.error("--before: name a checkout of the earlier version")
    places = {"before": given.before.resolve(), "now": Path(__file__).parents[1]}
    commit = subprocess.run(
        ["git", "-C", str(given.before), "rev-parse", "--short", "HEAD"], check=True, capture_output=True, text=True
    ).stdout.strip()
    rounds: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    parts: dict[str, list[dict[str, float]]] = {version: [] for version in places}
    load: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scenes.npz"
        write_scenes(path)
        for number in range(given.rounds):
            load.append(os.getloadavg()[0])
            for way in WAYS:
                rounds[way].append(timed(way, path, places))
                print(number + 1, way, rounds[way][-1], flush=True)
            for version in places:
                parts[version].append(json.loads(child(version, path, places, "--parts")))
                print(number + 1, version, parts[version][-1], flush=True)
            write(rounds, parts, commit, load)


if __name__ == "__main__":
    main()
