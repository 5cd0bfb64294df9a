"""``gnntrack tune``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gnntrack.cli.options import Benchmark, Overwrite, Resume, Seed
from gnntrack.cli.output import say, say_weights
from gnntrack.cli.paths import LOCAL, PATH
from gnntrack.cli.reading import AS_USUAL, Reading, with_reading

if TYPE_CHECKING:
    from gnntrack.tuning import Tuned

_TIME = re.compile(r"([0-9]+(?:\.[0-9]+)?)([smh]?)")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}


@with_reading
def tune(
    source: Annotated[
        Path,
        typer.Argument(parser=PATH, metavar="DATA", help="Sequences with annotations and detections, in any format."),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", parser=LOCAL, help="Weights to write: FILE.safetensors.")],
    weights: Annotated[str, typer.Option(help="Weights to begin from: a shipped name or a file.")] = "default",
    offline: Annotated[bool, typer.Option("--offline", help="Tune the offline mode, not the online mode.")] = False,
    trials: Annotated[int, typer.Option(help="Settings that each search tries.", min=1)] = 60,
    timeout: Annotated[
        str | None, typer.Option(metavar="TIME", help="Longest time of all searches together: 90, 10m, 2h.")
    ] = None,
    folds: Annotated[int, typer.Option(help="Groups of videos that are held out in turn; 1: none.", min=1)] = 3,
    benchmark: Benchmark = "custom",
    seed: Seed = 0,
    reading: Reading = AS_USUAL,
    resume: Resume = False,
    overwrite: Overwrite = False,
) -> None:
    """Choose tracking settings on your own annotated videos; writes weights, and a plot of what mattered.

    Videos that are held out tell what the choice is worth on videos that chose nothing.
    """
    from gnntrack.errors import DataError
    from gnntrack.models import load_weights, save_weights
    from gnntrack.outputs.places import check_file
    from gnntrack.packages import needed_package
    from gnntrack.progress import StderrReport
    from gnntrack.reading import read
    from gnntrack.tuning import TuningOptions
    from gnntrack.tuning import tune as search

    if output.suffix != ".safetensors":
        raise DataError("weights are written to FILE.safetensors", remedy="name the output so", path=output)
    log, plot = output.with_suffix(".trials"), output.with_suffix(".png")
    for file in (output, plot):
        check_file(file, overwrite or resume, (source,))
    options = TuningOptions("offline" if offline else "online", trials, _seconds(timeout), folds, seed, benchmark, log)
    if not resume:
        check_file(log, overwrite, (source,))
        log.unlink(missing_ok=True)
    elif not log.is_file():
        raise DataError("nothing to go on with", remedy="leave out --resume", path=log)
    model, recipe = load_weights(weights)
    pairs = read(source, "pairs", reading.options(), reading.format())
    videos = {
        pair.annotations.name: (pair.annotations, pair.detections)
        for pair in pairs
        if pair.annotations is not None and pair.detections is not None
    }
    say_weights(weights)
    output.parent.mkdir(parents=True, exist_ok=True)
    with needed_package("gnntrack tune"), StderrReport() as report:
        found = search(videos, model, recipe, options, report.moved)
    save_weights(output, model, found.recipe)
    _draw(found, plot)
    for line in lines(found):
        say(line)
    say(f"wrote {output}, {plot.name} and {log.name}")


def lines(found: Tuned) -> list[str]:
    """What a search found, in words."""
    changes = ", ".join(f"{path} {value}" for path, value in found.settings.items())
    told = [f"settings: {changes}" if changes else "settings: as they were; no others were better"]
    start = sum(found.start.values()) / len(found.start)
    now = start + found.gain(found.found).mean()
    told.append(f"mean HOTA of the videos that chose them: {start:.1f} before, {now:.1f} now")
    if not found.held_out:
        told.append("no video was held out, so what this is worth on other videos is not known")
        return told
    gain = found.gain(found.held_out)
    each = ", ".join(f"{name} {change:+.1f}" for name, change in zip(found.held_out, gain, strict=True))
    told.append(f"videos that chose nothing: {gain.mean():+.1f} HOTA on average ({each})")
    if gain.mean() <= 0:
        told.append("that is no gain: the settings of before are the safer ones")
    return told


def _seconds(text: str | None) -> float | None:
    """A time such as 10m.

    Raises:
        DataError: it is none.
    """
    from gnntrack.errors import DataError
    from gnntrack.showing import shown

    if text is None:
        return None
    match = _TIME.fullmatch(text)
    if match is None or float(match[1]) == 0:
        raise DataError(f"--timeout {shown(text)}", remedy="give seconds, or a time such as 10m or 2h")
    return float(match[1]) * _SECONDS[match[2]]


def _draw(found: Tuned, path: Path) -> None:
    from gnntrack.inspection.plots.tuning import plot_tuning

    plot_tuning(found.scores, found.importance, path)
