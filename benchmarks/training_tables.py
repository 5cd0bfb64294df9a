"""The page of training_speed.py: steps a second of every way to train, and what the parts of a step cost."""

from __future__ import annotations

import json
import os
from pathlib import Path
from statistics import median

RESULTS = Path(__file__).parent / "results"
#: Parts of a step of the window network.
PARTS = ("build 8 windows", "join them", "forward", "loss", "backward", "clip and change weights")
#: Load up to which a machine with two cores counts as free.
FREE = 2.0


def table(rounds: dict[str, list[dict[str, float]]]) -> list[str]:
    """A row for each way."""
    lines = ["| | steps/s on the clock | steps per processor second | times as fast (processor) | on the clock |"]
    lines.append("|---|---|---|---|---|")
    middle = {way: {key: median(one[key] for one in found) for key in found[0]} for way, found in rounds.items()}
    for way, found in middle.items():
        start = middle[f"{way.split(',')[0]}, before"]
        speed = [1 / found[key] for key in ("clock", "processor")]
        gain = [start[key] / found[key] for key in ("processor", "clock")]
        lines.append(f"| {way} | {speed[0]:.2f} | {speed[1]:.2f} | {gain[0]:.2f} | {gain[1]:.2f} |")
    return lines


def table_of_parts(parts: dict[str, list[dict[str, float]]]) -> list[str]:
    """A row for each part of a step of the window network."""
    lines = ["| a step of the window network, processor ms | before | now |", "|---|---|---|"]
    middle = {version: {name: median(one[name] for one in found) for name in PARTS} for version, found in parts.items()}
    rows = [(name, *(1000 * middle[version][name] for version in ("before", "now"))) for name in PARTS]
    rows.append(("sum", *(sum(column) for column in zip(*(row[1:] for row in rows), strict=True))))
    return lines + [f"| {name} | {before:.1f} | {now:.1f} |" for name, before, now in rows]


def write(
    rounds: dict[str, list[dict[str, float]]], parts: dict[str, list[dict[str, float]]], commit: str, load: list[float]
) -> None:
    """Both files."""
    from gnntrack.files import write_text

    result = {"before": commit, "cores": os.cpu_count(), "load": load, "seconds per step": rounds, "parts": parts}
    write_text(RESULTS / "training_speed.json", json.dumps(result, indent=1) + "\n")
    count = len(next(iter(rounds.values())))
    busy = ", ".join(f"{one:.1f}" for one in load)
    others = "" if max(load) < FREE else "; others ran, so the columns on the clock say little"
    text = f"""# Speed of training

`python benchmarks/training_speed.py`: the shipped recipes `association` (16 rollouts, two frames a step) and `mpn`
(8 windows of 20 frames) on simulated scenes of a dozen objects, a thread a process; medians, rounds in turn: {count}.
Before: commit {commit}. {os.cpu_count()} cores.

"""
    text += "\n".join(table(rounds))
    text += """

Processor time is that of the busiest process, workers not counted: the least that a step takes on cores that nobody
else wants, waiting for each other not included. A worker takes the first two parts of a step off the trainer:

"""
    text += "\n".join(table_of_parts(parts))
    text += f"""

On the clock, other programs count, and two processes wait for the later one at every step. The machine's load before
each round, what came before it in this benchmark included: {busy}{others}.
"""
    write_text(RESULTS / "training_speed.md", text)
