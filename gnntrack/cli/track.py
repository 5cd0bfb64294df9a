"""``gnntrack track``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from gnntrack.cli.changes import Changes, changes
from gnntrack.cli.options import Output, Overwrite
from gnntrack.cli.output import say, say_weights
from gnntrack.cli.paths import PATH
from gnntrack.cli.reading import AS_USUAL, Reading, with_reading
from gnntrack.cli.work import ALONE, Work, with_work


@with_work
@with_reading
def track(
    source: Annotated[
        str,
        typer.Argument(
            metavar="INPUT",
            help="Detections: a file, a sequence folder, a folder of sequences in any format, or TUD-Campus. With "
            "--detector: a video, a folder of images, an address (rtsp://...) or the number of a camera.",
        ),
    ],
    output: Output,
    weights: Annotated[str, typer.Option(help="Weights: a shipped name or a file of 'gnntrack train'.")] = "default",
    mode: Annotated[
        Literal["online", "offline"], typer.Option(help="Frame by frame, or with the whole video.")
    ] = "online",
    reading: Reading = AS_USUAL,
    changed: Changes = None,
    lag: Annotated[
        int, typer.Option(metavar="FRAMES", help="Online: decide identities so many frames later, with what follows.")
    ] = 0,
    lost: Annotated[
        bool, typer.Option("--lost", help="Online: also write where lost tracks should be, with visibility 0.")
    ] = False,
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
    detector: Annotated[
        str | None,
        typer.Option(help="Finds boxes in a video: ultralytics:MODEL.pt, torchvision:MODEL, or a file of boxes."),
    ] = None,
    detector_weights: Annotated[
        Path | None,
        typer.Option(parser=PATH, metavar="FILE", help="state_dict of a torchvision: model, in place of its own."),
    ] = None,
    show: Annotated[bool, typer.Option("--show", help="Show the tracked video in a window.")] = False,
    work: Work = ALONE,
    overwrite: Overwrite = False,
) -> None:
    """Give the boxes of videos identities; writes OUTPUT/SEQUENCE.txt in MOTChallenge format."""
    from gnntrack.cli.progress import with_task_progress
    from gnntrack.cli.track_video import VideoRun, track_video
    from gnntrack.errors import DataError
    from gnntrack.models import load_for_tracking
    from gnntrack.models.overriding import overridden, way_of
    from gnntrack.tracking.by_sequence import TrackSettings
    from gnntrack.tracking.class_groups import parse_classes
    from gnntrack.tracking.folder import TrackSource, track_folder
    from gnntrack.tracking.warmup_bar import warm_up_with_bar

    groups = parse_classes(link_classes)
    if lag and mode == "offline":
        raise DataError(f"--lag {lag} does nothing offline", remedy="leave it out, or use --mode online")
    if lost and mode == "offline":
        raise DataError("--lost does nothing offline", remedy="leave it out: gaps are filled, see boxes.interpolate")
    if lost and (lag or detector is not None):
        other = f"--lag {lag}" if lag else "--detector"
        raise DataError(f"--lost with {other}", remedy="leave one of them out")
    settings = changes(changed)
    if detector is not None:
        if work != ALONE:
            problem = "--workers, --scheduler, --memory, --fail-fast and --resume are for boxes, not for --detector"
            raise DataError(problem, remedy="leave them out")
        track_video(
            VideoRun(
                source=source,
                detector=detector,
                detector_weights=detector_weights,
                weights=weights,
                settings=settings,
                output=output,
                mode=mode,
                reading=reading,
                lag=lag,
                rounding=rounding,
                groups=groups,
                to=to,
                show=show,
                overwrite=overwrite,
            )
        )
        return
    _refuse_video_options(source, detector_weights, show)
    model, recipe = load_for_tracking(weights)
    recipe = overridden(recipe, settings, way_of(mode, lag))
    run = TrackSettings.of(weights, recipe, mode=mode, lag=lag, lost=lost, rounding=rounding, classes=groups, to=to)

    def prepare() -> None:
        say_weights(weights)
        if work.scheduler is None:
            warm_up_with_bar(model, offline=mode == "offline")

    for line in track_folder(
        TrackSource(source, reading.options(), reading.format()),
        output,
        run,
        workers=work.where(),
        overwrite=overwrite,
        resume=work.resume,
        prepare=prepare,
        progress=with_task_progress,
    ):
        say(line)


def _refuse_video_options(source: str, detector_weights: Path | None, show: bool) -> None:
    """Refuses what needs a detector where there is none."""
    from gnntrack.errors import DataError
    from gnntrack.video.detectors import EXPECTED
    from gnntrack.video.reading import check_scheme, is_video

    for option, given in (("--detector-weights", detector_weights is not None), ("--show", show)):
        if given:
            raise DataError(f"{option} does nothing without --detector", remedy="leave it out, or name a detector")
    check_scheme(source)
    if is_video(source):
        raise DataError("a video, not boxes", remedy=f"pass --detector: {EXPECTED}", path=source)
