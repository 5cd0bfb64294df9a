"""The rules that every box table keeps: what is broken, in which rows, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd

from gnntrack.errors import DataError
from gnntrack.scratch import Scratch, release
from gnntrack.showing import frame_span
from gnntrack.sorting import LARGEST_WHOLE, increasing, pair_key

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
#: Present where annotations say it: 0 where the whole object is in the image.
TRUNCATION = "truncation"
#: Columns that not every table has, and their types.
OPTIONAL = {DETECTION: "int64", TRUNCATION: "int64"}
BOX = ["x", "y", "w", "h"]
#: Coordinates beyond this are treated as errors.
LARGEST_COORDINATE = 1e7
#: Frames beyond this are a mistake, not a video (385 days at 30 frames a second).
LARGEST_FRAME = 10**9
#: The largest confidence that may be one in percent.
LARGEST_PERCENT = 100.0
#: More boxes in one frame are treated as an error: all boxes of a frame are compared with each other.
LARGEST_CROWD = 2000


class Origin(Protocol):
    """Where a row of the table came from, for error messages."""

    @property
    def path(self) -> str:
        """The file."""

    def line(self, row: int) -> int | None:
        """The line, counted from 1, of the row at this position of the unsorted table."""

    def label(self, row: int) -> str:
        """Where in a file without lines the row stands, such as ``annotations[3]``; empty for text files."""


@dataclass(frozen=True)
class Violation:
    """The rows that break one rule.

    Attributes:
        kind: the rule, one word.
        rows: positions in the unsorted table, ascending, at least one.
        remedy: what the user can do.
        describe: the problem of one row, in words.
        first_line: for a row that repeats another, that other row.
    """

    kind: str
    rows: np.ndarray
    remedy: str
    describe: Callable[[int], str]
    first_line: Callable[[int], int] | None = None

    def error(self, row: int, name: str, origin: Origin | None = None) -> DataError:
        """The error that names this row."""
        problem = self.describe(row)
        if origin is None:
            return DataError(f"{name}: row {row}: {problem}", remedy=self.remedy)
        if self.first_line is not None:
            first = self.first_line(row)
            line = origin.line(first)
            problem += f" (first in {origin.label(first) or f'line {line}'})"
        label = origin.label(row)
        return DataError(
            f"{label}: {problem}" if label else problem, remedy=self.remedy, path=origin.path, line=origin.line(row)
        )


def kind_of(column: str) -> str:
    """The type of a column."""
    return OPTIONAL[column] if column in OPTIONAL else COLUMNS[column][0]


def as_numbers(boxes: pd.DataFrame, name: str) -> pd.DataFrame:
    """The table with all columns, as float64, before any rule is applied.

    Raises:
        DataError: a required column is missing, or one holds text.
    """
    missing = [column for column, (_, default) in COLUMNS.items() if default is None and column not in boxes]
    if missing:
        raise DataError(
            f"{name}: the table has no column {', '.join(missing)}", remedy=f"columns: {', '.join(COLUMNS)}"
        )
    columns = {}
    for column in [*COLUMNS, *(column for column in OPTIONAL if column in boxes)]:
        if column not in boxes:
            kind, default = COLUMNS[column]
            columns[column] = Scratch().full(len(boxes), 0.0 if default is None else default, kind)
            continue
        values = boxes[column].to_numpy()
        if values.dtype.kind not in "iuf":
            try:
                values = values.astype("float64")
            except (TypeError, ValueError):
                raise DataError(f"{name}: column {column} holds text", remedy="give numbers") from None
        columns[column] = values
    return pd.DataFrame(columns, copy=False)


def as_typed(table: pd.DataFrame) -> pd.DataFrame:
    """A checked table in its columns' types."""
    kinds, scratch = {column: kind_of(column) for column in table}, Scratch()
    columns = {column: scratch.gathered(table[column].to_numpy(), dtype=kind) for column, kind in kinds.items()}
    return pd.DataFrame(columns, copy=False)


def violations(table: pd.DataFrame, length: int = 0) -> Iterator[Violation]:
    """Yields each broken rule with its rows; a row is named once, under the first rule that it breaks.

    Args:
        table: from :func:`as_numbers`.
        length: number of frames of the video; 0 if unknown.

    Example:
        >>> table = as_numbers(pd.DataFrame({"frame": [1, 0], "x": 0.0, "y": 0.0, "w": [5.0, -5.0], "h": 9.0}), "a")
        >>> [(broken.kind, broken.rows.tolist()) for broken in violations(table)]
        [('frame', [1])]
    """
    sound = np.ones(len(table), dtype=bool)
    for kind, broken, remedy, describe in _row_rules(table):
        broken &= sound
        release()
        if broken.any():
            sound &= ~broken
            yield Violation(kind, np.flatnonzero(broken), remedy, describe)
    frame = table["frame"].to_numpy()
    if length:
        beyond = sound & (frame > length)
        if beyond.any():
            outside = frame[beyond]
            boxes = "1 box lies" if len(outside) == 1 else f"{len(outside)} boxes lie"
            text = f"{boxes} in {frame_span(int(outside.min()), int(outside.max()))}, the length is {length}"
            remedy = "correct seqLength or the frame numbers"
            yield Violation("length", np.flatnonzero(beyond), remedy, lambda row: text)
            sound &= ~beyond
    crowded = _crowded(frame, sound)
    if crowded.any():
        sound &= ~crowded
        remedy = f"at most {LARGEST_CROWD} are read; check the column order, or suppress overlapping detections first"
        yield Violation("crowd", np.flatnonzero(crowded), remedy, lambda row: _crowd(frame, row))
    yield from _duplicates(table, sound)


def _crowded(frame: np.ndarray, sound: np.ndarray) -> np.ndarray:
    """The rows of frames that hold more boxes than are compared with each other."""
    ordered = np.sort(frame[sound])
    many = np.unique(ordered[LARGEST_CROWD:][ordered[LARGEST_CROWD:] == ordered[:-LARGEST_CROWD]])
    crowded: np.ndarray = sound & np.isin(frame, many) if len(many) else np.zeros(len(frame), dtype=bool)
    return crowded


def _crowd(frame: np.ndarray, row: int) -> str:
    return f"frame {int(frame[row])} holds {int((frame == frame[row]).sum())} boxes"


Rule = tuple[str, np.ndarray, str, Callable[[int], str]]


def _row_rules(table: pd.DataFrame) -> Iterator[Rule]:
    """The rules for single rows: name, rows that break it, remedy, wording."""

    def value_of(column: str) -> Callable[[int], str]:
        return lambda row: f"{column} is {float(table[column].iloc[row]):.12g}"

    def box_of(row: int) -> str:
        return "box is [x y w h] " + " ".join(f"{value:g}" for value in table[BOX].iloc[row])

    for column in table:
        values = table[column].to_numpy()
        if values.dtype.kind == "f":
            yield "number", ~np.isfinite(values), "give a finite number", value_of(column)
            if kind_of(column) == "int64":
                with np.errstate(invalid="ignore"):
                    odd = values != np.floor(values)
                yield "whole", odd, "give a whole number", value_of(column)
        if kind_of(column) == "int64":
            large = (values > LARGEST_WHOLE) | (values < -LARGEST_WHOLE)
            yield "whole", large, "give a whole number below 2^53", value_of(column)
    frame, conf, visibility = (table[column].to_numpy() for column in ("frame", "conf", "visibility"))
    remedy = "frames count from 1; for files that count from 0 pass --frame-base 0"
    yield "frame", frame < 1, remedy, value_of("frame")
    yield "frame", frame > LARGEST_FRAME, "no video is that long; check the column order", value_of("frame")
    large = np.zeros(len(table), dtype=bool)
    for column in BOX:
        large |= np.abs(table[column].to_numpy()) > LARGEST_COORDINATE
    yield "coordinate", large, "coordinates are pixels", box_of
    empty = (table["w"].to_numpy() <= 0) | (table["h"].to_numpy() <= 0)
    yield "size", empty, "width and height must be above 0; drop such rows with --on-error skip", box_of
    remedy = "identities are whole numbers from 0, or -1 for unknown"
    yield "id", table["id"].to_numpy() < -1, remedy, value_of("id")
    yield "conf", (conf < 0) | (conf > 1), _confidence_remedy(conf), value_of("conf")
    yield "visibility", (visibility < 0) | (visibility > 1), "visibility lies between 0 and 1", value_of("visibility")


def _confidence_remedy(conf: np.ndarray) -> str:
    """Percent are divided by 100; only raw scores need a map that depends on the file."""
    if ((conf >= 0) & (conf <= LARGEST_PERCENT)).all():
        return "confidence lies between 0 and 1; if these are percent, pass --confidence percent"
    return "confidence lies between 0 and 1; rescale raw scores with --confidence rescale, which changes results"


def _duplicates(table: pd.DataFrame, sound: np.ndarray) -> Iterator[Violation]:
    """An identity twice in one frame; unknown identities (−1) may repeat. Invalid rows are skipped."""
    frame, identity = table["frame"].to_numpy(), table["id"].to_numpy()
    if sound.all() and increasing(frame, identity):
        return
    known = np.flatnonzero(sound & (identity >= 0))
    key = pair_key(frame[known], identity[known])
    if key is not None:
        key = np.sort(key)  # much faster than sorting pairs, and mostly there is nothing to find
        if (np.diff(key) > 0).all():
            return
    order = known[np.lexsort([identity[known], frame[known]])]  # stable, so the earlier row comes first
    same = (frame[order[1:]] == frame[order[:-1]]) & (identity[order[1:]] == identity[order[:-1]])
    if not same.any():
        return
    runs = np.maximum.accumulate(np.where(np.concatenate([[False], same]), 0, np.arange(len(order))))
    first = {int(row): int(order[start]) for row, start in zip(order[1:][same], runs[1:][same], strict=True)}

    def describe(row: int) -> str:
        return f"id {int(identity[row])} stands twice in frame {int(frame[row])}"

    rows = np.sort(order[1:][same])
    yield Violation("duplicate", rows, "keep one of the two boxes", describe, first.__getitem__)
