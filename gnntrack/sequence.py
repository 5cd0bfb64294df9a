"""`Sequence`: the boxes of one video, checked once, here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
import pandas as pd

from gnntrack.errors import DataError

#: The table's columns, their types and their defaults (None: required). Pixels, top-left corner.
COLUMNS: dict[str, tuple[str, float | None]] = {
    "frame": ("int64", None),
    "id": ("int64", -1),
    "x": ("float64", None),
    "y": ("float64", None),
    "w": ("float64", None),
    "h": ("float64", None),
    "conf": ("float64", 1.0),
    "class_id": ("int64", 1),
    "visibility": ("float64", 1.0),
}
#: Present in tracks only: the row of the detection that a box came from; −1: interpolated.
DETECTION = "detection"
BOX = ["x", "y", "w", "h"]
#: Coordinates beyond this are a mistake, not a picture.
LARGEST_COORDINATE = 1e7
#: Frames beyond this are a mistake, not a video (385 days at 30 frames a second).
LARGEST_FRAME = 10**9


class Origin(Protocol):
    """Where a row of the table came from, for error messages."""

    @property
    def path(self) -> str:
        """The file."""

    def line(self, row: int) -> int | None:
        """The line, counted from 1, of the row at this position of the unsorted table."""


@dataclass(frozen=True, eq=False)
class Sequence:
    """The boxes of one video: detections, annotations or tracks.

    Building one checks the table (the only place where raw input is checked), fills the default columns and
    sorts the rows by frame, then id, then box, so the order of the rows in a file never matters.

    Attributes:
        name: the sequence's name, also the stem of result files.
        boxes: a table with one row a box and the columns of :data:`COLUMNS`: ``frame`` (from 1), ``id`` (−1:
            unknown), ``x, y, w, h`` (pixels, top-left), ``conf`` (0 to 1; in annotations the flag "evaluate
            this row"), ``class_id``, ``visibility`` (0 to 1); in tracks also ``detection`` (row of the detection a
            box came from, −1: interpolated).
        width: of the picture, in pixels.
        height: of the picture, in pixels.
        frame_rate: frames a second.
        length: number of frames; 0 means "the last frame that has a box".
        embeddings: optional appearance vectors, ``(len(boxes), D)`` float32, a row a box.
        origin: where the rows came from, for error messages.
        skipped: rows that the reader dropped because the caller asked for it.

    Raises:
        DataError: a row is not a box, a frame is out of range, or an identity stands twice in one frame.

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
    origin: Origin | None = field(default=None, repr=False)
    skipped: int = 0

    def __post_init__(self) -> None:
        _check_name(self.name)
        if self.width < 1 or self.height < 1:
            raise DataError(
                f"{self.name}: the picture measures {self.width} × {self.height}", remedy="give both in pixels"
            )
        if not (np.isfinite(self.frame_rate) and self.frame_rate > 0):
            raise DataError(f"{self.name}: frame rate {self.frame_rate}", remedy="give frames a second, above 0")
        table = _typed(self.boxes, self.name, self.origin)
        length = int(self.length) or (int(table["frame"].max()) if len(table) else 0)
        _check(table, length, self.name, self.origin)
        order = np.lexsort([table[column].to_numpy() for column in ("conf", "h", "w", "y", "x", "id", "frame")])
        if self.embeddings is not None:
            embeddings = np.asarray(self.embeddings, dtype=np.float32)
            if embeddings.ndim != 2 or len(embeddings) != len(table):
                raise DataError(
                    f"{self.name}: embeddings of shape {embeddings.shape} for {len(table)} boxes",
                    remedy="give one row a box",
                )
            if not np.isfinite(embeddings).all():
                raise DataError(f"{self.name}: an embedding is not finite", remedy="mend the appearance model")
            object.__setattr__(self, "embeddings", embeddings[order])
        object.__setattr__(self, "boxes", table.iloc[order].reset_index(drop=True))
        object.__setattr__(self, "length", length)
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
        for frame, first, last in zip(frames.tolist(), starts, [*starts[1:], len(self)], strict=True):
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

    def with_ids(self, ids: np.ndarray) -> Sequence:
        """The same boxes with these identities ``(N,)``. Row order may change: rows are sorted by id within a frame."""
        return replace(self, boxes=self.boxes.assign(id=np.asarray(ids)))

    def without_ids(self) -> Sequence:
        """The boxes as a detector would give them: every identity unknown."""
        return self.with_ids(np.full(len(self), -1))


def _check_name(name: str) -> None:
    """A name becomes a file name, so it must not lead anywhere else."""
    if not name or name in {".", ".."} or any(character in name for character in "/\\\0\n\r"):
        raise DataError(f"sequence name {name!r} cannot be a file name", remedy="use letters, digits, '-', '_' and '.'")


def _typed(boxes: pd.DataFrame, name: str, origin: Origin | None) -> pd.DataFrame:
    """The table with all columns in their types; fractions in whole-number columns are errors."""
    missing = [column for column, (_, default) in COLUMNS.items() if default is None and column not in boxes]
    if missing:
        raise DataError(
            f"{name}: the table has no column {', '.join(missing)}", remedy=f"columns: {', '.join(COLUMNS)}"
        )
    columns = {}
    schema = COLUMNS | ({DETECTION: ("int64", None)} if DETECTION in boxes else {})
    for column, (kind, default) in schema.items():
        if column not in boxes:
            columns[column] = np.full(len(boxes), default, dtype=kind)
            continue
        try:
            values = boxes[column].to_numpy(dtype="float64")
        except (TypeError, ValueError):
            raise DataError(f"{name}: column {column} holds text", remedy="give numbers") from None
        if not np.isfinite(values).all():
            row = int(np.flatnonzero(~np.isfinite(values))[0])
            raise _error(f"{column} is {values[row]:g}", "give a finite number", name, origin, row)
        if kind == "int64":
            odd = (values != np.floor(values)) | (np.abs(values) > 2**53)
            if odd.any():
                row = int(np.flatnonzero(odd)[0])
                raise _error(f"{column} is {values[row]:.12g}", "give a whole number", name, origin, row)
        columns[column] = values.astype(kind)
    return pd.DataFrame(columns)


def _check(table: pd.DataFrame, length: int, name: str, origin: Origin | None) -> None:
    """Every rule a box must keep, one vectorised test each; the first row that breaks one is named."""
    frame = table["frame"].to_numpy()
    coordinates = table[BOX].to_numpy()
    conf, visibility = table["conf"].to_numpy(), table["visibility"].to_numpy()
    rules = [
        (frame < 1, "frame", "frames count from 1; for files that count from 0 pass --frame-base 0"),
        (frame > LARGEST_FRAME, "frame", "no video is that long; check the column order"),
        (np.abs(coordinates).max(1, initial=0) > LARGEST_COORDINATE, "box", "coordinates are pixels"),
        (
            (coordinates[:, 2:] <= 0).any(1),
            "box",
            "width and height must be above 0; drop such rows with --on-error skip",
        ),
        (table["id"].to_numpy() < -1, "id", "identities are whole numbers from 0, or -1 for unknown"),
        ((conf < 0) | (conf > 1), "conf", "confidence lies between 0 and 1; rescale others with --confidence rescale"),
        ((visibility < 0) | (visibility > 1), "visibility", "visibility lies between 0 and 1"),
    ]
    for broken, what, remedy in rules:
        if broken.any():
            row = int(np.flatnonzero(broken)[0])
            value = (
                "[x y w h] " + " ".join(f"{v:g}" for v in coordinates[row])
                if what == "box"
                else f"{table[what].iloc[row]:g}"
            )
            raise _error(f"{what} is {value}", remedy, name, origin, row)
    beyond = frame > length
    if beyond.any():
        row = int(np.flatnonzero(beyond)[0])
        raise _error(
            f"{int(beyond.sum())} boxes lie in frames {frame[beyond].min()} to {frame.max()}, the length is {length}",
            "correct seqLength or the frame numbers",
            name,
            origin,
            row,
        )
    known = np.flatnonzero(table["id"].to_numpy() >= 0)
    twice = table.iloc[known].duplicated(["frame", "id"], keep="first").to_numpy()
    if twice.any():
        row = int(known[np.flatnonzero(twice)[0]])
        same = (frame == frame[row]) & (table["id"].to_numpy() == table["id"].iloc[row])
        first = int(np.flatnonzero(same)[0])
        other = None if origin is None else origin.line(first)
        raise _error(
            f"id {table['id'].iloc[row]} stands twice in frame {frame[row]}"
            + (f" (first in line {other})" if other is not None else ""),
            "keep one of the two boxes",
            name,
            origin,
            row,
        )


def _error(problem: str, remedy: str, name: str, origin: Origin | None, row: int) -> DataError:
    if origin is None:
        return DataError(f"{name}: row {row}: {problem}", remedy=remedy)
    return DataError(problem, remedy=remedy, path=origin.path, line=origin.line(row))
