"""The tracks of a video, drawn over its images or on a blank canvas, as a video, a moving or a still image."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gnntrack.errors import DataError
from gnntrack.packages import needed_package
from gnntrack.remote import as_path
from gnntrack.sequence import Sequence
from gnntrack.showing import shown
from gnntrack.video.painting import BLANK, Look, Painter, caption
from gnntrack.video.reading import Video
from gnntrack.video.writing import check_suffix, write_images

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL.Image import Image

#: Width of a .gif, unless the caller says otherwise.
GIF_WIDTH = 640


def check_still(suffix: str, frames: tuple[int, int] | None, target: Path | None = None) -> None:
    """Refuses an image of several frames.

    Example:
        >>> check_still(".png", (1, 3))
        Traceback (most recent call last):
        gnntrack.errors.DataError: a .png of several frames; give one with --frames, or write .mp4 or .gif
    """
    if suffix == ".png" and frames is not None and frames[0] != frames[1]:
        raise DataError("a .png of several frames", remedy="give one with --frames, or write .mp4 or .gif", path=target)


def draw(
    tracks: Sequence,
    target: str | Path,
    video: Video | None = None,
    frames: tuple[int, int] | None = None,
    width: int | None = None,
    look: Look = Look(),
    progress: Callable[[Iterator[Image], int], Iterator[Image]] = lambda images, _: images,
) -> int:
    """Draws tracks; gives the number of frames that were written.

    Args:
        tracks: the result, or annotations.
        target: ``.mp4``, ``.gif`` or ``.png``.
        video: the images, from :func:`.open_video`; None: a blank canvas.
        frames: the first and the last, from 1; None: all, and for ``.png`` the one with the most boxes.
        width: of what is written, in pixels; None: that of the images, of a ``.gif`` at most 640.
        look: how tracks are drawn.
        progress: shows how far it is: takes the images and their number, gives the images.

    Raises:
        DataError: tracks and images do not fit, there is nothing to draw, or a package is missing.

    Example:
        >>> from gnntrack import sample
        >>> draw(sample("TUD-Campus", "tracks"), "a.bmp")
        Traceback (most recent call last):
        gnntrack.errors.DataError: a.bmp: cannot draw a .bmp; use .mp4, .gif or .png
    """
    target = as_path(target)
    suffix = check_suffix(target)
    if not len(tracks):
        raise DataError(f"{tracks.name}: no tracks to draw", remedy="give tracks or annotations with ids")
    length = max(tracks.length, video.length if video else 0)
    if frames is None:
        frames = (busiest_frame(tracks),) * 2 if suffix == ".png" else (1, length)
    first, last = frames
    check_still(suffix, frames, target)
    if not 1 <= first <= last or (not video and first > length):
        remedy = f"{tracks.name} has frames 1 to {length}"
        raise DataError(f"frames {first} to {last}", remedy=remedy)
    if width is None and suffix == ".gif":
        width = min(GIF_WIDTH, video.width if video else tracks.width)
    images = _painted(tracks, video, first, last, width, look)
    rate = video.frame_rate if video else tracks.frame_rate
    return write_images(target, progress(images, min(last, length) - first + 1), rate)


def busiest_frame(tracks: Sequence) -> int:
    """The last of the frames with the most boxes."""
    frames, counts = np.unique(tracks.frames, return_counts=True)
    return int(frames[counts == counts.max()].max())


def parse_frames(text: str) -> tuple[int, int]:
    """The first and the last of ``FIRST-LAST``, or one frame.

    Raises:
        DataError: the text has another form.

    Example:
        >>> parse_frames("100-250"), parse_frames("57")
        ((100, 250), (57, 57))
    """
    first, dash, last = text.partition("-")
    last = last if dash else first
    if not (first.isdecimal() and last.isdecimal() and len(text) < 20 and 1 <= int(first) <= int(last)):
        raise DataError(f"frames {shown(text)}", remedy="give FIRST-LAST, such as 100-250, or one number")
    return int(first), int(last)


def _painted(
    tracks: Sequence, video: Video | None, first: int, last: int, width: int | None, look: Look
) -> Iterator[Image]:
    """Yields the drawn images of the frames."""
    with needed_package("drawing"):
        from PIL import Image
    table = tracks.boxes
    known = table["id"].to_numpy() >= 0
    several = table["class_id"].nunique() > 1 or bool(tracks.classes)
    painter = Painter(look, tracks.classes)
    of_images = (video.width, video.height) if video else (tracks.width, tracks.height)
    width = width or of_images[0]
    size = width, max(1, round(of_images[1] * width / of_images[0]))
    scale = np.tile(np.array(size) / of_images, 2)
    sources: Iterator[np.ndarray | None] = iter(video.frames()) if video else iter([None] * last)
    for frame, pixels in enumerate(islice(sources, last), 1):
        if frame < first - look.trail:
            continue
        rows = np.arange(len(table))[tracks.rows_of(frame)]
        rows = rows[known[rows]]
        here = table.iloc[rows]
        ids, boxes = here["id"].to_numpy(), tracks.xywh[rows] * scale
        if frame < first:
            painter.remember(frame, ids, boxes)
            continue
        image = Image.new("RGB", size, BLANK) if pixels is None else Image.fromarray(pixels)
        if image.size != size:
            image = image.resize(size, Image.Resampling.LANCZOS)
        classes = here["class_id"].to_numpy() if several else None
        painter.paint(image, frame, ids, boxes, classes, here["conf"].to_numpy())
        if pixels is None:
            caption(image, f"{tracks.name}, frame {frame}")
        yield image
