"""`Sequence`: the boxes of one video, checked once, here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from gnntrack.array_checks import checked_camera, checked_embeddings
from gnntrack.checks import (
    BOX,
    COLUMNS,
    DETECTION,
    LARGEST_COORDINATE,
    LARGEST_FRAME,
    TRUNCATION,
    Origin,
    as_numbers,
    as_typed,
    violations,
)
from gnntrack.errors import DataError
from gnntrack.names import check_name
from gnntrack.scalars import real_number, whole_number
from gnntrack.scratch import Scratch
from gnntrack.sorting import increasing, pair_key

__all__ = [
    "BOX",
    "COLUMNS",
    "DETECTION",
    "LARGEST_COORDINATE",
    "LARGEST_FRAME",
    "TRUNCATION",
    "Coverage",
    "Origin",
    "Sequence",
    "View",
]


class View(NamedTuple):
    """The metadata of a video.

    Attributes:
        width: of the image, pixels.
        height: of the image, pixels.
        frame_rate: frames a second.
    """

    width: float
    height: float
    frame_rate: float

    def in_floats(self) -> View:
        """The same for compiled code, which compiles anew for every other type."""
        return View(float(self.width), float(self.height), float(self.frame_rate))


@dataclass(frozen=True)
class Coverage:
    """Which classes were looked for in a video, where annotators did not look for all (TAO).

    Attributes:
        absent: classes that are known not to be there.
        partial: classes of which not every object is annotated.
    """

    absent: frozenset[int] = frozenset()
    partial: frozenset[int] = frozenset()


@dataclass(frozen=True, eq=False)
class Sequence:
    """The boxes of one video: detections, annotations or tracks.

    Building one checks the table (the only place where raw input is checked), fills the default columns and
    sorts the rows by frame, then id, then box, so the order of the rows in a file never matters. Numbers of any
    library's type become plain ones.

    Attributes:
        name: the sequence's name, also the stem of result files.
        boxes: a table with one row a box and the columns of :data:`COLUMNS`: ``frame`` (from 1), ``id`` (−1:
            unknown), ``x, y, w, h`` (pixels, top-left), ``conf`` (0 to 1; in annotations the flag "evaluate
            this row"), ``class_id``, ``visibility`` (0 to 1); in tracks also ``detection`` (row of the detection a
            box came from, −1: interpolated), in annotations also ``truncation`` (0: the whole object is in the image).
        width: of the image, in pixels.
        height: of the image, in pixels.
        frame_rate: frames a second.
        length: number of frames; 0 means "the last frame that has a box".
        embeddings: optional appearance vectors, ``(len(boxes), D)`` float32, a row a box.
        classes: names of the class ids, where the format has them.
        origin: where the rows came from, for error messages.
        skipped: rows that the reader dropped at the caller's request.
        coverage: of annotations: which classes were looked for; None: all.
        camera: how the camera moves, ``(length, 2, 3)``: matrices that map pixels of the previous frame to pixels of
            this one, for what stands still (:mod:`gnntrack.geometry.camera_motion`); None: it is not known. That of
            frame 1 is not used.

    Raises:
        DataError: a row is not a box, a frame is out of range, an identity stands twice in one frame, or the camera's
            motion is not known in every frame, or is none.

    Example:
        >>> table = pd.DataFrame({"frame": [2, 1], "x": [5.0, 1.0], "y": 0.0, "w": 4.0, "h": 8.0})
        >>> sequence = Sequence("street", table, width=64, height=48, frame_rate=25)
        >>> len(sequence), sequence.length, sequence.boxes["frame"].tolist()
        (2, 2, [1, 2])
    """

    name: str
    boxes: pd.DataFrame
    width: int
    height: int
    frame_rate: float = 30.0
    length: int = 0
    embeddings: np.ndarray | None = None
    classes: Mapping[int, str] = field(default_factory=dict)
    origin: Origin | None = field(default=None, repr=False)
    skipped: int = 0
    coverage: Coverage | None = None
    camera: np.ndarray | None = None

    def __post_init__(self) -> None:
        check_name(self.name)
        for key in ("width", "height", "length", "skipped"):
            object.__setattr__(self, key, whole_number(getattr(self, key), f"{self.name}: {key}"))
        object.__setattr__(self, "frame_rate", real_number(self.frame_rate, f"{self.name}: frame rate"))
        classes = {whole_number(key, f"{self.name}: a class"): str(name) for key, name in self.classes.items()}
        object.__setattr__(self, "classes", classes)
        if not (1 <= self.width <= LARGEST_COORDINATE and 1 <= self.height <= LARGEST_COORDINATE):
            raise DataError(
                f"{self.name}: the image measures {self.width} × {self.height}", remedy="give both in pixels"
            )
        if not (np.isfinite(self.frame_rate) and self.frame_rate > 0):
            raise DataError(f"{self.name}: frame rate {self.frame_rate}", remedy="give frames a second, above 0")
        if not 0 <= self.length <= LARGEST_FRAME:
            raise DataError(f"{self.name}: length {self.length}", remedy="give the number of frames, or 0 if unknown")
        table = as_numbers(self.boxes, self.name)
        for broken in violations(table, self.length):
            raise broken.error(int(broken.rows[0]), self.name, self.origin)
        table = as_typed(table)
        order = _order(table)
        if self.embeddings is not None:
            embeddings = checked_embeddings(self.embeddings, len(table), self.name)
            object.__setattr__(self, "embeddings", embeddings if order is None else embeddings[order])
        if order is not None:
            scratch = Scratch()
            columns = {name: scratch.gathered(values.to_numpy(), order) for name, values in table.items()}
            table = pd.DataFrame(columns, copy=False)
        object.__setattr__(self, "boxes", table)
        if not self.length and len(table):
            object.__setattr__(self, "length", int(table["frame"].iloc[-1]))
        if self.camera is not None:
            object.__setattr__(self, "camera", checked_camera(self.camera, self.length, self.name))
        object.__setattr__(self, "origin", None)  # rows are sorted now: line numbers would be wrong

    def __len__(self) -> int:
        """Number of boxes."""
        return len(self.boxes)

    @property
    def xywh(self) -> np.ndarray:
        """The boxes as an array ``(N, 4)``: left, top, width, height in pixels."""
        return self.boxes[BOX].to_numpy()

    @property
    def frames(self) -> np.ndarray:
        """The frame of every box, ``(N,)``, ascending."""
        return self.boxes["frame"].to_numpy()

    def by_frame(self) -> Iterator[tuple[int, slice]]:
        """Yields each frame that has boxes with the slice of its rows, in order of time."""
        frames, starts = np.unique(self.frames, return_index=True)
        for frame, first, last in zip(frames.tolist(), starts, np.append(starts, len(self))[1:], strict=True):
            yield frame, slice(int(first), int(last))

    def rows_of(self, frame: int) -> slice:
        """The rows of one frame (an empty slice where it has no boxes)."""
        first, last = np.searchsorted(self.frames, [frame, frame + 1])
        return slice(int(first), int(last))

    def take(self, rows: np.ndarray) -> Sequence:
        """A sequence of the same video with only these rows (a mask, or positions)."""
        rows = np.asarray(rows)
        embeddings = None if self.embeddings is None else self.embeddings[rows]
        table = self.boxes.loc[rows] if rows.dtype == bool else self.boxes.iloc[rows]
        return replace(self, boxes=table, embeddings=embeddings)

    def since(self, frame: int) -> Sequence:
        """The part of the video from a frame on, which becomes frame 1.

        Example:
            >>> table = pd.DataFrame({"frame": [1, 3, 4], "x": 0.0, "y": 0.0, "w": 4.0, "h": 8.0})
            >>> later = Sequence("street", table, width=64, height=48).since(3)
            >>> later.frames.tolist(), later.length
            ([1, 2], 2)
        """
        part = self.take(self.frames >= frame)
        camera = None if self.camera is None else self.camera[frame - 1 :]
        table = part.boxes.assign(frame=part.boxes["frame"] - (frame - 1))
        return replace(part, boxes=table, length=self.length - (frame - 1), camera=camera)

    def with_ids(self, ids: np.ndarray) -> Sequence:
        """The same boxes with these identities ``(N,)``. Row order may change: rows are sorted by id within a frame."""
        return replace(self, boxes=self.boxes.assign(id=np.asarray(ids)))

    def without_ids(self) -> Sequence:
        """The boxes as a detector would give them: every identity unknown."""
        return self.with_ids(np.full(len(self), -1))


def _order(table: pd.DataFrame) -> np.ndarray | None:
    """The positions that sort the rows by frame, id, box and confidence; None where they are sorted."""
    frame, identity = table["frame"].to_numpy(), table["id"].to_numpy()
    if increasing(frame, identity):
        return None
    key = pair_key(frame, identity)
    order = np.lexsort([identity, frame]) if key is None else np.argsort(key)
    tied = (np.diff(frame[order]) == 0) & (np.diff(identity[order]) == 0)
    if tied.any():  # unknown identities
        order = np.lexsort([table[column].to_numpy() for column in ("conf", "h", "w", "y", "x", "id", "frame")])
    return order
