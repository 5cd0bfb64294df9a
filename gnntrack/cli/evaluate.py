"""``gnntrack eval``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from gnntrack.cli.options import AsJson, BenchmarkName, Overwrite
from gnntrack.cli.output import say
from gnntrack.cli.paths import LOCAL, PATH
from gnntrack.cli.reading import AS_USUAL, Reading, with_reading
from gnntrack.cli.work import ALONE, Work, with_work

if TYPE_CHECKING:
    from gnntrack.evaluation.output import To
    from gnntrack.evaluation.pair_types import Results, Truth
    from gnntrack.evaluation.referees import Referee
    from gnntrack.evaluation.rules import Benchmark
    from gnntrack.evaluation.scores import Score
    from gnntrack.tasks import Engine

    #: Name of a result to the score of each of its videos.
    ScoresOfResults = Mapping[str, Mapping[str, Score]]


@partial(with_work, without=("resume",))
@partial(with_reading, without=("detections",))
def evaluate(
    gt: Annotated[Path, typer.Option(parser=PATH, help="Annotations: sequences in any format, or TUD-Campus.")],
    pred: Annotated[
        list[Path],
        typer.Option(
            parser=PATH,
            help="Results: a folder of SEQUENCE.txt, a zip of it, or one file; give several to compare them.",
        ),
    ],
    name: Annotated[
        list[str] | None, typer.Option(help="Name of each --pred, in order; default: that of its folder.")
    ] = None,
    benchmark: Annotated[
        BenchmarkName | None, typer.Option(help="Whose rules decide what counts; default: those of the annotations.")
    ] = None,
    reading: Reading = AS_USUAL,
    pred_from: Annotated[
        str | None, typer.Option("--pred-from", help="Format of the results; guessed if missing.")
    ] = None,
    only_annotated_frames: Annotated[
        bool, typer.Option("--only-annotated-frames", help="Leave out results in frames without any annotation.")
    ] = False,
    errors: Annotated[
        Path | None,
        typer.Option(parser=PATH, metavar="OUT", help="Write every switch, miss and false positive: .csv or .json."),
    ] = None,
    to: Annotated[
        Literal["table", "md", "latex", "csv", "json"], typer.Option(help="What is printed; csv and json have it all.")
    ] = "table",
    report: Annotated[
        Path | None,
        typer.Option(parser=PATH, metavar="OUT", help="Write an HTML report with links into the worst moments."),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option(parser=PATH, metavar="OUT", help="Draw wins and losses on videos: .png, .svg or .pdf."),
    ] = None,
    plots: Annotated[
        Path | None,
        typer.Option(
            parser=LOCAL,
            metavar="DIR",
            help="Draw HOTA over thresholds, identities over time and the worst moments.",
        ),
    ] = None,
    referee: Annotated[
        Literal["trackeval", "motmetrics"] | None, typer.Option(help="Let another evaluator score the same boxes.")
    ] = None,
    work: Work = ALONE,
    pred_frame_base: Annotated[
        int | None, typer.Option(help="Number of the first frame in the results: 0 or 1.", min=0, max=1)
    ] = None,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Score results against annotations: HOTA, CLEAR and IDF1, per sequence and COMBINED, in percent.

    With several --pred: one table, differences with intervals, and each video.
    """
    from gnntrack.cli.progress import with_task_progress
    from gnntrack.errors import DataError
    from gnntrack.evaluation.pairs import read_results, read_truths
    from gnntrack.evaluation.result_files import result_names
    from gnntrack.evaluation.rules import refuse_classes
    from gnntrack.outputs import check_claim
    from gnntrack.outputs.places import check_file
    from gnntrack.tasks import opened

    for output in (errors, report, plot):
        if output is not None:
            check_file(output, overwrite, (gt, *pred))
    if plots is not None:
        check_claim(plots, overwrite=overwrite, sources=(gt, *pred))
    options = reading.options()
    classes = tuple(map(str, options.classes))
    options = replace(options, classes=())  # other classes have a say in what counts
    refuse_classes(benchmark, classes)
    if as_json and to not in ("table", "json"):
        raise DataError(f"--json and --to {to}", remedy="give one of them")
    alone = {"--errors": errors, "--referee": referee} if len(pred) > 1 else {"--plot": plot} if len(pred) == 1 else {}
    for option in (option for option, value in alone.items() if value is not None):
        remedy = "give one --pred" if len(pred) > 1 else "give another --pred"
        raise DataError(f"{option} with {len(pred)} --pred", remedy=remedy)
    if referee is not None and work != ALONE:
        problem = "--referee with --workers, --scheduler, --memory or --fail-fast"
        raise DataError(problem, remedy="leave one of them out: referees run in one process")
    if referee is not None and (report or errors or plots):
        raise DataError(
            "--referee with --errors, --report or --plots", remedy="leave it out: these are of our own matches"
        )
    result_options = replace(options, frame_base=pred_frame_base, sequences=())
    to = "json" if as_json else to
    labels = result_names(pred, name)
    with opened(work.where(), with_task_progress, "gnntrack.evaluation.report") as engine:
        truths = read_truths(gt, options, reading.format(), classes, engine)
        results = {
            label: read_results(
                truths, gt, each, result_options, pred_from, only_annotated_frames, options.wants, engine
            )
            for label, each in labels.items()
        }
        rules = _rules(benchmark, truths, results, classes)
        if len(pred) == 1:
            scores = _one(results, rules, errors, report, to, referee, engine, overwrite)
        else:
            scores = _several(results, rules, report, plot, to, engine, overwrite)
    if plots is not None:
        from gnntrack.inspection.plots_page import INDEX, write_plots

        count = write_plots(plots, results, scores, rules, images=gt, overwrite=overwrite)
        say(f"wrote {count} plots; open {plots / INDEX}", err=True)


def _rules(name: str | None, truths: Mapping[str, Truth], results: Results, classes: tuple[str, ...]) -> Benchmark:
    """The rules that were named, else those of the annotations; says on stderr what they are and what results lack."""
    from gnntrack.evaluation.rules import choose_rules, without_classes

    rules = choose_rules(name, truths, classes)
    if name is None and rules.name != "custom":
        say(f"counted by the rules of {rules.name}; --benchmark says otherwise", err=True)
    plain = without_classes(results)
    if plain and (classes or (rules.by_class and rules.name != "custom")):
        say(f"{', '.join(plain)}: no classes in the results; every box counts, whatever it is", err=True)
    return rules


def _one(
    results: Results,
    benchmark: Benchmark,
    errors: Path | None,
    report: Path | None,
    to: To,
    referee: Referee | None,
    engine: Engine,
    overwrite: bool,
) -> ScoresOfResults:
    """Prints the scores of one result and returns them, unless a referee gave them."""
    from gnntrack.evaluation.comparison import compare
    from gnntrack.evaluation.output import rows_as
    from gnntrack.evaluation.report import evaluate as score
    from gnntrack.evaluation.report import rows_of, score_classes, scores_and_errors
    from gnntrack.evaluation.table import print_table

    (label, pairs), *_ = results.items()
    if referee is not None:
        rows = score(pairs, benchmark, referee)
    elif errors is not None:
        from gnntrack.evaluation.errors import summary, write_errors

        classes, found = scores_and_errors(pairs, benchmark, engine)
        write_errors(errors, found)
        say(f"{errors}: {summary(found)}", err=True)
    else:
        classes = score_classes(pairs, benchmark, engine)
    if referee is None:
        scores = classes.all()
        rows = rows_of(scores) | classes.rows()
    if report is not None:
        from gnntrack.inspection.comparison_page import write_comparison_page

        pages = write_comparison_page(report, compare({label: scores}), results, benchmark, overwrite=overwrite)
        say(f"wrote {report} and {len(pages)} pages to watch", err=True)
    if to == "table":
        print_table(rows)
    else:
        say(rows_as(rows, to))
    return {} if referee is not None else {label: scores}


def _several(
    results: Results,
    benchmark: Benchmark,
    report: Path | None,
    plot: Path | None,
    to: To,
    engine: Engine,
    overwrite: bool,
) -> ScoresOfResults:
    """Prints the scores of several results, and how they differ, and returns them."""
    from gnntrack.evaluation.comparison import compare
    from gnntrack.evaluation.output import comparison_as, of_comparison, print_blocks
    from gnntrack.evaluation.report import score_all

    scores = {label: score_all(pairs, benchmark, engine) for label, pairs in results.items()}
    comparison = compare(scores)
    if plot is not None:
        from gnntrack.inspection.plots import plot_wins

        plot_wins(comparison, plot)
    if report is not None:
        from gnntrack.inspection.comparison_page import write_comparison_page

        pages = write_comparison_page(report, comparison, results, benchmark, overwrite=overwrite)
        say(f"wrote {report} and {len(pages)} pages to watch", err=True)
    if to == "table":
        print_blocks(of_comparison(comparison))
    else:
        say(comparison_as(comparison, to))
    return scores
