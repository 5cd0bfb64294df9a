"""``gnntrack track``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from gnntrack.cli.options import (
    Classes,
    ConfidenceOption,
    FrameBase,
    FrameRate,
    OnErrorOption,
    Output,
    Overwrite,
    PictureSize,
    SequenceNames,
    SourceFormat,
)
from gnntrack.cli.output import say, say_weights


def track(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="INPUT",
            help="Detections: a file, a sequence folder, a folder of sequences in any format, or TUD-Campus.",
        ),
    ],
    weights: Annotated[str, typer.Option(help="Weights: a shipped name or a file of 'gnntrack train'.")],
    output: Output,
    mode: Annotated[
        Literal["online", "offline"], typer.Option(help="Frame by frame, or with the whole video.")
    ] = "online",
    from_: SourceFormat = None,
    detections: Annotated[
        str | None,
        typer.Option(help="Which ones, where there are several: a file in each sequence folder, or a folder."),
    ] = None,
    classes: Classes = None,
    sequence: SequenceNames = None,
    rounding: Annotated[
        Literal["exact", "greedy"] | None,
        typer.Option(help="How scores become links (online: for models of window graphs).", show_default="exact"),
    ] = None,
    on_error: OnErrorOption = "error",
    frame_base: FrameBase = None,
    confidence: ConfidenceOption = "check",
    size: PictureSize = None,
    frame_rate: FrameRate = None,
    overwrite: Overwrite = False,
) -> None:
    """Give the boxes of videos identities; writes OUTPUT/SEQUENCE.txt in MOTChallenge format."""
    from dataclasses import replace

    from gnntrack.datasets.classes import chosen_classes
    from gnntrack.datasets.formats import by_name
    from gnntrack.datasets.motchallenge import write_tracks
    from gnntrack.datasets.recipe import read_options
    from gnntrack.files import check_file, check_inside
    from gnntrack.models import load_weights
    from gnntrack.tracking import read_detections, track_offline, track_online

    model, recipe = load_weights(weights)
    run = track_online if mode == "online" else track_offline
    options = read_options(None, on_error, frame_base, confidence, size, frame_rate, sequence)
    options = replace(options, detections=detections)
    found = read_detections(source, options, None if from_ is None else by_name(from_))
    found = [chosen_classes(boxes, tuple(classes or ())) for boxes in found]
    targets = [output / f"{boxes.name}.txt" for boxes in found]
    for target in targets:
        check_file(check_inside(target, output), overwrite, (source,))
    say_weights(weights)
    for boxes, target in zip(found, targets, strict=True):
        tracks = run(boxes, model, recipe, rounding)
        write_tracks(target, tracks)
        dropped = f", {boxes.skipped} rows without a size dropped" if boxes.skipped else ""
        say(f"{target}: {tracks.boxes['id'].nunique()} tracks, {len(tracks)} of {len(boxes)} boxes{dropped}")
