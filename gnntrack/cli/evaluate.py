"""``gnntrack eval``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from gnntrack.cli.options import (
    AsJson,
    Benchmark,
    Classes,
    ConfidenceOption,
    OnErrorOption,
    Overwrite,
    SequenceNames,
    SourceFormat,
)
from gnntrack.cli.output import say


def evaluate(
    gt: Annotated[Path, typer.Option(help="Annotations: sequences in any format, or TUD-Campus.")],
    pred: Annotated[Path, typer.Option(help="Results: a folder of SEQUENCE.txt, or the file of one sequence.")],
    benchmark: Benchmark = "custom",
    from_: SourceFormat = None,
    classes: Classes = None,
    sequence: SequenceNames = None,
    errors: Annotated[
        Path | None, typer.Option(metavar="OUT", help="Write every switch, miss and false positive: .csv or .json.")
    ] = None,
    on_error: OnErrorOption = "error",
    frame_base: Annotated[
        int | None, typer.Option(help="Number of the first frame in the annotations: 0 or 1.", min=0, max=1)
    ] = None,
    pred_frame_base: Annotated[
        int | None, typer.Option(help="Number of the first frame in the results: 0 or 1.", min=0, max=1)
    ] = None,
    confidence: ConfidenceOption = "check",
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Score results against annotations: HOTA, CLEAR and IDF1, per sequence and COMBINED, in percent."""
    from gnntrack.datasets.formats import by_name
    from gnntrack.datasets.raw import ReadOptions
    from gnntrack.errors import DataError
    from gnntrack.evaluation import evaluate as score
    from gnntrack.evaluation import read_pairs
    from gnntrack.evaluation.benchmarks import BENCHMARKS
    from gnntrack.evaluation.table import in_percent, print_table
    from gnntrack.files import check_file

    if errors is not None:
        check_file(errors, overwrite, (gt, pred))
    if classes and BENCHMARKS[benchmark].distractors:
        raise DataError(f"--class with the rules of {benchmark}", remedy="leave it out: they say which classes count")
    options = ReadOptions(on_error, frame_base, sequences=tuple(sequence or ()))
    pairs = read_pairs(
        gt,
        pred,
        options,
        None if from_ is None else by_name(from_),
        tuple(classes or ()),
        ReadOptions(on_error, pred_frame_base, confidence),
    )
    rows = score(pairs, benchmark)
    if errors is not None:
        from gnntrack.evaluation.errors import errors_of, summary, write_errors

        found = errors_of(pairs, benchmark)
        write_errors(errors, found)
        say(f"{errors}: {summary(found)}", err=True)
    if as_json:
        say(json.dumps(in_percent(rows)))
    else:
        print_table(rows)
