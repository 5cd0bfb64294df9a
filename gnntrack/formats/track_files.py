"""Files of tracks in the forms that benchmarks take: MOTChallenge's, KITTI's, COCO's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from gnntrack.files import write_text
from gnntrack.formats import kitti
from gnntrack.formats.coco import COVERAGE, TRACKS
from gnntrack.formats.coco_writing import as_document
from gnntrack.formats.mot_tracks import write_tracks
from gnntrack.sequence import Sequence

TrackFormat = Literal["mot", "kitti", "coco"]


def track_file(folder: Path, name: str, to: TrackFormat) -> Path:
    """Where the tracks of a video go: a file a video, but one file of all in COCO's form.

    Example:
        >>> track_file(Path("out"), "0000", "kitti").as_posix(), track_file(Path("out"), "a", "coco").as_posix()
        ('out/0000.txt', 'out/tracks.json')
    """
    return folder / (TRACKS if to == "coco" else f"{name}.txt")


def write_track_file(
    path: Path, tracks: list[Sequence], to: TrackFormat, classes: bool = True, visibility: bool = False
) -> None:
    """Writes tracks, atomically.

    Args:
        path: the file, see :func:`track_file`.
        tracks: of one video, or in COCO's form of any number.
        to: the form.
        classes: whether MOTChallenge's form says classes; the others always do.
        visibility: likewise.

    Raises:
        DataError: it cannot be written, or not in this form.
    """
    if to == "coco":
        write_text(path, json.dumps(as_document(tracks, "tracks", COVERAGE)) + "\n")
        return
    (one,) = tracks
    if to == "kitti":
        write_text(path, kitti.rows_of(one, "tracks").to_csv(header=False, index=False, sep=" "))
    else:
        write_tracks(path, one, classes, visibility)
