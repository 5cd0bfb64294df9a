"""``gnntrack view``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from gnntrack.cli.options import Benchmark, GroundTruth, Overwrite, Source
from gnntrack.cli.output import say, say_weights
from gnntrack.cli.paths import PATH
from gnntrack.cli.reading import AS_USUAL, Reading, with_reading


@with_reading
def view(
    source: Source,
    tracks: Annotated[
        Path,
        typer.Option(parser=PATH, help="The result: a file in MOTChallenge format, or a folder of SEQUENCE.txt."),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", parser=PATH, help="The page to write.")] = Path("view.html"),
    gt: GroundTruth = None,
    other: Annotated[Path | None, typer.Option(parser=PATH, help="A second result, to compare.")] = None,
    graph: Annotated[bool, typer.Option("--graph", help="Show the candidate links.")] = False,
    weights: Annotated[str | None, typer.Option(help="Score the candidate links with these weights.")] = None,
    images: Annotated[
        Path | None, typer.Option(parser=PATH, help="Folder of frame images; default: img1 of the folder.")
    ] = None,
    frame: Annotated[int | None, typer.Option(help="Where the page opens.")] = None,
    benchmark: Benchmark = "custom",
    reading: Reading = AS_USUAL,
    tracks_frame_base: Annotated[
        int | None, typer.Option(help="Number of the first frame in the results: 0 or 1.", min=0, max=1)
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """Write a page to watch: playback, rivals of a box, errors to click; one HTML file that needs no network."""
    from gnntrack.evaluation.result_classes import with_classes_of
    from gnntrack.evaluation.rules import rules_of
    from gnntrack.inspection.open import graph_of
    from gnntrack.inspection.sources import read_source, read_tracks
    from gnntrack.inspection.view import PageOptions, write_page
    from gnntrack.outputs.places import check_file

    check_file(output, overwrite, (source, tracks, gt, other, images))
    options = reading.options()
    of_tracks = replace(options, frame_base=tracks_frame_base)
    scene = read_source(source, options, gt, reading.format())
    result = read_tracks(tracks, scene.detections, of_tracks)
    if scene.annotations is not None and rules_of(benchmark).by_class:
        result = with_classes_of({result.name: result}, {result.name: scene.annotations}, plain=True)[result.name]
    usual = Path(source) / "img1"
    if weights is not None:
        say_weights(weights)
    write_page(
        output,
        result,
        truth=scene.annotations,
        other=None if other is None else read_tracks(other, scene.detections, of_tracks),
        graph=graph_of(scene, weights)[0] if graph or weights else None,
        options=PageOptions(images or (usual if usual.is_dir() else None), frame, benchmark),
    )
    say(f"wrote {output}, {output.stat().st_size / 1e6:.1f} MB")
