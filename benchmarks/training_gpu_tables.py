"""The page of training_gpu.py: ways to train, how fast each is, and what short runs learned."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from textwrap import fill
from typing import Any

from gnntrack.files import write_text

RESULTS = Path(__file__).parent / "results"
FIGURES = RESULTS / "training_gpu.json"


@dataclass(frozen=True)
class Size:
    """What is trained.

    Attributes:
        recipe: a shipped one, of which the first stage counts.
        changes: of its network and its stage.
    """

    recipe: str
    changes: dict[str, dict[str, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Kind:
    """How it is trained.

    Attributes:
        accelerator: where.
        precision: in which.
        threads: of the processor; 0: as many as cores.
        deterministic: whether sums on the GPU are made in the same order in every run.
        alone: whether only recipes as they ship are trained so.
    """

    accelerator: str = "cpu"
    precision: str = "32"
    threads: int = 1
    deterministic: bool = False
    alone: bool = False


SIZES = {
    "association": Size("association"),
    "association, 128 rollouts a step": Size("association", {"stage": {"batch_size": 128}}),
    "window": Size("mpn"),
    "window, 32 a step, 128 wide": Size("mpn", {"network": {"hidden": 128}, "stage": {"batch_size": 32}}),
}
KINDS = {
    "processor, one core": Kind(alone=True),
    "processor, all cores": Kind(threads=0),
    "GPU, 32": Kind("cuda"),
    "GPU, 32, deterministic": Kind("cuda", deterministic=True, alone=True),
    "GPU, bf16": Kind("cuda", "bf16"),
    "GPU, 16": Kind("cuda", "16"),
}


def speeds(result: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Steps a second, of what and in which way: the median of the rounds."""
    found = result["seconds per step"]
    return {size: {kind: 1 / median(seconds) for kind, seconds in ways.items()} for size, ways in found.items()}


def table_of_speed(result: dict[str, Any]) -> list[str]:
    """A row for each way, a column for each size."""
    found = speeds(result)
    lines = [f"| steps a second | {' | '.join(found)} |", f"|---|{'---|' * len(found)}"]
    for kind in KINDS:
        cells = [f"{ways[kind]:.1f}" if kind in ways else "" for ways in found.values()]
        lines.append(f"| {kind} | {' | '.join(cells)} |")
    return lines


def table_of_runs(runs: list[dict[str, Any]]) -> list[str]:
    """A row for each short run."""
    lines = ["| recipe | begun on | went on on | stops | largest difference to a run that was not stopped |"]
    lines.append("|---|---|---|---|---|")
    for run in runs:
        places = [" ".join(run[name]) for name in ("first", "then")]
        lines.append(f"| {run['name']} | {' | '.join(places)} | {run['stops']} | {run['difference']:.1g} |")
    return lines


def table_of_figures(runs: list[dict[str, Any]]) -> list[str]:
    """What the last epoch of each stage gave, where a run began."""
    begun = {" ".join(run["first"]): None for run in runs}
    lines = [f"| stage, figure | {' | '.join(begun)} |", f"|---|{'---|' * len(begun)}"]
    whole = {(run["name"], " ".join(run["first"])): run["figures"] for run in runs}
    for name in dict.fromkeys(run["name"] for run in runs):
        stages = whole[name, next(iter(begun))]
        for stage, columns in stages.items():
            for column in columns:
                values = [f"{whole[name, where][stage][column][-1]:.4f}" for where in begun]
                lines.append(f"| {stage}, {column} | {' | '.join(values)} |")
    return lines


def page(result: dict[str, Any]) -> str:
    """The page of these figures."""
    machine, ways = result["machine"], result["seconds per step"]
    count = max(len(seconds) for kinds in ways.values() for seconds in kinds.values())
    parts = ["# Training on a GPU", "`python benchmarks/training_gpu.py`"]
    parts.append(
        _paragraph(
            "The shipped recipes `association` (16 rollouts, two frames a step) and `mpn` (window: 8 windows of 20",
            "frames, 32 wide), and larger ones, on simulated scenes of a dozen objects; medians, rounds in turn:",
            f"at most {count}. One machine: {machine['card']}, {machine['cores']} cores, torch {machine['torch']}.",
            "Windows are built by four other processes, except in the row of one core.",
        )
    )
    parts.append("\n".join(table_of_speed(result)))
    parts.append(
        _paragraph(
            "Deterministic: `torch.use_deterministic_algorithms(True)`, under which sums on the GPU are sorted first",
            "and new memory is filled; training leaves that out, except on the processor.",
        )
    )
    for size, found in result["busy"].items():
        parts.append(
            _paragraph(
                f"A step of {size} is {found['operations']:,.0f} operations on the GPU,",
                f"which take it {found['ms']:.1f} ms of {1000 / speeds(result)[size]['GPU, 32']:.0f} (in float32).",
            )
        )
    if result["runs"]:
        parts.append("## What is learned")
        parts.append(
            _paragraph(
                "All stages of the recipes, shortly, without dropout, from one seed: figures of the last epoch, by",
                "where a run began.",
            )
        )
        parts.append("\n".join(table_of_figures(result["runs"])))
        parts.append(
            _paragraph(
                "In float16 the scale of the gradients is searched at first, and the steps that try too large a one",
                "change nothing; of the sixteen of `association`, that is one. A rollout tracks by what was learned so",
                "far, so small differences grow in `association` and in what learns from its tracks. Runs that were",
                "stopped, and the largest relative difference of any figure:",
            )
        )
        parts.append("\n".join(table_of_runs(result["runs"])))
        peaks = [values for run in result["runs"] for values in run.get("peak MB, halves", {}).values()]
        if peaks:
            most = max(max(halves) for halves in peaks)
            parts.append(_paragraph(f"Tensors took at most {most:.0f} MB of the GPU in these runs."))
    if "note" in result:
        parts.append(_paragraph(result["note"]))
    return "\n\n".join(parts) + "\n"


def write(result: dict[str, Any]) -> None:
    """Both files."""
    write_text(FIGURES, json.dumps(result, indent=1) + "\n")
    write_text(FIGURES.with_suffix(".md"), page(result))


def _paragraph(*lines: str) -> str:
    return fill(" ".join(lines), 120, break_long_words=False, break_on_hyphens=False)
