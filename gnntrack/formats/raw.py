"""What every format reader yields: the rows of one sequence as they stand in the file, not yet checked."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Literal

import numpy as np
import pandas as pd

from gnntrack.checks import BOX, Origin, Violation, as_numbers, violations
from gnntrack.errors import DataError, DataWarning
from gnntrack.formats.classes import class_numbers
from gnntrack.formats.number_files import LineOrigin, Report
from gnntrack.sequence import Coverage, Sequence

#: What the rows are: annotations and tracks keep their ids, detections lose them.
Content = Literal["annotations", "detections", "tracks"]
OnError = Literal["error", "skip"]
LastColumn = Literal["confidence", "id"]
#: ``check``: outside [0, 1] is an error; ``percent``: 0 to 100 become 0 to 1; ``rescale``, for raw scores: the file's
#: own minimum and maximum become 0 and 1, which changes results, as thresholds mean something else in every file.
Confidence = Literal["check", "percent", "rescale"]


@dataclass(frozen=True)
class ReadingOptions:
    """How tolerant reading is, and what the files do not say themselves.

    Attributes:
        on_error: ``skip`` drops rows whose width or height is not above 0 and counts them.
        frame_base: the number of the first frame in the file, 0 or 1; None: the format's own.
        confidence: what to do with confidences outside [0, 1].
        detections: where the detections lie, if not at the format's usual place.
        size: width and height of the picture, for formats without them.
        frame_rate: frames a second, for formats without it.
        sequences: names of the sequences to read, ``*`` and ``?`` are wildcards; empty: all.
        last_column: what the sixth column of YOLO rows is, where the files do not tell.
        image_list: the COCO file that lists the images, for files that are bare lists of results.
    """

    on_error: OnError = "error"
    frame_base: int | None = None
    confidence: Confidence = "check"
    detections: str | None = None
    size: tuple[int, int] | None = None
    frame_rate: float | None = None
    sequences: tuple[str, ...] = ()
    last_column: LastColumn | None = None
    image_list: str | None = None

    def wants(self, name: str) -> bool:
        """Whether a sequence of this name is to be read."""
        return not self.sequences or any(name == wish or fnmatchcase(name, wish) for wish in self.sequences)


@dataclass(frozen=True)
class SequenceInfo:
    """What a file says of the video; zeros where it says nothing."""

    name: str
    width: int = 0
    height: int = 0
    frame_rate: float = 0.0
    length: int = 0


@dataclass(frozen=True)
class RawSequence:
    """The boxes of one sequence before any check.

    Attributes:
        info: name, size, rate and length, zeros where unknown.
        content: what the rows are.
        table: the columns that the file has, under the table's names.
        origin: where each row stands.
        classes: names of the class ids.
        skipped: rows that were dropped because the caller asked for it.
        inferred: what had to be assumed, in words; empty if nothing.
        embeddings: an appearance vector a row.
        coverage: which classes were looked for, if not all.
    """

    info: SequenceInfo
    content: Content
    table: pd.DataFrame
    origin: Origin
    classes: Mapping[int, str] = field(default_factory=dict)
    skipped: int = 0
    inferred: str = ""
    embeddings: np.ndarray | None = None
    coverage: Coverage | None = None

    def check(self) -> Sequence:
        """The checked sequence.

        Raises:
            DataError: a row breaks a rule.
        """
        if self.inferred:
            warnings.warn(f"{self.origin.path}: {self.inferred}", DataWarning, stacklevel=3)
        return Sequence(
            self.info.name,
            self.table,
            width=self.info.width or _extent(self.table, "x", "w"),
            height=self.info.height or _extent(self.table, "y", "h"),
            frame_rate=self.info.frame_rate or 30.0,
            length=self.info.length,
            embeddings=self.embeddings,
            classes=self.classes,
            origin=self.origin,
            skipped=self.skipped,
            coverage=self.coverage,
        )

    def require_identities(self, remedy: str, classes: tuple[int | str, ...] = ()) -> None:
        """Refuses boxes without identity, where they count.

        Args:
            remedy: what the user can do about it.
            classes: numbers or names of the classes that count; empty: all.

        Raises:
            DataError: a box that counts has id −1.
        """
        counted = (
            self.table["conf"].to_numpy() != 0 if self.content == "annotations" else np.ones(len(self.table), bool)
        )
        if classes and "class_id" in self.table:
            counted &= self.table["class_id"].isin(list(class_numbers(self.classes, classes))).to_numpy()
        unknown = np.flatnonzero(counted & (self.table["id"].to_numpy() == -1))
        if len(unknown):
            first, line = int(unknown[0]), self.origin.line(int(unknown[0]))
            label = self.origin.label(first)
            problem = f"{len(unknown)} of {int(counted.sum())} boxes have no identity (id -1)"
            problem = f"{label}: {problem}" if label else problem
            raise DataError(problem, remedy=remedy, path=self.origin.path, line=line)

    def violations(self) -> list[Violation]:
        """All rules that the rows break."""
        return list(violations(as_numbers(self.table, self.info.name), self.info.length))

    def without(self, rows: np.ndarray) -> RawSequence:
        """The sequence without these rows; error messages lose their line numbers."""
        kept = np.setdiff1d(np.arange(len(self.table)), rows)
        vectors = None if self.embeddings is None else self.embeddings[kept]
        return replace(self, table=self.table.iloc[kept].reset_index(drop=True), inferred="", embeddings=vectors)


def prepare(
    table: pd.DataFrame, origin: Origin, content: Content, options: ReadingOptions, frame_base: int
) -> tuple[pd.DataFrame, Origin, int]:
    """What every reader does to its rows: drop on request, count frames from 1, settle ids and confidences.

    Args:
        table: columns under the table's names.
        origin: where the rows stand.
        content: what they are.
        options: the caller's.
        frame_base: the format's own first frame.

    Returns:
        The table, the origin of the rows that are left, and how many were dropped.
    """
    skipped = 0
    if options.on_error == "skip":
        sizes = table[["w", "h"]].to_numpy()
        kept = np.flatnonzero((sizes > 0).all(1) | ~np.isfinite(sizes).all(1))
        skipped = len(table) - len(kept)
        if skipped:
            table, origin = table.iloc[kept].reset_index(drop=True), Kept(origin, kept)
    base = frame_base if options.frame_base is None else options.frame_base
    changes = {}
    if base != 1:
        changes["frame"] = table["frame"] + (1 - base)
    if content == "detections":
        changes["id"] = pd.Series(-1, index=table.index)
    if content == "annotations":  # a flag: 0 is "do not evaluate"
        changes["conf"] = table["conf"].where(table["conf"].isna() | (table["conf"] == 0), 1.0)
    else:
        changes["conf"] = _confidence(table["conf"], options, origin.path)
    return table.assign(**changes), origin, skipped


@dataclass(frozen=True)
class Kept:
    """The origin of the rows that were kept."""

    origin: Origin
    kept: np.ndarray

    @property
    def path(self) -> str:
        return self.origin.path

    def line(self, row: int) -> int | None:
        return self.origin.line(int(self.kept[row]))

    def label(self, row: int) -> str:
        return self.origin.label(int(self.kept[row]))


class MissingFile(DataWarning):
    """A file that its folder promises, such as ``gt/gt.txt`` where there is a ``gt/``, is not there."""


def assumed(because: str, info: SequenceInfo, options: ReadingOptions) -> str:
    """What neither the files nor the caller say, in words; empty where size and rate are known.

    Example:
        >>> assumed("no seqinfo.ini", SequenceInfo("a"), ReadingOptions(size=(640, 480)))
        'no seqinfo.ini; length is inferred, 30 frames/s assumed'
    """
    sized, rated = options.size or (info.width and info.height), options.frame_rate or info.frame_rate
    if sized and rated:
        return ""
    unknown = [what for what, known in (("size", sized), ("length", info.length)) if not known]
    inferred = f"{' and '.join(unknown)} {'are' if unknown[1:] else 'is'} inferred" if unknown else ""
    return "; ".join([because, ", ".join(filter(None, [inferred, "" if rated else "30 frames/s assumed"]))])


def attempt(report: Report, make: Callable[[], RawSequence]) -> Iterator[RawSequence]:
    """Yields what ``make`` reads, or reports why it cannot, so that the next file has its turn."""
    try:
        raw = make()
    except DataError as problem:
        report(problem)
        return
    yield raw


def corners_to_size(low: pd.Series, high: pd.Series) -> pd.Series:
    """Right minus left (or lower minus upper), to a millionth of a pixel: subtraction leaves noise below that."""
    return (high - low).round(6)


def as_written(values: pd.Series | np.ndarray) -> np.ndarray:
    """Numbers as files hold them: to a millionth (of a pixel)."""
    result: np.ndarray = np.round(np.asarray(values, dtype=float), 6) + 0.0  # no negative zeros
    return result


def whole(value: float) -> int:
    """The number without its fraction; 0 for infinity, NaN and what no picture or video reaches."""
    return int(value) if abs(value) < 2**40 else 0


def refuse_empty(found: list[str], expected: str, path: object) -> None:
    """Raises where a reader found no file of the sort that it reads."""
    here = ", ".join(sorted(found)[:8]) or "nothing"
    raise DataError(f"nothing to read; found {here}", remedy=f"expected {expected}", path=str(path))


def _confidence(conf: pd.Series, options: ReadingOptions, path: str) -> pd.Series:
    """Minus one throughout means unknown, hence 1; anything else outside [0, 1] needs the caller's word."""
    if len(conf) and (conf == -1).all():
        return pd.Series(1.0, index=conf.index)
    if options.confidence == "percent" and len(conf):
        if conf.max() <= 1:
            text = f"{path}: no confidence is above {conf.max():g}; divided by 100 all the same (--confidence percent)"
            warnings.warn(text, DataWarning, stacklevel=4)
        return (conf / 100).where(conf.between(0, 100), conf)  # what is no percent is named as it stands
    if options.confidence == "rescale" and len(conf):
        low, high = conf.min(), conf.max()
        return (conf - low) / (high - low) if high > low else pd.Series(1.0, index=conf.index)
    return conf.clip(0, 1) if conf.between(-1e-6, 1 + 1e-6).all() else conf


def _extent(table: pd.DataFrame, low: str, side: str) -> int:
    """A picture's side that holds all boxes."""
    far = (table[low] + table[side]).max() if len(table) else 0.0
    return max(1, whole(far) + int(far > whole(far)))


__all__ = [
    "BOX",
    "Confidence",
    "Content",
    "LastColumn",
    "LineOrigin",
    "MissingFile",
    "OnError",
    "RawSequence",
    "ReadingOptions",
    "SequenceInfo",
    "as_written",
    "assumed",
    "attempt",
    "corners_to_size",
    "prepare",
    "refuse_empty",
    "whole",
]
