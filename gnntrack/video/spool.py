"""Rows of tracks on their way to a file: kept on disk, so that hours of video need no memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType

import numpy as np
import pandas as pd

from gnntrack.formats.mot_tracks import write_track_parts
from gnntrack.formats.track_files import TrackFormat, write_track_file
from gnntrack.geometry import xyxy_to_xywh
from gnntrack.sequence import BOX, Sequence
from gnntrack.tracking.detections import CORNERS, TRACK, TRACKED_CLASS, TRACKED_CONFIDENCE
from gnntrack.video.reading import Video

_COLUMNS = ("frame", "id", *BOX, "conf", "class_id")


class Spool:
    """The tracks of a video so far, frame by frame, in a temporary file.

    Attributes:
        identities: number of tracks.
        boxes: number of boxes.
        frames: number of frames.
        classes: those that tracks have.
    """

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="gnntrack-")  # noqa: SIM115 (closed by __exit__)
        self._starts: list[int] = []  # of chunks of whole frames
        self._in_chunk = self.boxes = self.frames = 0
        self._known = np.zeros(0, dtype=np.int64)
        self.classes: set[int] = set()

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    @property
    def identities(self) -> int:
        """Number of tracks."""
        return len(self._known)

    def add(self, frame: int, rows: np.ndarray) -> None:
        """Adds the tracks ``(M, 8)`` of a frame."""
        self.frames = max(self.frames, frame)
        if not len(rows):
            return
        if not self._starts or self._in_chunk >= _CHUNK:
            self._starts.append(self.boxes)
            self._in_chunk = 0
        kept = np.column_stack(
            [
                np.full(len(rows), float(frame)),
                rows[:, TRACK],
                xyxy_to_xywh(rows[:, CORNERS]),
                rows[:, TRACKED_CONFIDENCE],
                rows[:, TRACKED_CLASS],
            ]
        )
        self._file.write(kept.tobytes())
        self._in_chunk += len(rows)
        self.boxes += len(rows)
        self._known = np.union1d(self._known, rows[:, TRACK].astype(np.int64))
        self.classes |= set(rows[:, TRACKED_CLASS].astype(int).tolist())

    def parts(self) -> Iterator[pd.DataFrame]:
        """Yields the rows as tables of whole frames: ``frame, id, x, y, w, h, conf, class_id``."""
        if not self.boxes:
            return
        self._file.seek(0)
        for first, last in zip(self._starts, [*self._starts[1:], self.boxes], strict=True):
            data = self._file.read((last - first) * len(_COLUMNS) * 8)
            table = pd.DataFrame(np.frombuffer(data).reshape(-1, len(_COLUMNS)), columns=list(_COLUMNS))
            yield table.astype({"frame": "int64", "id": "int64", "class_id": "int64"})

    def write(self, target: Path, video: Video, names: Mapping[int, str], to: TrackFormat) -> None:
        """Writes all rows as a file of tracks, atomically; MOTChallenge's form needs no memory for it.

        Args:
            target: the file.
            video: whose tracks they are.
            names: of the classes.
            to: the form.
        """
        if to == "mot":
            write_track_parts(target, self.parts(), len(self.classes) > 1)
            return
        size = {"width": video.width, "height": video.height, "frame_rate": video.frame_rate, "length": self.frames}
        write_track_file(target, [Sequence(video.name, self.table(), **size, classes=names)], to)  # type: ignore[arg-type]

    def table(self) -> pd.DataFrame:
        """All rows at once."""
        empty = pd.DataFrame({name: pd.Series(dtype="float64") for name in _COLUMNS})
        return pd.concat([empty, *self.parts()], ignore_index=True) if self.boxes else empty


#: Boxes of a part, about.
_CHUNK = 100_000
