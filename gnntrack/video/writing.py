"""Drawn frames as a file: .mp4 by the package av, .gif and .png by pillow; written beside it and renamed when whole."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gnntrack.errors import DataError
from gnntrack.files import atomic_path
from gnntrack.packages import needed_package

if TYPE_CHECKING:
    from PIL.Image import Image

SUFFIXES = (".mp4", ".gif", ".png")
#: Frames of a .gif, which is made in memory, and frames a second that viewers show.
MOST_GIF_FRAMES, GIF_RATE = 1500, 12.5


def write_images(target: Path, images: Iterator[Image], frame_rate: float) -> int:
    """Writes images as the suffix says; gives their number.

    Args:
        target: ``.mp4``, ``.gif`` or, of the first image alone, ``.png``.
        images: all of one size.
        frame_rate: of the images, a second.

    Raises:
        DataError: a package is missing, there are no images, too many for a ``.gif``, or nothing can be written.
    """
    writers = {".mp4": _write_mp4, ".gif": _write_gif, ".png": _write_png}
    with atomic_path(target) as temporary:
        count = writers[check_suffix(target)](temporary, images, frame_rate)
        if not count:
            raise DataError("no frames to draw", remedy="check --frames", path=target)
    return count


def check_suffix(target: Path) -> str:
    """The suffix of an output.

    Raises:
        DataError: it is none that can be written.
    """
    suffix = target.suffix.lower()
    if suffix not in SUFFIXES:
        raise DataError(
            f"cannot draw a {suffix or 'file without a suffix'}", remedy="use .mp4, .gif or .png", path=target
        )
    return suffix


def _write_mp4(path: Path, images: Iterator[Image], frame_rate: float) -> int:
    """H.264, which every browser plays; odd sides lose a pixel."""
    with needed_package("writing .mp4"):
        import av
    count, stream = 0, None
    try:
        with av.open(path, "w", format="mp4", options={"movflags": "faststart"}) as container:
            for image in images:
                if stream is None:
                    rate = Fraction(frame_rate).limit_denominator(10_000)
                    stream = container.add_stream("libx264", rate=rate, options={"crf": "20", "preset": "veryfast"})
                    stream.width, stream.height = max(2, image.width // 2 * 2), max(2, image.height // 2 * 2)
                    stream.pix_fmt = "yuv420p"
                pixels = np.asarray(image)[: stream.height, : stream.width]
                container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")))
                count += 1
            if stream is not None:
                container.mux(stream.encode())
    except av.FFmpegError as error:
        raise OSError(error.errno, error.strerror or type(error).__name__) from None
    return count


def _write_gif(path: Path, images: Iterator[Image], frame_rate: float) -> int:
    """As many frames as viewers show; each has its own colours."""
    from PIL import Image as Images

    step = max(1, round(frame_rate / GIF_RATE))
    kept: list[Image] = []
    for number, image in enumerate(images):
        if number % step == 0:
            kept.append(image.quantize(128, method=Images.Quantize.MEDIANCUT, dither=Images.Dither.NONE))
        if len(kept) > MOST_GIF_FRAMES:
            remedy = "choose some with --frames, or write .mp4"
            raise DataError(f"more than {MOST_GIF_FRAMES} frames for a .gif", remedy=remedy)
    if kept:
        milliseconds = max(20, round(1000 * step / frame_rate))
        kept[0].save(
            path, format="GIF", save_all=True, append_images=kept[1:], duration=milliseconds, loop=0, optimize=False
        )
    return len(kept)


def _write_png(path: Path, images: Iterator[Image], frame_rate: float) -> int:
    for image in images:
        image.save(path, format="PNG", optimize=True)
        return 1
    return 0
