"""Frames of a video: a file, a folder of images, a stream, a camera."""

from __future__ import annotations

import re
import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import numpy as np

from gnntrack.errors import DataError, DataWarning
from gnntrack.names import check_name
from gnntrack.remote import SCHEMES, as_path, is_address, is_remote, without_secrets
from gnntrack.scalars import real_number
from gnntrack.showing import shown

#: Names of files that are videos, for hints; any file that the package av can decode is read.
VIDEO_SUFFIXES = (".mp4", ".mov", ".avi", ".mkv", ".webm", ".m4v", ".mpg", ".mpeg", ".ts", ".gif")
#: Schemes of streams; those of the web are streams, too.
STREAMS = ("rtsp", "rtsps", "rtmp", "rtmps", "rtp", "srt", "udp", "tcp")
USUAL_RATE = 30.0


@dataclass(frozen=True)
class Video:
    """A video that is open; its frames can be taken once.

    Attributes:
        name: of the video, also the stem of result files.
        width: of the images, in pixels.
        height: likewise.
        frame_rate: frames a second.
        length: number of frames, as far as it is known beforehand; 0: unknown.
        live: a camera or a stream, which has no end.
        frames: yields ``(height, width, 3)`` uint8 arrays: red, green, blue.
    """

    name: str
    width: int
    height: int
    frame_rate: float
    length: int
    live: bool
    frames: Callable[[], Iterator[np.ndarray]]


def open_video(source: str | Path, frame_rate: float | None = None) -> Video:
    """Opens a video.

    Args:
        source: a video file; a folder of images, or one with ``img1/``; an address (``rtsp://…``); or the number of a
            camera (``0``).
        frame_rate: frames a second, where the source does not say or is wrong.

    Raises:
        DataError: there is nothing to read, it is no video, or a package is missing that reads it.

    Example:
        >>> open_video("nowhere.mp4")
        Traceback (most recent call last):
            ...
        gnntrack.errors.DataError: nowhere.mp4: no such file or folder; check the path
    """
    check_scheme(source)
    if is_stream(source):
        from gnntrack.video.streams import open_stream

        video = open_stream(str(source), shown_address(str(source)), _stream_name(str(source)))
    elif is_camera(source):
        from gnntrack.video.cameras import open_camera

        video = open_camera(int(str(source)))
    else:
        video = _open_path(as_path(source))
    if frame_rate is not None:
        video = replace(video, frame_rate=real_number(frame_rate, "frame rate"))
    elif not video.frame_rate:
        warnings.warn(f"{source}: no frame rate; {USUAL_RATE:g} frames/s assumed", DataWarning, stacklevel=2)
        video = replace(video, frame_rate=USUAL_RATE)
    return video


def _open_path(path: Path) -> Video:
    """A file, or a folder of images; a remote file is copied, and the copy goes with the video."""
    if is_remote(path):
        path.check()
    if path.is_dir():
        from gnntrack.video.images import open_images

        return open_images(path)
    if not path.exists():
        raise DataError("no such file or folder", remedy="check the path", path=path)
    from gnntrack.video.streams import open_file

    if not is_remote(path):
        return open_file(path)
    folder = tempfile.TemporaryDirectory(prefix="gnntrack-")
    copy = Path(folder.name) / path.name
    path.fetch(copy)
    video = open_file(copy)

    def frames(_: object = folder) -> Iterator[np.ndarray]:
        return video.frames()

    return replace(video, frames=frames)


def is_stream(source: str | Path) -> bool:
    """Whether it is an address that is played, such as ``rtsp://host/stream``, not one whose objects are read."""
    return is_address(source) and _scheme(source) in (*STREAMS, "http", "https")


def check_scheme(source: str | Path) -> None:
    """Refuses addresses that are neither read nor played.

    Raises:
        DataError: it is one.
    """
    if is_address(source) and _scheme(source) not in (*SCHEMES, *STREAMS):
        known = f"known: {', '.join(SCHEMES)}; for streams: {', '.join(STREAMS)}"
        problem = f"no scheme {shown(_scheme(source))}"
        raise DataError(problem, remedy=known, path=without_secrets(source))


def _scheme(source: str | Path) -> str:
    return str(source).partition("://")[0].lower()


def is_camera(source: str | Path) -> bool:
    """Whether it is the number of a camera, and no file has that name."""
    return bool(re.fullmatch(r"\d{1,3}", str(source))) and not Path(source).exists()


def is_video(source: str | Path) -> bool:
    """Whether it looks like a video, not like boxes."""
    if is_remote(source) or (is_address(source) and _scheme(source) in SCHEMES):
        return PurePosixPath(str(source)).suffix.lower() in VIDEO_SUFFIXES
    return is_address(source) or is_camera(source) or Path(source).suffix.lower() in VIDEO_SUFFIXES


def shown_address(address: str) -> str:
    """An address as it may be shown: without user and password.

    Example:
        >>> shown_address("rtsp://me:secret@host:554/street?key=1")
        'rtsp://host:554/street'
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        return "the address"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _stream_name(address: str) -> str:
    """A name for the result of a stream: host and path.

    Example:
        >>> _stream_name("rtsp://me:secret@host:554/street/1?key=1")
        'host-554-street-1'
    """
    text = shown_address(address).partition("://")[2]
    return check_name(re.sub(r"[^A-Za-z0-9_.]+", "-", text).strip("-.")[:100] or "stream")
