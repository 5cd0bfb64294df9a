"""Tracks of a video that is drawn, and what is known of it without its images."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from gnntrack.errors import DataError
from gnntrack.evaluation.reading import about_results
from gnntrack.formats.file_names import existing
from gnntrack.formats.format import Format
from gnntrack.formats.options import ReadingOptions, SequenceInfo
from gnntrack.formats.registry import find_format
from gnntrack.reading import read
from gnntrack.remote import as_path
from gnntrack.sequence import Sequence
from gnntrack.video.images import image_files
from gnntrack.video.reading import Video, is_video, open_video


def open_scene(
    source: str | Path, options: ReadingOptions = ReadingOptions(), format_: str | Format | None = None
) -> tuple[SequenceInfo, Video | None]:
    """What tracks are drawn over: images, or, where there are only boxes, a canvas of the video's size.

    Args:
        source: a video, a folder of images, a sequence folder, or boxes in any format.
        options: how boxes are read, and which of several videos is meant.
        format_: of the boxes; recognised if missing.

    Raises:
        DataError: there is nothing to read, or there are several videos.

    Example:
        >>> open_scene("TUD-Campus")
        (SequenceInfo(name='TUD-Campus', width=640, height=480, frame_rate=25.0, length=71), None)
    """
    path = as_path(source)
    if is_video(source) or (path.is_dir() and image_files(path)):
        video = open_video(source, options.frame_rate)
        if video.live:
            raise DataError("has no end", remedy="draw a recording", path=video.name)
        return SequenceInfo(video.name, video.width, video.height, video.frame_rate, video.length), video
    found_format = find_format(path, format_)[0]
    content = found_format.contents(path, options)[:1] or ["annotations"]
    boxes = _only(read(path, content[0], options, found_format), path)
    return SequenceInfo(boxes.name, boxes.width, boxes.height, boxes.frame_rate, boxes.length), None


def read_result(
    path: str | Path, scene: SequenceInfo, options: ReadingOptions = ReadingOptions(), named: bool = False
) -> Sequence:
    """Reads tracks, or annotations, of a video: a file in any format, or a folder that holds ``NAME.txt``.

    Args:
        path: where they lie.
        scene: the video.
        options: how tolerant reading is; the size and rate of the video count.
        named: whether they must be named for the video: it is one of several.

    Raises:
        DataError: there is nothing to read, or a box has no identity.
    """
    path = as_path(path)
    beside = existing(path / f"{scene.name}.txt")
    path = beside if path.is_dir() and beside.is_file() else path
    size, rate = (scene.width, scene.height), scene.frame_rate
    with about_results("--tracks-frame-base"):
        found = read(path, "tracks", replace(options, size=size, frame_rate=rate, sequences=()))
    its_own = [tracks for tracks in found if tracks.name == scene.name]
    if named and not its_own:
        remedy = f"name a folder that holds {scene.name}.txt, or choose with --sequence"
        raise DataError(f"no tracks of {scene.name}", remedy=remedy, path=path)
    tracks = _only(its_own or found, path)
    return replace(tracks, name=scene.name, length=max(tracks.length, scene.length))


def _only(found: list[Sequence], path: Path) -> Sequence:
    if len(found) > 1:
        names = ", ".join(sequence.name for sequence in found[:8])
        raise DataError(f"{len(found)} videos", remedy=f"name one of them: {names}", path=path)
    return found[0]
