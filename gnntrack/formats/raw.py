"""What every format reads: the rows of one sequence as they stand in the file, not yet checked."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from gnntrack.checks import Origin, Violation, as_numbers, violations
from gnntrack.errors import DataError, DataWarning
from gnntrack.formats.classes import class_numbers
from gnntrack.formats.options import Content, ReadingOptions, SequenceInfo
from gnntrack.formats.origins import KeptRows
from gnntrack.sequence import Coverage, Sequence

#: What to do about boxes without identity, in annotations and in results.
IDENTITY_REMEDIES = {
    "annotations": "give every annotation that counts its own id",
    "results": "give every track its own id; boxes without ids are tracked by gnntrack track",
}


@dataclass(frozen=True)
class CameraFile:
    """What a file says.

    Attributes:
        path: of the file.
        matrices: ``(F, 2, 3)`` of frames 1 to F, as the rest of the library counts.
    """

    path: Path
    matrices: np.ndarray

    def of_video(self, length: int) -> np.ndarray:
        """The matrices ``(length, 2, 3)`` of a video.

        Raises:
            DataError: there are not enough.
        """
        if len(self.matrices) < length:
            problem = f"the camera's motion in {len(self.matrices)} frames, but the video has {length}"
            remedy = "give every frame a row, 1 0 0 0 1 0 where the camera stood still; or is it of another video?"
            raise DataError(problem, remedy=remedy, path=self.path)
        if len(self.matrices) > length:
            text = f"{self.path}: {len(self.matrices)} frames, but the video has {length}; the others are not used"
            warnings.warn(text, DataWarning, stacklevel=4)
        return self.matrices[:length]


@dataclass(frozen=True)
class RawSequence:
    """The boxes of one sequence before any check.

    Attributes:
        info: name, size, rate and length, zeros where unknown.
        content: what the rows are.
        table: the columns that the file has, under the table's names.
        origin: where each row stands.
        classes: names of the class ids.
        inferred: what had to be assumed, in words; empty if nothing.
        embeddings: an appearance vector a row.
        coverage: which classes were looked for, if not all.
        skipped: rows that were dropped at the caller's request.
        camera: how the camera moves, if that is known.
    """

    info: SequenceInfo
    content: Content
    table: pd.DataFrame
    origin: Origin
    classes: Mapping[int, str] = field(default_factory=dict)
    inferred: str = ""
    embeddings: np.ndarray | None = None
    coverage: Coverage | None = None
    skipped: int = 0
    camera: CameraFile | None = None

    def settled(self, options: ReadingOptions, first_frame: int) -> RawSequence:
        """The same after what every format does: rows dropped on request, frames from 1, ids and confidences settled.

        Args:
            options: the caller's; size and rate are taken from here, where they are given.
            first_frame: the number of the first frame in this format.
        """
        raw = self._with_sizes() if options.on_error == "skip" else self
        table, changes = raw.table, {}
        base = options.first_frame(first_frame)
        if base != 1:
            changes["frame"] = table["frame"] + (1 - base)
        if self.content == "detections":
            changes["id"] = pd.Series(-1, index=table.index)
        if self.content == "annotations":  # a flag: 0 is "do not evaluate"
            changes["conf"] = table["conf"].where(~np.isfinite(table["conf"]) | (table["conf"] == 0), 1.0)
        else:
            changes["conf"] = _confidence(table["conf"], options, self.origin.path)
        return replace(raw, info=options.completed(self.info), table=table.assign(**changes))

    def _with_sizes(self) -> RawSequence:
        """Without the rows whose width or height is not above 0; what is no finite number stays, to be named."""
        sizes = self.table[["w", "h"]].to_numpy()
        kept = np.flatnonzero((sizes > 0).all(1) | ~np.isfinite(sizes).all(1))
        if len(kept) == len(sizes):
            return self
        return replace(
            self,
            table=self.table.iloc[kept].reset_index(drop=True),
            origin=KeptRows(self.origin, kept),
            embeddings=None if self.embeddings is None else self.embeddings[kept],
            skipped=len(sizes) - len(kept),
        )

    def check(self) -> Sequence:
        """The checked sequence.

        Raises:
            DataError: a row breaks a rule.
        """
        if self.inferred:
            warnings.warn(f"{self.origin.path}: {self.inferred}", DataWarning, stacklevel=3)
        sequence = Sequence(
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
        if self.camera is None:
            return sequence
        return replace(sequence, camera=self.camera.of_video(sequence.length))

    def require_identities(self, classes: tuple[int | str, ...] = ()) -> None:
        """Refuses boxes without identity, where they count.

        Args:
            classes: numbers or names of the classes that count; empty: all.

        Raises:
            DataError: a box that counts has id −1.
        """
        counted = np.ones(len(self.table), dtype=bool)
        if self.content == "annotations":
            counted = self.table["conf"].to_numpy() != 0
        if classes and "class_id" in self.table:
            counted &= self.table["class_id"].isin(list(class_numbers(self.classes, classes))).to_numpy()
        unknown = np.flatnonzero(counted & (self.table["id"].to_numpy() == -1))
        if len(unknown):
            first = int(unknown[0])
            label = self.origin.label(first)
            problem = f"{len(unknown)} of {int(counted.sum())} boxes have no identity (id -1)"
            problem = f"{label}: {problem}" if label else problem
            remedy = IDENTITY_REMEDIES["annotations" if self.content == "annotations" else "results"]
            raise DataError(problem, remedy=remedy, path=self.origin.path, line=self.origin.line(first))

    def violations(self) -> list[Violation]:
        """All rules that the rows break."""
        return list(violations(as_numbers(self.table, self.info.name), self.info.length))

    def without(self, rows: np.ndarray) -> RawSequence:
        """The sequence without these rows; error messages lose their line numbers."""
        kept = np.setdiff1d(np.arange(len(self.table)), rows)
        vectors = None if self.embeddings is None else self.embeddings[kept]
        return replace(self, table=self.table.iloc[kept].reset_index(drop=True), inferred="", embeddings=vectors)


class MissingFile(DataWarning):
    """A file that its folder promises, such as ``gt/gt.txt`` where there is a ``gt/``, is not there."""


def assumed(because: str, info: SequenceInfo) -> str:
    """What neither the files nor the caller say, in words; empty where size and rate are known.

    Example:
        >>> assumed("no seqinfo.ini", SequenceInfo("a", 640, 480))
        'no seqinfo.ini; length is inferred, 30 frames/s assumed'
    """
    if info.width and info.height and info.frame_rate:
        return ""
    unknown = [what for what, known in (("size", info.width and info.height), ("length", info.length)) if not known]
    inferred = f"{' and '.join(unknown)} {'are' if unknown[1:] else 'is'} inferred" if unknown else ""
    return "; ".join([because, ", ".join(filter(None, [inferred, "" if info.frame_rate else "30 frames/s assumed"]))])


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
    """A side of an image that holds all boxes."""
    far = (table[low] + table[side]).max() if len(table) else 0.0
    return max(1, whole(far) + int(far > whole(far)))


def whole(value: float) -> int:
    """The number without its fraction; 0 for infinity, NaN and what no image or video reaches."""
    return int(value) if abs(value) < 2**40 else 0
