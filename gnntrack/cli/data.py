"""``gnntrack convert`` and ``gnntrack check``."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from gnntrack.cli.named import named
from gnntrack.cli.options import AsJson, DatasetName, Output, Overwrite
from gnntrack.cli.output import say
from gnntrack.cli.paths import PATH
from gnntrack.cli.reading import AS_USUAL, Reading, with_reading
from gnntrack.cli.work import ALONE, Work, with_work


@with_work
@with_reading
def convert(
    source: Annotated[Path, typer.Argument(parser=PATH, help="A file, a sequence folder or a folder of sequences.")],
    output: Output,
    to: Annotated[
        str, typer.Option(help="graphs, mot, kitti, coco, bdd100k, visdrone, yolo, cvat, labelstudio, csv, parquet.")
    ] = "graphs",
    reading: Reading = AS_USUAL,
    dataset: DatasetName = None,
    model: Annotated[str, typer.Option(help="Model recipe whose graph settings are used.")] = "mpn",
    work: Work = ALONE,
    overwrite: Overwrite = False,
) -> None:
    """Convert annotations and detections to graphs, or from one file format to another."""
    from gnntrack.cli.progress import with_task_progress
    from gnntrack.datasets.convert import convert as convert_files
    from gnntrack.datasets.recipe import DatasetRecipe
    from gnntrack.recipes import load

    recipe = None if dataset is None else load("datasets", named(dataset), DatasetRecipe)
    options = reading.options(recipe)
    from_ = reading.format(recipe)
    if to != "graphs":
        done = convert_files(
            source, output, to, from_, options, overwrite, work.where(), with_task_progress, work.resume
        )
        say(done.summary())
        return
    from gnntrack.datasets.store import GraphSource, convert_to_graphs
    from gnntrack.errors import DataError
    from gnntrack.models import ModelRecipe

    if work.resume and overwrite:
        raise DataError("--resume with --overwrite", remedy="leave one of them out")
    settings = load("models", named(model), ModelRecipe).graph
    boxes = GraphSource(source, from_, options, recipe)
    for line in convert_to_graphs(boxes, output, settings, overwrite, work.where()):
        say(line)


@partial(with_work, without=("resume",))
@with_reading
def check(
    source: Annotated[
        Path, typer.Argument(parser=PATH, metavar="PATH", help="A file, a sequence folder or a folder of them.")
    ],
    reading: Reading = AS_USUAL,
    dataset: DatasetName = None,
    listed: Annotated[int, typer.Option(help="Problems of a kind that are listed for a file.", min=0)] = 5,
    work: Work = ALONE,
    as_json: AsJson = False,
) -> None:
    """Say everything that is wrong with a data set, then what it looks like; exit code 2 if something is wrong."""
    from gnntrack.cli.progress import with_task_progress
    from gnntrack.datasets.check import check as examine
    from gnntrack.datasets.check_report import as_text
    from gnntrack.datasets.recipe import DatasetRecipe
    from gnntrack.errors import DataError
    from gnntrack.recipes import load

    recipe = None if dataset is None else load("datasets", named(dataset), DatasetRecipe)
    options = reading.options(recipe)
    report = examine(source, reading.format(recipe), options, listed, work.where(), with_task_progress)
    say(json.dumps(report.to_dict()) if as_json else as_text(report))
    if not report.sound:
        count = report.counts.total()
        raise DataError(f"{count} problem{'s' * (count != 1)}", remedy="they are listed above", path=source)
