"""Video files and network streams, by the package av (PyAV)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from gnntrack.errors import DataError
from gnntrack.formats.file_names import stem_of
from gnntrack.loaders.text import open_file as open_plain_file
from gnntrack.names import check_name
from gnntrack.packages import needed_package
from gnntrack.video.reading import Video

#: Seconds to wait for a stream to open, and for each of its frames.
PATIENCE = 10.0
#: Largest side of an image.
LARGEST_SIDE = 16_384


def open_file(path: Path) -> Video:
    """A video file.

    Raises:
        DataError: it is no video, or av is not installed.
    """
    with open_plain_file(path):  # no pipe, no device
        pass
    return _opened(str(path.resolve()), str(path), check_name(stem_of(path)), live=False)


def open_stream(address: str, shown: str, name: str) -> Video:
    """A network stream.

    Args:
        address: where it is.
        shown: the address as errors may name it.
        name: of the video.

    Raises:
        DataError: it cannot be reached, is no video, or av is not installed.
    """
    return _opened(address, shown, name, live=True)


def _opened(source: str, shown: str, name: str, live: bool) -> Video:
    with needed_package("reading video"):
        import av
    options = {"rtsp_transport": "tcp"} if source.lower().startswith("rtsp") else {}
    try:
        container = av.open(source, options=options, timeout=PATIENCE if live else None)
    except (av.FFmpegError, OSError, ValueError) as error:
        raise DataError(f"cannot open: {_reason(error)}", remedy="give a video", path=shown) from None
    if not container.streams.video:
        container.close()
        raise DataError("holds no video", remedy="give a video", path=shown)
    stream = container.streams.video[0]
    stream.thread_type = "NONE" if live else "AUTO"  # threads hold frames back
    decoded = _decoded(container, shown, live)
    first = next(decoded, None)
    if first is None:
        raise DataError("holds no frames", remedy="give a whole video", path=shown)
    height, width, _ = first.shape
    if max(height, width) > LARGEST_SIDE:
        raise DataError(f"{width} × {height} pixels", remedy=f"at most {LARGEST_SIDE} a side are read", path=shown)
    rate = float(stream.average_rate or stream.guessed_rate or 0)
    length = 0 if live else stream.frames or _estimated_length(stream, container, rate)

    def frames() -> Iterator[np.ndarray]:
        yield first
        for image in decoded:
            if image.shape != first.shape:
                problem = f"an image of {image.shape[1]} × {image.shape[0]} pixels among some of {width} × {height}"
                raise DataError(problem, remedy="give images of one size", path=shown)
            yield image

    return Video(name, width, height, rate, length, live, frames)


def _decoded(container: Any, shown: str, live: bool) -> Iterator[np.ndarray]:
    """The frames; closes the file at the end."""
    import av

    stream = container.streams.video[0]
    with container:
        try:
            for packet in container.demux(stream):
                yield from map(_upright, packet.decode())
        except (av.FFmpegError, OSError) as error:
            if not live:
                raise DataError(f"cannot decode: {_reason(error)}", remedy="check the file", path=shown) from None
            with suppress(av.FFmpegError):  # the connection has ended: the frames that are on their way
                yield from map(_upright, stream.decode(None))


def _upright(frame: Any) -> np.ndarray:
    """A frame as an array, turned as the file says."""
    image: np.ndarray = frame.to_ndarray(format="rgb24")
    turns = round(frame.rotation / 90) % 4
    return np.ascontiguousarray(np.rot90(image, turns)) if turns else image


def _estimated_length(stream: Any, container: Any, rate: float) -> int:
    """Number of frames by the duration, for the progress bar; 0 where that is not known."""
    if stream.duration and stream.time_base:
        return round(float(stream.duration * stream.time_base) * rate)
    return round(container.duration / 1e6 * rate) if container.duration else 0


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or type(error).__name__
