"""``gnntrack inspect``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from gnntrack.cli.options import AsJson, GroundTruth, Overwrite
from gnntrack.cli.output import say, say_weights
from gnntrack.cli.paths import PATH
from gnntrack.cli.reading import AS_USUAL, Reading, with_reading


@with_reading
def inspect(
    source: Annotated[
        str,
        typer.Argument(
            metavar="PATH",
            help="A graph store of 'gnntrack convert', a file of boxes, a sequence folder, or TUD-Campus.",
        ),
    ],
    window: Annotated[int | None, typer.Option(help="Frames in a window whose spectrum is computed.", min=1)] = None,
    weights: Annotated[str | None, typer.Option(help="Score the links with these weights.")] = None,
    network: Annotated[
        Literal["association", "relinking"], typer.Option(help="Whose graph, of the weights' networks.")
    ] = "association",
    gt: GroundTruth = None,
    frames: Annotated[str | None, typer.Option(metavar="A:B", help="Export and plot these frames only.")] = None,
    export: Annotated[
        Path | None,
        typer.Option(parser=PATH, help="Write the graph: .gexf (Gephi), .graphml or .json (node-link)."),
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(parser=PATH, help="Draw a window of the graph: .png, .svg or .pdf.")
    ] = None,
    calibration: Annotated[
        Path | None, typer.Option(parser=PATH, help="Draw how far the scores can be believed.")
    ] = None,
    reading: Reading = AS_USUAL,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Inspect a graph: its size, links, spectra and recall of true links; export or draw it."""
    from gnntrack.errors import DataError
    from gnntrack.inspection.open import cut, open_graph, parse_frames
    from gnntrack.inspection.statistics import graph_statistics
    from gnntrack.outputs.places import check_file

    if network != "association" and weights is None:
        raise DataError(f"--network {network} needs weights", remedy="give --weights")
    span = parse_frames(frames)
    for target in (export, plot, calibration):
        if target is not None:
            check_file(target, overwrite, (source, gt))
    options = reading.options()
    graph, settings = open_graph(source, weights, gt, options, reading.format(), network)
    if weights is not None:
        say_weights(weights)
    figures = graph_statistics(graph, window or settings.window)
    part = cut(graph, span)
    if export is not None:
        from gnntrack.inspection.convert import to_networkx
        from gnntrack.inspection.export import write_graph

        write_graph(to_networkx(part), export)
    if plot is not None:
        from gnntrack.inspection.plots import plot_window

        plot_window(part, plot)
    if calibration is not None:
        from gnntrack.inspection.plots import plot_calibration

        plot_calibration(graph, calibration)
    for target in (export, plot, calibration):
        if target is not None:
            say(f"wrote {target}", err=True)
    if as_json:
        say(json.dumps(figures))
        return
    from rich.console import Console

    from gnntrack.inspection.report import statistics_text

    Console().print(statistics_text(figures))
