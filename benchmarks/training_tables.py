"""The page of training_speed.py: steps a second of every way to train, and what the parts of a step cost."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import median
from textwrap import fill
from typing import Any

from gnntrack.files import write_text
from gnntrack.models import ModelRecipe
from gnntrack.recipes import load

RESULTS = Path(__file__).parent / "results"
FIGURES = RESULTS / "training_speed.json"
#: Parts of a step of the window network.
PARTS = ("build 8 windows", "join them", "forward", "loss", "backward", "clip and change weights")
#: Load up to which a machine with two cores counts as free.
FREE = 2.0
#: Frames of a scene that is tracked before the steps, and what each stage tracks.
LONG = 600
TRACKED = {
    "relinking": "a clip of at most 500 frames",
    "smoothing": f"a video of {LONG} frames and a noisy copy, online and offline",
}
Rounds = dict[str, list[dict[str, float]]]


def read() -> dict[str, Any]:
    """The figures that are there; empty, where there are none."""
    found = dict(json.loads(FIGURES.read_text())) if FIGURES.is_file() else {}
    if isinstance(found.get("load"), list):  # older figures: of all stages together
        found["load"] = {way: found["load"] for way in found["seconds per step"] if "," not in way}
    return found


def joined(earlier: dict[str, Any], result: dict[str, Any]) -> dict[str, Any]:
    """What was measured now, and of the earlier figures the stages that were not.

    Raises:
        SystemExit: those are held against another version.
    """
    others = set(earlier.get("seconds per step", {})) - set(result["seconds per step"])
    if others and earlier["before"] != result["before"]:
        raise SystemExit(f"the other rows are held against {earlier['before']}: name that, or leave out --only")
    return result | {key: earlier.get(key, {}) | new for key, new in result.items() if isinstance(new, dict)}


def table(rounds: Rounds) -> list[str]:
    """A row for each way."""
    lines = ["| | steps/s on the clock | steps per processor second | times as fast (processor) | on the clock |"]
    lines.append("|---|---|---|---|---|")
    for way, found, start in _medians(rounds):
        speed = [1 / found[key] for key in ("clock", "processor")]
        gain = [start[key] / found[key] for key in ("processor", "clock")]
        lines.append(f"| {way} | {speed[0]:.2f} | {speed[1]:.2f} | {gain[0]:.2f} | {gain[1]:.2f} |")
    return lines


def table_of_tracking(rounds: Rounds) -> list[str]:
    """A row for each way of a stage that tracks before its steps."""
    lines = ["| | s on the clock | processor s | times as fast (processor) | on the clock |", "|---|---|---|---|---|"]
    for way, found, start in _medians(rounds):
        gain = [start[key] / found[key] for key in ("processor", "clock")]
        lines.append(f"| {way} | {found['clock']:.2f} | {found['processor']:.2f} | {gain[0]:.2f} | {gain[1]:.2f} |")
    return lines


def _medians(rounds: Rounds) -> list[tuple[str, dict[str, float], dict[str, float]]]:
    """The median of each way, and that of the earlier version; stage by stage."""
    middle = {way: {key: median(one[key] for one in found) for key in found[0]} for way, found in rounds.items()}
    return [(way, found, middle[f"{way.split(',')[0]}, before"]) for way, found in middle.items()]


def table_of_parts(parts: Rounds) -> list[str]:
    """A row for each part of a step of the window network."""
    lines = ["| a step of the window network, processor ms | before | now |", "|---|---|---|"]
    middle = {version: {name: median(one[name] for one in found) for name in PARTS} for version, found in parts.items()}
    rows = [(name, *(1000 * middle[version][name] for version in ("before", "now"))) for name in PARTS]
    rows.append(("sum", *(sum(column) for column in zip(*(row[1:] for row in rows), strict=True))))
    return lines + [f"| {name} | {before:.1f} | {now:.1f} |" for name, before, now in rows]


def whole_stages(steps: Rounds, tracked: Rounds) -> str:
    """What the recipe's stages that track would take on one core."""
    _, relinking, smoothing = load("models", "association", ModelRecipe).stages
    step, each = ({way: found["processor"] for way, found, _ in _medians(rounds)} for rounds in (steps, tracked))
    count, mixes = relinking.network.members * relinking.steps, 2 * smoothing.steps
    clips, learning = relinking.clips * each["relinking"] / 60, count * step["relinking"] / 60
    return _paragraph(
        "By the recipe, on one core and without validation:",
        f"relinking tracks {relinking.clips:,} clips, {clips:.0f} minutes, and makes {count:,} steps,",
        f"{learning:.0f} minutes;",
        f"smoothing tracks every video, {each['smoothing']:.1f} s for {LONG} frames,",
        f"and makes {mixes:,} steps, {mixes * step['smoothing'] / 60:.1f} minutes.",
    )


def _paragraph(*parts: str) -> str:
    return fill(" ".join(parts), 120, break_on_hyphens=False, break_long_words=False)


def page(result: dict[str, Any]) -> str:
    """The page, of figures with or without the stages that track, or the window network."""
    counts = sorted({len(found) for found in result["seconds per step"].values()})
    words = _paragraph(
        "`python benchmarks/training_speed.py --before BEFORE`: stages of the shipped recipes `association`",
        "(association: 16 rollouts, two frames a step) and `mpn` (window: 8 windows of 20 frames) on simulated scenes",
        f"of a dozen objects, a thread a process; medians, rounds in turn: {' or '.join(map(str, counts))}.",
        f"Before: commit {result['before']}. {result['cores']} cores.",
    )
    blocks = ["# Speed of training", words, "\n".join(table(result["seconds per step"]))]
    tracked = result.get("seconds tracked", {})
    if tracked:
        each = "; ".join(f"{stage}: {TRACKED[stage]}" for stage in dict.fromkeys(way.split(",")[0] for way in tracked))
        blocks += [_paragraph(f"What is tracked before the steps ({each}):"), "\n".join(table_of_tracking(tracked))]
    if set(TRACKED) <= set(tracked):
        blocks.append(whole_stages(result["seconds per step"], tracked))
    blocks.append(
        _paragraph(
            "Processor time is that of the busiest process, workers not counted: the least that a step takes on cores",
            "that nobody else wants, waiting for each other not included.",
        )
    )
    if result["parts"]:
        blocks.append("A worker takes the first two parts of a step off the trainer:")
        blocks.append("\n".join(table_of_parts(result["parts"])))
    load = result["load"]
    busy = "; ".join(f"{stage} {', '.join(f'{one:.1f}' for one in found)}" for stage, found in load.items())
    others = "; others ran, so the columns on the clock say little" if max(map(max, load.values())) >= FREE else ""
    blocks.append(
        _paragraph(
            "On the clock, other programs count, and two processes wait for the later one at every step.",
            f"The machine's load before each round, what came before it in this benchmark included: {busy}{others}.",
        )
    )
    return "\n\n".join(blocks) + "\n"


def write(result: dict[str, Any]) -> None:
    """Both files."""
    write_text(FIGURES, json.dumps(result, indent=1) + "\n")
    write_text(RESULTS / "training_speed.md", page(result))
