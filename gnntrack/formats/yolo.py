"""YOLO text: a file a frame, a box a line, everything divided by the picture's size.

A row is ``class centre_x centre_y width height [confidence] [id]``, as Ultralytics writes it. Of six columns the last
is an id where it is whole throughout and above 1 somewhere, and no row has seven. The frame is the last number in the
file's name. The size comes from ``seqinfo.ini`` beside the files, or from the caller.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from gnntrack.checks import Origin
from gnntrack.errors import DataError
from gnntrack.files import check_inside, make_folder, write_text
from gnntrack.formats.file_names import files_in, stem_of
from gnntrack.formats.number_files import Numbers, Report, first_numbers, read_numbers
from gnntrack.formats.raw import (
    Content,
    RawSequence,
    ReadingOptions,
    SequenceInfo,
    assumed,
    attempt,
    prepare,
    refuse_empty,
)
from gnntrack.formats.seqinfo import read_info, read_labels, write_info, write_labels
from gnntrack.loaders.text import read_text
from gnntrack.sequence import Sequence

_EXPECTED = "class centre_x centre_y width height [confidence] [id]"
_FRAME = re.compile(r"(\d+)(?!.*\d)")
_COLUMNS, _MOST_COLUMNS = ["class_id", "x", "y", "w", "h"], 7
_CLASSES = "classes"
_FARTHEST = 16.0  # in pictures; values beyond are pixels
_FOLDERS: dict[Content, str] = {"annotations": "labels", "detections": "detections", "tracks": "labels"}


@dataclass(frozen=True)
class Yolo:
    """The format object: ``NAME/labels/*.txt`` or ``NAME/detections/*.txt``, one such folder, or the files' folder."""

    name: str = "yolo"
    expected: str = "expected NAME/labels/000001.txt or NAME/detections/000001.txt"

    def guess(self, path: Path) -> str | None:
        """Why ``path`` looks like this format, or None."""
        if not path.is_dir():
            return None
        for folder in _folders(path, "annotations", None) or _folders(path, "detections", None):
            for file in _frame_files(folder):
                if not file.stat().st_size:
                    continue
                values = first_numbers(file)
                fits = (
                    values.shape[1] in (5, 6, 7)
                    and _FRAME.search(stem_of(file))
                    and (np.abs(values[:, 1:5]) <= 2.0).all()
                )
                return f"{folder.name}/{file.name} holds a class and four fractions a line" if fits else None
        return None

    def contents(self, path: Path, options: ReadingOptions) -> list[Content]:
        """What there is to read."""
        kinds: tuple[Content, Content] = ("annotations", "detections")
        found: list[Content] = [
            kind for kind in kinds if any(folder.name == _FOLDERS[kind] for folder in _folders(path, kind, options))
        ]
        return found or ["detections"]

    def read(self, path: Path, content: Content, options: ReadingOptions, report: Report) -> Iterator[RawSequence]:
        """Yields the sequences one by one."""
        folders = _folders(path, content, options)
        if not folders:
            here = [entry.name for entry in path.iterdir()] if path.is_dir() else []
            refuse_empty(here, f"NAME/{_FOLDERS[content]}/000001.txt; or name the folder of such files", path)
        for folder in folders:
            check_inside(folder, path)
            if options.wants(_named(folder).resolve().name):
                yield from attempt(report, partial(_raw, folder, content, options, report))

    def write(self, root: Path, sequences: Iterable[Sequence], content: Content) -> None:
        """Writes ``root/NAME/labels/000001.txt`` (or ``detections/``) and so on, and ``seqinfo.ini``."""
        for sequence in sequences:
            folder = check_inside(root / sequence.name, root)
            size = np.array([sequence.width, sequence.height], dtype=float)
            box = sequence.xywh
            table = pd.DataFrame({"class_id": sequence.boxes["class_id"]})
            table[["x", "y"]] = (box[:, :2] + box[:, 2:] / 2) / size
            table[["w", "h"]] = box[:, 2:] / size
            table["conf"], table["id"] = sequence.boxes["conf"], sequence.boxes["id"]
            if content == "detections":
                table = table.drop(columns="id")
            make_folder(folder / _FOLDERS[content])
            digits = max(6, len(str(sequence.length)))
            for frame, rows in sequence.by_frame():
                text = table.iloc[rows].to_csv(header=False, index=False, sep=" ", float_format="%.15g")
                write_text(folder / _FOLDERS[content] / f"{frame:0{digits}d}.txt", text, durable=False)
            write_info(folder, sequence)
            write_labels(folder / "labels.txt", sequence.classes)


YOLO = Yolo()


def _folders(path: Path, content: Content, options: ReadingOptions | None) -> list[Path]:
    """The folders that hold one sequence's files each."""
    name = (options and options.detections) or _FOLDERS[content]
    inner = (
        [entry / name for entry in [path, *sorted(path.iterdir())] if (entry / name).is_dir()] if path.is_dir() else []
    )
    return inner or ([path] if path.is_dir() and _frame_files(path) else [])


def _raw(folder: Path, content: Content, options: ReadingOptions, report: Report) -> RawSequence:
    """The rows of a folder's files."""
    info = _info(folder, options)
    table, origin = _read(folder, info, content, options, report)
    table, kept, skipped = prepare(table, origin, content, options, frame_base=1)
    labels = read_labels(folder.parent / "labels.txt") or _names(folder)
    inferred = assumed("no seqinfo.ini", info, options)
    info = replace(info, frame_rate=options.frame_rate or info.frame_rate or 30.0)
    return RawSequence(info, content, table, kept, labels, skipped, inferred)


def _frame_files(folder: Path) -> list[Path]:
    """The files of boxes in a folder; some tools keep the classes' names beside them."""
    return [file for file in files_in(folder, ".txt") if stem_of(file) != _CLASSES]


def _names(folder: Path) -> dict[int, str]:
    """The class names of ``classes.txt``, a name a line, the first is class 0 (LabelImg, Label Studio)."""
    found = [place / f"{_CLASSES}.txt" for place in (folder, folder.parent)]
    lines = next((read_text(file).split("\n") for file in found if file.is_file()), [])
    return {number: line.strip() for number, line in enumerate(lines) if line.strip()}


def _named(folder: Path) -> Path:
    """The folder that the sequence is named after."""
    return folder.parent if folder.name in _FOLDERS.values() else folder


def _info(folder: Path, options: ReadingOptions) -> SequenceInfo:
    info = read_info(_named(folder))
    width, height = options.size or (info.width, info.height)
    if width < 1 or height < 1:
        raise DataError("the picture's size is unknown", remedy="pass --size WIDTHxHEIGHT", path=folder)
    return SequenceInfo(info.name, width, height, info.frame_rate, info.length)


@dataclass(frozen=True)
class _FramesOrigin:
    """Where the rows of many files stand."""

    folder: Path
    files: list[Path]
    starts: np.ndarray
    origins: list[Origin]

    @property
    def path(self) -> str:
        return str(self.folder)

    def line(self, row: int) -> int | None:
        return None

    def label(self, row: int) -> str:
        file = int(np.searchsorted(self.starts, row, side="right")) - 1
        return f"{self.files[file].name}:{self.origins[file].line(row - int(self.starts[file]))}"


def _read(
    folder: Path, info: SequenceInfo, content: Content, options: ReadingOptions, report: Report
) -> tuple[pd.DataFrame, _FramesOrigin]:
    parts, frames = list[np.ndarray](), list[np.ndarray]()
    files, origins = list[Path](), list[Origin]()
    file_of: dict[int, Path] = {}
    for file in _frame_files(folder):
        match = _FRAME.search(stem_of(file))
        if match is None or len(match[1]) > 15:
            report(DataError("no frame number in the file's name", remedy="name files 000001.txt", path=file))
            continue
        frame = int(match[1])
        if frame in file_of:
            problem = f"frame {frame}, as {file_of[frame].name} is"
            report(DataError(problem, remedy="give each video a folder of its own", path=file))
            continue
        numbers = read_numbers(file, 5, _EXPECTED, report)
        unfit = _unfit(numbers, file)
        if unfit is not None:
            report(unfit)
            continue
        file_of[frame] = file
        parts.append(numbers.values)
        frames.append(np.full(len(numbers.values), float(frame)))
        files.append(file)
        origins.append(numbers.origin)
    starts = np.cumsum([0, *map(len, parts)])[:-1]
    table = _table(parts, info, _has_ids(parts, folder, content, options))
    table.insert(0, "frame", np.concatenate([np.zeros(0), *frames]))
    return table, _FramesOrigin(folder, files, starts.astype(np.int64), origins)


def _unfit(numbers: Numbers, file: Path) -> DataError | None:
    """What speaks against a file's rows."""
    values = numbers.values
    if values.shape[1] > _MOST_COLUMNS:
        return DataError(f"{values.shape[1]} columns", remedy=f"expected {_EXPECTED}", path=file, line=1)
    far = np.flatnonzero((np.abs(values[:, 1:5]) > _FARTHEST).any(1))
    if not len(far):
        return None
    line = numbers.origin.line(int(far[0]))
    problem = f"{values[far[0], 1:5].max():g} is no fraction of the picture"
    return DataError(problem, remedy="divide by its width and height", path=file, line=line)


def _has_ids(parts: list[np.ndarray], folder: Path, content: Content, options: ReadingOptions) -> bool:
    """Whether the sixth column of six holds ids, not confidences.

    Raises:
        DataError: it could be either.
    """
    if any(values.shape[1] == _MOST_COLUMNS and len(values) for values in parts):
        return False  # confidence and id; rows without a track lack the id
    if options.last_column is not None:
        return options.last_column == "id"
    last = np.concatenate([np.zeros(0), *(values[:, 5] for values in parts if values.shape[1] > 5)])
    if (last != np.floor(last)).any() or not len(last):
        return False
    if last.max() <= 1 and content != "detections":
        problem = "six columns, the last 0 or 1 throughout: a confidence or an id"
        raise DataError(problem, remedy="pass --last-column confidence or --last-column id", path=folder)
    return bool(last.max() > 1)


def _table(parts: list[np.ndarray], info: SequenceInfo, sixth_is_id: bool) -> pd.DataFrame:
    """The rows in pixels, without their frames."""
    columns = [*_COLUMNS, "conf", "id"]
    six = [*_COLUMNS, "id" if sixth_is_id else "conf"]
    frames = [
        pd.DataFrame(part, columns=six if part.shape[1] == len(six) else columns[: part.shape[1]]) for part in parts
    ]
    rows = pd.concat([pd.DataFrame(columns=columns, dtype=float), *frames], ignore_index=True)
    w, h = rows["w"] * info.width, rows["h"] * info.height
    return pd.DataFrame(
        {
            "id": rows["id"].where(rows["id"].notna() | ~_lacks(frames, "id"), -1.0),
            "x": np.round(rows["x"] * info.width - w / 2, 6),
            "y": np.round(rows["y"] * info.height - h / 2, 6),
            "w": np.round(w, 6),
            "h": np.round(h, 6),
            "conf": rows["conf"].where(rows["conf"].notna() | ~_lacks(frames, "conf"), 1.0),
            "class_id": rows["class_id"],
        }
    )


def _lacks(frames: list[pd.DataFrame], column: str) -> np.ndarray:
    """Which rows come from files without a column: NaN in others is a mistake of theirs."""
    return np.concatenate([np.zeros(0, bool), *(np.full(len(frame), column not in frame) for frame in frames)])
