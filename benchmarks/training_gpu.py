"""Training on a GPU beside the processor of the same machine: how fast, and whether as much is learned.

    python benchmarks/training_gpu.py

Steps a second of the shipped recipes of the association network and of the window network, as they are and larger, on
simulated scenes of a dozen objects. Then short trainings of all stages without dropout: what they score, the most
memory of the GPU that each stage took, and whether a run that is stopped goes on, there or on the processor, as if it
had not been. Writes benchmarks/results/training_gpu.json and .md.
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
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from training_gpu_runs import RUNS, learn, scenes
from training_gpu_tables import KINDS, SIZES, write

#: Steps that are timed, after those that are not; fewer where they take longer than so many seconds.
STEPS, FIRST, LONGEST = 24, 6, 8.0
#: Steps of which it is seen what the GPU does.
PROFILED = 5
#: Of the window network: processes that build windows ahead, so that nothing waits for them.
WORKERS = 4


def ways() -> list[tuple[str, str]]:
    """Size and kind of each way to train; large networks on all cores alone, as a step takes seconds on one."""
    return [(size, kind) for size in SIZES for kind in KINDS if not SIZES[size].changes or not KINDS[kind].alone]


def changed(size: str) -> Any:
    """A shipped recipe with its first stage alone, changed as the size says."""
    from gnntrack.training.reading import load_recipe

    recipe, _ = load_recipe(SIZES[size].recipe)
    (stage, *_) = recipe.stages
    changes = SIZES[size].changes
    length = {"epochs": 1, "steps": FIRST + STEPS} if stage.train == "association" else {"epochs": 2}
    shape = recipe.architecture.model_copy(update=changes.get("network", {}))
    stage = stage.model_copy(update=length | changes.get("stage", {}))
    return recipe.model_copy(update={"architecture": shape, "stages": (stage,)})


class _Enough(Exception):  # noqa: N818  (no error)
    """All steps were seen."""


def train(size: str, kind: str, items: list[Any], step: Callable[[Callable[[], None]], None]) -> None:
    """Trains; ``step`` is called in place of each step, with what does it, until it raises :class:`_Enough`."""
    import torch

    from gnntrack.training import RunOptions, StageData, loop, rollout_training, train_stages

    way, recipe = KINDS[kind], changed(size)
    torch.set_num_threads(way.threads or os.cpu_count() or 1)
    rollout_training.FIRST_STEPS = 1  # tracks are made of the network's own links from the first step on
    one_step = loop._Fit._learn

    def watched(self: Any, *given: Any) -> None:
        if way.deterministic:
            torch.use_deterministic_algorithms(True, warn_only=True)
        step(partial(one_step, self, *given))

    workers = WORKERS if recipe.stages[0].train == "window" and not (way.threads and way.accelerator == "cpu") else 0
    options = RunOptions(progress=False, accelerator=way.accelerator, precision=way.precision, workers=workers)
    loop._Fit._learn = watched  # type: ignore[method-assign]
    try:
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(action="ignore"):
            train_stages([StageData(items)], recipe, Path(folder) / "run", options)
    except _Enough:
        return
    finally:
        loop._Fit._learn = one_step  # type: ignore[method-assign]
        torch.use_deterministic_algorithms(False)
    raise RuntimeError(f"{size}, {kind}: too few steps")


def seconds_a_step(size: str, kind: str, items: list[Any]) -> float:
    """Of the steps after the first ones."""
    import torch

    marks: list[float] = []

    def timed(step: Callable[[], None]) -> None:
        step()
        if KINDS[kind].accelerator == "cuda":
            torch.cuda.synchronize()
        marks.append(time.perf_counter())
        if len(marks) == FIRST + STEPS or (len(marks) > FIRST and marks[-1] - marks[FIRST - 1] > LONGEST):
            raise _Enough

    train(size, kind, items, timed)
    return (marks[-1] - marks[FIRST - 1]) / (len(marks) - FIRST)


def busy(size: str, items: list[Any], kind: str = "GPU, 32") -> dict[str, float]:
    """What a step asks of the GPU: how many operations, and how many milliseconds they take there."""
    from torch.profiler import profile

    profiler, count = profile(), [0]

    def watched(step: Callable[[], None]) -> None:
        if count[0] == FIRST:
            profiler.start()
        step()
        count[0] += 1
        if count[0] == FIRST + PROFILED:
            profiler.stop()
            raise _Enough

    train(size, kind, items, watched)
    found = profiler.key_averages()
    launches = sum(one.count for one in found if "LaunchKernel" in one.key) / PROFILED
    return {"operations": launches, "ms": sum(one.self_device_time_total for one in found) / PROFILED / 1000}


def measure_speed(items: list[Any], rounds: int) -> dict[str, dict[str, list[float]]]:
    """Seconds a step of every way, once a round; rounds in turn."""
    found: dict[str, dict[str, list[float]]] = {}
    for number in range(rounds):
        for size, kind in ways():
            seconds = seconds_a_step(size, kind, items)
            found.setdefault(size, {}).setdefault(kind, []).append(seconds)
            print(number + 1, f"{size}, {kind}: {1 / seconds:.2f} steps/s", flush=True)
    return found


def run_all() -> list[dict[str, Any]]:
    """All short trainings, each in a process of its own with one thread, as many at once as fit."""

    def one(run: dict[str, Any]) -> dict[str, Any]:
        environment = os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
        command = [sys.executable, __file__, "--run", json.dumps(run)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        print(run, done.stderr.strip().splitlines()[-1:] if done.returncode else "done", flush=True)
        return run | (json.loads(done.stdout.splitlines()[-1]) if not done.returncode else {"error": done.stderr})

    with ThreadPoolExecutor(max(1, min(len(RUNS), (os.cpu_count() or 1) - 1))) as pool:
        return list(pool.map(one, RUNS))


def machine() -> dict[str, Any]:
    """What was measured on."""
    import torch

    return {"cores": os.cpu_count(), "card": torch.cuda.get_device_name(), "torch": torch.__version__}


def main() -> None:
    """Measures, or is one of those that are measured."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--run", type=json.loads, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run is not None:
        print(json.dumps(learn(**given.run)))
        return
    items = scenes(0, 8, 600)
    result: dict[str, Any] = {"machine": machine(), "seconds per step": measure_speed(items, given.rounds)}
    result |= {"busy": {size: busy(size, items) for size in SIZES}, "runs": []}
    write(result)
    write(result | {"runs": run_all()})


if __name__ == "__main__":
    main()
