"""KITTI tracking: ``label_02/0000.txt`` and detections beside it, frames from 0, corners, class names.

A row is ``frame id class truncated occluded alpha left top right bottom height width length x y z yaw [score]``,
separated by spaces (Geiger et al., CVPR 2012; the development kit's readme). The 3D columns are not kept.
``DontCare`` regions become boxes of class 9 without identity and with flag 0 ("do not evaluate"), and back.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from gnntrack.errors import DataError, DataWarning
from gnntrack.files import check_inside, write_text
from gnntrack.formats.file_names import files_in, stem_of
from gnntrack.formats.number_files import LineOrigin, Report, first_rows, is_number, number, without_identity
from gnntrack.formats.raw import (
    Content,
    RawSequence,
    ReadingOptions,
    SequenceInfo,
    as_written,
    attempt,
    corners_to_size,
    prepare,
    refuse_empty,
    whole,
)
from gnntrack.loaders.text import read_text
from gnntrack.sequence import TRUNCATION, Sequence
from gnntrack.showing import shown

#: Our numbers, as close to MOTChallenge's as the two lists allow.
CLASSES = {
    1: "Pedestrian",
    2: "Cyclist",
    3: "Car",
    4: "Van",
    5: "Truck",
    6: "Tram",
    7: "Person_sitting",
    8: "Misc",
    9: "DontCare",
}
DONT_CARE = 9
_NUMBERS = {name.lower(): number for number, name in CLASSES.items()} | {"person": 7}
_LABELS = "label_02"
_EXPECTED = "frame id class truncated occluded alpha left top right bottom, then 3D columns and a score"
#: KITTI's cameras took ten pictures a second of this size (a few sequences are some pixels smaller).
FRAME_RATE, WIDTH, HEIGHT = 10.0, 1242, 375
_LEVELS = 3.0  # occluded 0, 1, 2, 3 is visibility 1, 2/3, 1/3, 0


@dataclass(frozen=True)
class Kitti:
    """The format object: a ``training`` folder with ``label_02/``, a folder of label files, or one file."""

    name: str = "kitti"
    expected: str = "expected label_02/0000.txt, det*/0000.txt or such a file"

    def guess(self, path: Path) -> str | None:
        """Why ``path`` looks like this format, or None."""
        if (path / _LABELS).is_dir():
            return f"{path.name}/{_LABELS} exists"
        detections = self._detections(path, ReadingOptions())
        for file in [path] if path.is_file() else files_in(path, ".txt") or files_in(detections or path, ".txt"):
            first = next(iter(first_rows(file)), [])
            if len(first) >= 10 and first[2].lower() in _NUMBERS:
                return f"{file.name} has a class name, {first[2]}, in its third column"
            if first:
                return None
        return None

    def contents(self, path: Path, options: ReadingOptions) -> list[Content]:
        """What there is to read."""
        found: list[Content] = ["annotations"] if (path / _LABELS).is_dir() else []
        if self._detections(path, options):
            found.append("detections")
        if found or not (files := [path] if path.is_file() else files_in(path, ".txt")):
            return found
        return ["detections" if "det" in path.stem or without_identity(files[0]) else "annotations"]

    def read(self, path: Path, content: Content, options: ReadingOptions, report: Report) -> Iterator[RawSequence]:
        """Yields the sequences one by one."""
        files, lengths = [path], {}
        if not path.is_file():
            inner = self._detections(path, options) if content == "detections" else path / _LABELS
            folder = inner if inner is not None and inner.is_dir() else path
            files = [check_inside(file, folder) for file in files_in(folder, ".txt") if "seqmap" not in file.name]
            lengths = _lengths(path)
            if not files:
                refuse_empty([file.name for file in folder.iterdir()] if folder.is_dir() else [], "0000.txt", folder)
        for file in files:
            if options.wants(stem_of(file)):
                length = lengths.get(stem_of(file), 0)
                yield from attempt(report, partial(_raw, file, content, options, length, report))

    def write(self, root: Path, sequences: Iterable[Sequence], content: Content) -> None:
        """Writes ``root/label_02/NAME.txt`` or ``root/det/NAME.txt`` and adds to ``evaluate_tracking.seqmap``..

        Unknown classes become ``Misc``; annotations with flag 0 become ``DontCare``.
        """
        folder = root / ("det" if content == "detections" else _LABELS)
        lengths = _lengths(root)
        for sequence in sequences:
            if " " in sequence.name:
                problem = f"{sequence.name}: KITTI's list of sequences cannot hold a blank in a name"
                raise DataError(problem, remedy="rename the sequence")
            write_text(check_inside(folder / f"{sequence.name}.txt", root), _rows(sequence, content))
            lengths[sequence.name] = sequence.length
        seqmap = "".join(f"{name} empty 000000 {length:06d}\n" for name, length in sorted(lengths.items()))
        write_text(root / "evaluate_tracking.seqmap", seqmap)

    def _detections(self, path: Path, options: ReadingOptions) -> Path | None:
        """The folder with the detections: the one asked for, else the first whose name begins with ``det``."""
        if options.detections:
            return path / options.detections
        found = sorted(folder for folder in path.glob("det*") if folder.is_dir()) if path.is_dir() else []
        return found[0] if found else None


KITTI = Kitti()


def _raw(file: Path, content: Content, options: ReadingOptions, length: int, report: Report) -> RawSequence:
    """The rows of a file."""
    table, origin = _read(file, content, report)
    table, kept, skipped = prepare(table, origin, content, options, frame_base=0)
    width, height = options.size or (
        max(WIDTH, whole((table["x"] + table["w"]).max()) + 1),
        max(HEIGHT, whole((table["y"] + table["h"]).max()) + 1),
    )
    info = SequenceInfo(stem_of(file), width, height, options.frame_rate or FRAME_RATE, length)
    return RawSequence(info, content, table, kept, CLASSES, skipped)


def _lengths(folder: Path) -> dict[str, int]:
    """Number of frames of each sequence, where a seqmap (``0000 empty 000000 000154``) says so."""
    lengths = {}
    for file in sorted(folder.glob("evaluate_tracking.seqmap*"))[:1]:
        for line_number, line in enumerate(read_text(file).split("\n"), 1):
            cells = line.rsplit(maxsplit=3)
            if not cells:
                continue
            if len(cells) != 4 or not cells[3].isascii() or not cells[3].isdigit() or len(cells[3]) > 9:
                raise DataError(
                    f"{shown(line)}", remedy="expected NAME empty FIRST LENGTH", path=file, line=line_number
                )
            lengths[cells[0]] = int(cells[3])
    return lengths


def _read(path: Path, content: Content, report: Report) -> tuple[pd.DataFrame, LineOrigin]:
    """The rows of a file, frames still counted from 0."""
    rows: list[list[float]] = []
    lines: list[int] = []
    width = 0
    for line_number, line in enumerate(read_text(path).split("\n"), 1):
        cells = line.replace(",", " ").split()
        if not cells:
            continue
        width = width or len(cells)
        problem, remedy = "", f"expected {_EXPECTED}"
        if len(cells) not in (10, 17, 18):
            problem = f"{len(cells)} columns"
        elif len(cells) != width:
            problem, remedy = f"{len(cells)} columns, {width} before", "give every row the same columns"
        elif cells[2].lower() not in _NUMBERS:
            problem, remedy = f"class {shown(cells[2])}", f"known: {', '.join(CLASSES.values())}"
        else:
            rest = cells[:2] + cells[3:]
            bad = [cell for cell in rest if not is_number(cell)]
            if bad:
                problem, remedy = f"{shown(bad[0])} is not a number", "give numbers"
            else:
                values = [number(cell) for cell in rest]
                score = values[16] if len(values) > 16 else 1.0
                rows.append([*values[:2], *values[5:9], _NUMBERS[cells[2].lower()], values[2], values[3], score])
                lines.append(line_number)
        if problem:
            report(DataError(problem, remedy=remedy, path=path, line=line_number))
    names = ["frame", "id", "x", "y", "right", "lower", "class_id", "truncated", "occluded", "conf"]
    raw = pd.DataFrame(np.array(rows, dtype=float).reshape(-1, len(names)), columns=names)
    table = raw[["frame", "id", "x", "y"]].copy()
    table["w"], table["h"] = corners_to_size(raw["x"], raw["right"]), corners_to_size(raw["y"], raw["lower"])
    table["class_id"] = raw["class_id"]
    table["conf"] = (raw["class_id"] != DONT_CARE).astype(float) if content == "annotations" else raw["conf"]
    if content == "annotations" and (raw["truncated"] > 0).any():
        table[TRUNCATION] = raw["truncated"].clip(lower=0).apply(np.floor)
    table["visibility"] = 1.0 - raw["occluded"].where(raw["occluded"].between(0, _LEVELS), 0.0) / _LEVELS
    return table, LineOrigin(str(path), lines=np.array(lines, dtype=np.int64))


def _rows(sequence: Sequence, content: Content) -> str:
    """The sequence as KITTI's rows."""
    table = sequence.boxes
    counted = (table["conf"] > 0).to_numpy() | (content != "annotations")
    kinds = np.full(len(table), CLASSES[DONT_CARE], dtype=object)
    kinds[counted] = _kitti_classes(sequence, counted)
    occluded = np.rint((1.0 - table["visibility"].to_numpy()) * _LEVELS).astype(int)
    dont_care = kinds == CLASSES[DONT_CARE]
    out = pd.DataFrame({"frame": table["frame"] - 1, "id": table["id"].where(~dont_care, -1), "class": kinds})
    out["truncated"] = np.where(dont_care, -1, table.get(TRUNCATION, 0))
    out["occluded"] = np.where(dont_care, -1, occluded)
    out["alpha"] = -10
    out["left"], out["top"] = as_written(table["x"]), as_written(table["y"])
    out["right"], out["bottom"] = as_written(table["x"] + table["w"]), as_written(table["y"] + table["h"])
    for column in ("height", "width", "length"):
        out[column] = -1
    for column in ("px", "py", "pz"):
        out[column] = -1000
    out["yaw"] = -10
    if content != "annotations":
        out["score"] = table["conf"]
    return out.to_csv(header=False, index=False, sep=" ")


def _kitti_classes(sequence: Sequence, rows: np.ndarray) -> np.ndarray:
    """KITTI's name of these rows' class: by name where names are known, else by number."""
    names = {}
    classes = sequence.boxes["class_id"][rows]
    for class_id in np.unique(classes).tolist():
        label = sequence.classes.get(class_id, CLASSES.get(class_id, ""))
        if label.lower() not in _NUMBERS:
            text = f"{sequence.name}: class {class_id} {shown(label)} is none of KITTI's; written as 'Misc'"
            warnings.warn(text, DataWarning, stacklevel=5)
        names[class_id] = CLASSES[_NUMBERS.get(label.lower(), _NUMBERS["misc"])]
    return classes.map(names).to_numpy(dtype=object)
