"""What the training verbs add to a run folder, and say of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from gnntrack.cli.output import say


def is_finished(output: Path, stages: Iterable[str], more: Iterable[str] = ()) -> bool:
    """Whether an earlier run has written all that a run writes: its weights, a plot a stage, and ``more`` files."""
    from gnntrack.outputs import read_manifest
    from gnntrack.training import WEIGHTS

    manifest = read_manifest(output) if output.is_dir() else None
    files = [WEIGHTS, *map(_curves, stages), *more]
    return manifest is not None and manifest.complete and all((output / name).is_file() for name in files)


def say_finished(output: Path) -> None:
    """Says that a run that was to go on was finished already."""
    say(f"{output}: finished before, with the same settings")


def draw_curves(output: Path, stages: list[str], texts: Mapping[str, str] = MappingProxyType({})) -> None:
    """Draws the curves of every stage, writes further files, and says what a run has written."""
    from gnntrack.files import write_text
    from gnntrack.inspection.plots import plot_training
    from gnntrack.outputs import claim_more, vouch
    from gnntrack.training import CURVES, METRICS, WEIGHTS

    curves = [*map(_curves, stages)]
    claim_more(output, [*curves, *texts])
    for stage in stages:
        plot_training(output / stage / METRICS, output / _curves(stage))
    for name, text in texts.items():
        write_text(output / name, text)
    vouch(output, [WEIGHTS, *curves, *texts])
    say(f"wrote {output / WEIGHTS}; {METRICS} and {CURVES} in {', '.join(f'{stage}/' for stage in stages)}")


def _curves(stage: str) -> str:
    from gnntrack.training import CURVES

    return f"{stage}/{CURVES}"
