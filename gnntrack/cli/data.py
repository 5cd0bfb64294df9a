"""``gnntrack convert``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gnntrack.cli.options import ConfidenceOption, FrameBase, FrameRate, OnErrorOption, Output, Overwrite


def convert(
    source: Annotated[Path, typer.Argument(help="A file, a sequence folder or a folder of sequences.")],
    output: Output,
    to: Annotated[str, typer.Option(help="graphs, or the name of a file format.")] = "graphs",
    from_: Annotated[str | None, typer.Option("--from", help="Format of the source; guessed if missing.")] = None,
    model: Annotated[str, typer.Option(help="Model recipe whose graph settings are used.")] = "mpn",
    on_error: OnErrorOption = "error",
    frame_base: FrameBase = None,
    confidence: ConfidenceOption = "check",
    frame_rate: FrameRate = None,
    overwrite: Overwrite = False,
) -> None:
    """Convert annotations or detections to graphs, or from one file format to another."""
    from gnntrack.datasets.convert import convert as convert_files
    from gnntrack.datasets.raw import ReadOptions

    options = ReadOptions(on_error, frame_base, confidence, frame_rate=frame_rate)
    if to != "graphs":
        typer.echo(convert_files(source, output, to, from_, options, overwrite=overwrite).summary())
        return
    from gnntrack import recipes
    from gnntrack.datasets.store import convert_to_graphs
    from gnntrack.models import ModelRecipe

    settings = recipes.load("models", model, ModelRecipe).graph
    for line in convert_to_graphs(source, output, settings, from_, options, overwrite):
        typer.echo(line)
