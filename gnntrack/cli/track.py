"""``gnntrack track``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from gnntrack.cli.options import Output, Overwrite
from gnntrack.cli.output import say, say_weights
from gnntrack.cli.reading import AS_USUAL, Reading, with_reading


@with_reading
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
    reading: Reading = AS_USUAL,
    lag: Annotated[
        int, typer.Option(metavar="FRAMES", help="Online: decide identities so many frames later, with what follows.")
    ] = 0,
    rounding: Annotated[
        Literal["exact", "greedy"] | None,
        typer.Option(help="How scores become links (online: for models of window graphs).", show_default="exact"),
    ] = None,
    link_classes: Annotated[
        str,
        typer.Option(
            "--classes",
            metavar="TEXT",
            help="Classes whose boxes may be one track: together (all), separate, or groups: 'car,van;pedestrian'.",
        ),
    ] = "together",
    to: Annotated[
        Literal["mot", "kitti", "coco"],
        typer.Option(help="mot, kitti: OUTPUT/SEQUENCE.txt. coco: all in OUTPUT/tracks.json."),
    ] = "mot",
    overwrite: Overwrite = False,
) -> None:
    """Give the boxes of videos identities; writes OUTPUT/SEQUENCE.txt in MOTChallenge format."""
    from functools import partial

    from gnntrack.errors import DataError
    from gnntrack.files import check_inside
    from gnntrack.formats.track_files import track_file, write_track_file
    from gnntrack.models import load_for_tracking
    from gnntrack.outputs.places import check_file
    from gnntrack.reading import read
    from gnntrack.sequence import DETECTION
    from gnntrack.tracking import track_offline, track_online
    from gnntrack.tracking.class_groups import ClassGroups, parse_classes

    groups = parse_classes(link_classes)
    model, recipe = load_for_tracking(weights)
    if lag and mode == "offline":
        raise DataError(f"--lag {lag} does nothing offline", remedy="leave it out, or use --mode online")
    run = partial(track_online, lag=lag) if mode == "online" else track_offline
    found = read(source, "detections", reading.options(), reading.format())
    for boxes in found:
        ClassGroups.of(groups, boxes.classes)
    targets = [track_file(output, boxes.name, to) for boxes in found]
    for target in dict.fromkeys(targets):
        check_file(check_inside(target, output), overwrite, (source,))
    say_weights(weights)
    several_classes = len({kind for boxes in found for kind in boxes.boxes["class_id"].unique()}) > 1
    done = []
    for number, (boxes, target) in enumerate(zip(found, targets, strict=True), 1):
        tracks = run(boxes, model, recipe, rounding, classes=groups)
        done.append(tracks)
        if target not in targets[number:]:
            write_track_file(target, done, to, several_classes)
            done = []
        dropped = f", {boxes.skipped} rows without a size dropped" if boxes.skipped else ""
        added = int((tracks.boxes[DETECTION] < 0).sum()) if DETECTION in tracks.boxes else 0
        filled = f", {added} interpolated" if added else ""
        kept = f"{tracks.boxes['id'].nunique()} tracks, {len(tracks) - added} of {len(boxes)} boxes"
        say(f"{target}: {kept}{filled}{dropped}")
