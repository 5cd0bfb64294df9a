"""``gnntrack draw``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from gnntrack.cli.options import Overwrite
from gnntrack.cli.output import say
from gnntrack.cli.paths import PATH
from gnntrack.cli.reading import AS_USUAL, Reading, with_reading
from gnntrack.cli.work import ALONE, Work, with_work

if TYPE_CHECKING:
    from gnntrack.video.by_sequence import DrawSettings, DrawSource


@with_work
@with_reading
def draw(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SEQ",
            help="What to draw over: a video, a folder of images, a sequence folder; or boxes, or TUD-Campus: on a "
            "blank canvas. Where the output is a folder: a folder of these.",
        ),
    ],
    tracks: Annotated[
        Path,
        typer.Option(
            parser=PATH, metavar="PATH", help="The tracks: a file in any format, or a folder of SEQUENCE.txt."
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", parser=PATH, help="What to write: .mp4, .gif or .png; without a suffix: a folder of them."
        ),
    ],
    to: Annotated[
        Literal["mp4", "gif", "png"] | None, typer.Option(help="What the files of a folder are.", show_default="mp4")
    ] = None,
    frames: Annotated[
        str | None,
        typer.Option(metavar="FIRST-LAST", help="Which frames, from 1; .png: one, default the one with most boxes."),
    ] = None,
    width: Annotated[
        int | None, typer.Option(help="Width of the output in pixels; default: of the images.", min=16, max=16_384)
    ] = None,
    labels: Annotated[
        Literal["id", "class", "confidence", "none"],
        typer.Option(help="Identity; and class, where there are several; and confidence; or no labels."),
    ] = "class",
    trail: Annotated[int, typer.Option(metavar="FRAMES", help="How far paths reach back.", min=0, max=10_000)] = 30,
    tracks_frame_base: Annotated[
        int | None, typer.Option(help="Number of the first frame in the tracks: 0 or 1.", min=0, max=1)
    ] = None,
    reading: Reading = AS_USUAL,
    work: Work = ALONE,
    overwrite: Overwrite = False,
) -> None:
    """Draw tracks over videos or on blank canvases: boxes, identities, recent paths."""
    from dataclasses import replace

    from gnntrack.cli.progress import with_progress
    from gnntrack.outputs.places import check_file
    from gnntrack.video.by_sequence import DrawSettings, DrawSource
    from gnntrack.video.drawing import draw as draw_tracks
    from gnntrack.video.drawing import parse_frames
    from gnntrack.video.painting import Look
    from gnntrack.video.results import open_scene, read_result
    from gnntrack.video.writing import check_suffix

    options, look = reading.options(), Look(labels, trail)
    if not output.suffix:
        settings = DrawSettings(f".{to or 'mp4'}", None if frames is None else parse_frames(frames), width, look)
        boxes = DrawSource(source, tracks, options, reading.format(), tracks_frame_base)
        _draw_folder(boxes, output, settings, work, overwrite)
        return
    _refuse_folder_options(to, work)
    check_suffix(output)
    chosen = None if frames is None else parse_frames(frames)
    check_file(output, overwrite, (source, tracks))
    scene, video = open_scene(source, options, reading.format())
    result = read_result(tracks, scene, replace(options, frame_base=tracks_frame_base))
    look = replace(look, fill=0.0 if video else 0.16)
    count = draw_tracks(
        result, output, video, chosen, width, look, lambda images, total: with_progress(images, total, "drawing")
    )
    size = output.stat().st_size
    say(f"wrote {output}: {count} frame{'s' if count != 1 else ''}, {size / 1e6:.1f} MB")


def _draw_folder(source: DrawSource, output: Path, settings: DrawSettings, work: Work, overwrite: bool) -> None:
    """Draws every video of a folder."""
    from gnntrack.cli.progress import with_task_progress
    from gnntrack.video.by_sequence import draw_folder

    for line in draw_folder(
        source,
        output,
        settings,
        workers=work.where(),
        overwrite=overwrite,
        resume=work.resume,
        progress=with_task_progress,
    ):
        say(line)


def _refuse_folder_options(to: str | None, work: Work) -> None:
    """Refuses what is for several videos."""
    from gnntrack.errors import DataError

    if to is not None:
        raise DataError(f"--to {to} with a file as output", remedy="leave it out: the suffix says what it is")
    if work != ALONE:
        problem = "--workers, --scheduler, --memory, --fail-fast and --resume are for several videos"
        raise DataError(problem, remedy="leave them out, or name a folder as output")
