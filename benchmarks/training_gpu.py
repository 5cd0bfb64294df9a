"""Training on a GPU beside the processor of the same machine: how fast, and whether as much is learned.

    python benchmarks/training_gpu.py

Steps a second of the shipped recipes of the association network and of the window network, and of the latter with
batches and widths that a GPU is made for; then all stages in every precision, from several seeds, shortly: what they
score on held-out scenes, and how much memory they take. Simulated scenes of a dozen objects. Where there is no such
device, --accelerator cpu measures the processor alone. Writes benchmarks/results/training_gpu.json and .md.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from training_gpu_tables import write

#: Ways to train: recipe, what is changed in its network and its stage, options of the run, threads (0: all cores).
WIDE: dict[str, Any] = {"network": {"hidden": 128}, "stage": {"batch_size": 32}}
WAYS: dict[str, tuple[str, dict[str, Any], dict[str, Any], int]] = {}
for _name, _recipe, _changes in (
    ("association", "association", {}),
    ("association, 128 rollouts", "association", {"stage": {"batch_size": 128}}),
    ("window", "mpn", {}),
    ("window, batch 32, width 128", "mpn", WIDE),
):
    _workers = {"workers": 4} if _recipe == "mpn" else {}
    for _kind, _options, _threads in (
        ("processor, 1 thread", {}, 1),
        ("processor, all cores", _workers, 0),
        ("GPU, 32", {"accelerator": "cuda"} | _workers, 1),
        ("GPU, 32, deterministic", {"accelerator": "cuda"} | _workers, 1),
        ("GPU, bf16", {"accelerator": "cuda", "precision": "bf16"} | _workers, 1),
        ("GPU, 16", {"accelerator": "cuda", "precision": "16"} | _workers, 1),
    ):
        if not _changes or not _kind.endswith(("1 thread", "deterministic")):
            WAYS[f"{_name}: {_kind}"] = _recipe, _changes, _options, _threads
#: Steps that are timed, after those that are not; fewer where they take longer than so many seconds.
STEPS, FIRST, LONGEST = 24, 6, 8.0
#: What is learned shortly, and the precisions of a GPU.
LEARNED, PRECISIONS = ("association", "mpn"), ("32", "bf16", "16")
SEEDS = 2
#: Scenes to learn from, and held-out ones; frames of each.
SCENES, HELD_OUT, FRAMES = 6, 3, 240
MEGABYTE = 2**20


def scenes(first: int, count: int, frames: int) -> list[Any]:
    """Simulated scenes of a dozen objects, as labelled sequences."""
    from loss_sets import synthetic_video

    return [synthetic_video(12, frames, seed) for seed in range(first, first + count)]


def changed(name: str, changes: dict[str, Any], steps: int) -> Any:
    """A shipped recipe with its first stage alone, of so many steps."""
    from gnntrack.training.reading import load_recipe

    recipe, _ = load_recipe(name)
    (stage, *_) = recipe.stages
    length = {"epochs": 1, "steps": steps} if name == "association" else {"epochs": 2}
    shape = recipe.architecture.model_copy(update=changes.get("network", {}))
    stage = stage.model_copy(update=length | changes.get("stage", {}))
    return recipe.model_copy(update={"architecture": shape, "stages": (stage,)})


class _Enough(Exception):  # noqa: N818  (no error)
    """All steps were timed."""


def seconds_a_step(way: str, items: list[Any]) -> float:
    """Trains, and times the steps after the first ones."""
    import torch

    from gnntrack.training import RunOptions, StageData, loop, rollout_training, train_stages

    name, changes, options, threads = WAYS[way]
    torch.set_num_threads(threads or os.cpu_count() or 1)
    rollout_training.FIRST_STEPS = 1  # tracks are made of the network's own links from the first step on
    marks: list[float] = []
    one_step = loop._Fit._learn

    def timed(self: Any, *given: Any) -> None:
        if way.endswith("deterministic"):
            torch.use_deterministic_algorithms(True, warn_only=True)
        one_step(self, *given)
        if options.get("accelerator") == "cuda":
            torch.cuda.synchronize()
        marks.append(time.perf_counter())
        if len(marks) == FIRST + STEPS or (len(marks) > FIRST and marks[-1] - marks[FIRST - 1] > LONGEST):
            raise _Enough

    loop._Fit._learn = timed  # type: ignore[method-assign]
    try:
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(action="ignore"):
            recipe = changed(name, changes, FIRST + STEPS)
            train_stages([StageData(items)], recipe, Path(folder) / "run", RunOptions(progress=False, **options))
    except _Enough:
        return (marks[-1] - marks[FIRST - 1]) / (len(marks) - FIRST)
    finally:
        loop._Fit._learn = one_step  # type: ignore[method-assign]
        torch.use_deterministic_algorithms(False)
    raise RuntimeError(f"{way}: {len(marks)} steps, of {FIRST + STEPS}")


def measure_speed(accelerator: str, rounds: int) -> dict[str, list[float]]:
    """Seconds a step of every way, once a round; rounds in turn."""
    items = scenes(0, 8, 600)
    ways = [way for way, (_, _, options, _) in WAYS.items() if options.get("accelerator", "cpu") in ("cpu", accelerator)]
    found: dict[str, list[float]] = {way: [] for way in ways}
    for number in range(rounds):
        for way in ways:
            found[way].append(seconds_a_step(way, items))
            print(number + 1, way, f"{1 / found[way][-1]:.2f} steps/s", flush=True)
    return found


def short_recipe(name: str) -> Any:
    """A shipped recipe, all stages of it, shortly."""
    from gnntrack.training.reading import load_recipe

    recipe, _ = load_recipe(name)
    changes: dict[str, dict[str, Any]] = {
        "association": {"epochs": 2, "steps": 120},
        "relinking": {"clips": 30, "length": 200, "steps": 250},
        "smoothing": {"steps": 500},
        "window": {"epochs": 6},
    }
    stages = tuple(stage.model_copy(update=changes[stage.train]) for stage in recipe.stages)
    return recipe.model_copy(update={"stages": stages})


def learn(name: str, accelerator: str, precision: str, seed: int) -> dict[str, Any]:
    """Trains all stages of a recipe shortly; what each scores and takes, and how its weights track on the processor."""
    import numpy as np
    import pandas as pd
    import torch

    from gnntrack.models import load_for_tracking
    from gnntrack.training import METRICS, RunOptions, StageData, loop, train_stages
    from gnntrack.training.validation import association_scores

    memory: dict[str, list[float]] = {}
    one_step = loop._Fit._learn

    def watched(self: Any, *given: Any) -> None:
        one_step(self, *given)
        if accelerator == "cuda":
            held = memory.setdefault(self.context.name, [])
            held.append(torch.cuda.max_memory_allocated() / MEGABYTE)
            torch.cuda.reset_peak_memory_stats()

    loop._Fit._learn = watched  # type: ignore[method-assign]
    recipe, held_out = short_recipe(name), scenes(100, HELD_OUT, FRAMES)
    data = StageData(scenes(0, SCENES, FRAMES), held_out)
    options = RunOptions(seed=seed, progress=False, accelerator=accelerator, precision=precision)
    stages = {}
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        train_stages([data] * len(recipe.stages), recipe, run, options)
        for stage in recipe.stages:
            table = pd.read_csv(run / stage.title / METRICS)
            figures = table.filter(regex="train/total|validation/(hota|total|iou)")
            held = np.array(memory.get(stage.title, [0.0]))
            half = len(held) // 2
            stages[stage.title] = {
                "finite": bool(np.isfinite(figures.to_numpy(float)).all()),
                "figures": {column: table[column].tolist() for column in figures},
                "peak MB, first and second half": [float(held[: half or 1].max()), float(held[half:].max())],
            }
        network, found = load_for_tracking(run / "weights.safetensors")
        hota = float(association_scores(held_out, network, found).mean())
    return {"stages": stages, "HOTA on the processor": hota}


def learn_all(accelerator: str) -> list[dict[str, Any]]:
    """Every recipe, precision and seed, each in a process of its own with one thread, as many at once as fit."""
    wanted = [("cpu", "32")] + [(accelerator, precision) for precision in PRECISIONS if accelerator != "cpu"]
    runs = [
        {"name": name, "accelerator": where, "precision": precision, "seed": seed}
        for name in LEARNED
        for where, precision in wanted
        for seed in range(SEEDS)
    ]

    def one(run: dict[str, Any]) -> dict[str, Any]:
        environment = os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
        command = [sys.executable, __file__, "--run", json.dumps(run)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        print(run, done.stderr.strip().splitlines()[-1:] if done.returncode else "done", flush=True)
        return run | (json.loads(done.stdout.splitlines()[-1]) if not done.returncode else {"error": done.stderr})

    with ThreadPoolExecutor(max(1, min(len(runs), (os.cpu_count() or 1) - 1))) as pool:
        return list(pool.map(one, runs))


def machine(accelerator: str) -> dict[str, Any]:
    """What was measured on."""
    import torch

    card = torch.cuda.get_device_name() if accelerator == "cuda" else None
    return {"cores": os.cpu_count(), "card": card, "torch": torch.__version__}


def main() -> None:
    """Measures, or is one of those that are measured."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--accelerator", choices=("cpu", "cuda"), default="cuda")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--run", type=json.loads, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run is not None:
        print(json.dumps(learn(**given.run)))
        return
    result: dict[str, Any] = {"machine": machine(given.accelerator)}
    result["seconds per step"] = measure_speed(given.accelerator, given.rounds)
    write(result)
    result["learned"] = learn_all(given.accelerator)
    write(result)


if __name__ == "__main__":
    main()
