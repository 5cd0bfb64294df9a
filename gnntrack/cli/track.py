"""``gnntrack track``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from gnntrack.cli.options import ConfidenceOption, FrameBase, FrameRate, OnErrorOption, Output, Overwrite


def track(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="INPUT",
            help="Detections: a file, a sequence folder, a folder of sequences (det/det.txt), or TUD-Campus.",
        ),
    ],
    weights: Annotated[str, typer.Option(help="Weights: a shipped name or a file of 'gnntrack train'.")],
    output: Output,
    mode: Annotated[
        Literal["online", "offline"], typer.Option(help="Frame by frame, or with the whole video.")
    ] = "online",
    rounding: Annotated[Literal["exact", "greedy"], typer.Option(help="How scores become links.")] = "exact",
    on_error: OnErrorOption = "error",
    frame_base: FrameBase = None,
    confidence: ConfidenceOption = "check",
    frame_rate: FrameRate = None,
    overwrite: Overwrite = False,
) -> None:
    """Give the boxes of videos identities; writes OUTPUT/SEQUENCE.txt in MOTChallenge format."""
    from gnntrack.datasets.motchallenge import write_tracks
    from gnntrack.datasets.raw import ReadOptions
    from gnntrack.files import check_absent
    from gnntrack.models import load_weights
    from gnntrack.tracking import read_detections, track_offline, track_online

    model, recipe = load_weights(weights)
    run = track_online if mode == "online" else track_offline
    options = ReadOptions(on_error, frame_base, confidence, frame_rate=frame_rate)
    sequences = read_detections(source, options)
    targets = [check_absent(output / f"{sequence.name}.txt", overwrite) for sequence in sequences]
    for sequence, target in zip(sequences, targets, strict=True):
        tracks = run(sequence, model, recipe, rounding)
        write_tracks(target, tracks)
        dropped = f", {sequence.skipped} rows without a size dropped" if sequence.skipped else ""
        typer.echo(f"{target}: {tracks.boxes['id'].nunique()} tracks, {len(tracks)} of {len(sequence)} boxes{dropped}")
