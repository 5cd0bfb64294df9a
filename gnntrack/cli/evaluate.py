"""``gnntrack eval``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from gnntrack.cli.options import AsJson, FrameBase, OnErrorOption


def evaluate(
    gt: Annotated[Path, typer.Option(help="Folder of sequences with gt/gt.txt.")],
    pred: Annotated[Path, typer.Option(help="Folder of results, SEQUENCE.txt each.")],
    benchmark: Annotated[
        Literal["mot17", "mot20", "dancetrack", "custom"], typer.Option(help="Whose rules decide what counts.")
    ] = "custom",
    on_error: OnErrorOption = "error",
    frame_base: FrameBase = None,
    as_json: AsJson = False,
) -> None:
    """Score results against annotations: HOTA, CLEAR and IDF1, per sequence and COMBINED, in percent."""
    from gnntrack.datasets.raw import ReadOptions
    from gnntrack.evaluation import evaluate as score
    from gnntrack.evaluation import read_pairs
    from gnntrack.evaluation.table import in_percent, print_table

    rows = score(read_pairs(gt, pred, ReadOptions(on_error, frame_base)), benchmark)
    if as_json:
        typer.echo(json.dumps(in_percent(rows)))
    else:
        print_table(rows)
