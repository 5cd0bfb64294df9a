"""YOLO text: a file a frame, a box a line, everything divided by the picture's size.

A row is ``class centre_x centre_y width height [confidence [id]]``, as Ultralytics writes it. The frame is the last
number in the file's name. The size comes from ``seqinfo.ini`` beside the files, or from the caller.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from gnntrack.datasets.raw import (
    Content,
    RawSequence,
    ReadOptions,
    SequenceInfo,
    attempt,
    prepare,
    refuse_empty,
)
from gnntrack.datasets.seqinfo import read_info, read_labels, write_info, write_labels
from gnntrack.datasets.text import LineOrigin, Report, first_numbers, read_numbers
from gnntrack.errors import DataError
from gnntrack.files import check_inside, make_folder, write_text
from gnntrack.sequence import Sequence

_EXPECTED = "class centre_x centre_y width height [confidence [id]]"
_FRAME = re.compile(r"(\d+)(?!.*\d)")
_FARTHEST = 16.0  # in pictures; values beyond are pixels
_FOLDERS: dict[Content, str] = {"annotations": "labels", "detections": "detections", "tracks": "labels"}


@dataclass(frozen=True)
class Yolo:
    """The format object: ``NAME/labels/*.txt`` or ``NAME/detections/*.txt``, one such folder, or the files' folder."""

    name: str = "yolo"

    def guess(self, path: Path) -> str | None:
        """Why ``path`` looks like this format, or None."""
        if not path.is_dir():
            return None
        for folder in _folders(path, "annotations", None) or _folders(path, "detections", None):
            for file in sorted(folder.glob("*.txt")):
                if not file.stat().st_size:
                    continue
                values = first_numbers(file)
                fits = (
                    values.shape[1] in (5, 6, 7) and _FRAME.search(file.stem) and (np.abs(values[:, 1:5]) <= 2.0).all()
                )
                return f"{folder.name}/{file.name} holds a class and four fractions a line" if fits else None
        return None

    def contents(self, path: Path, options: ReadOptions) -> list[Content]:
        """What there is to read."""
        kinds: tuple[Content, Content] = ("annotations", "detections")
        found: list[Content] = [
            kind for kind in kinds if any(folder.name == _FOLDERS[kind] for folder in _folders(path, kind, options))
        ]
        return found or ["detections"]

    def read(self, path: Path, content: Content, options: ReadOptions, report: Report) -> Iterator[RawSequence]:
        """Yields the sequences one by one."""
        folders = _folders(path, content, options)
        if not folders:
            here = [entry.name for entry in path.iterdir()] if path.is_dir() else []
            refuse_empty(here, "NAME/labels/000001.txt", path)
        for folder in folders:
            check_inside(folder, path)
            if len(folders) > 1 and not options.wants(_named(folder).resolve().name):
                continue
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


def _folders(path: Path, content: Content, options: ReadOptions | None) -> list[Path]:
    """The folders that hold one sequence's files each."""
    name = (options and options.detections) or _FOLDERS[content]
    inner = (
        [entry / name for entry in [path, *sorted(path.iterdir())] if (entry / name).is_dir()] if path.is_dir() else []
    )
    return inner or ([path] if path.is_dir() and any(path.glob("*.txt")) else [])


def _raw(folder: Path, content: Content, options: ReadOptions, report: Report) -> RawSequence:
    """The rows of a folder's files."""
    info = _info(folder, options)
    table, origin = _read(folder, info, report)
    table, kept, skipped = prepare(table, origin, content, options, frame_base=1)
    labels = read_labels(folder.parent / "labels.txt")
    known = info.length or (options.size and options.frame_rate)
    inferred = "" if known else "no seqinfo.ini; length is inferred, 30 frames/s assumed"
    return RawSequence(info, content, table, kept, labels, skipped, inferred)


def _named(folder: Path) -> Path:
    """The folder that the sequence is named after."""
    return folder.parent if folder.name in _FOLDERS.values() else folder


def _info(folder: Path, options: ReadOptions) -> SequenceInfo:
    info = read_info(_named(folder))
    width, height = options.size or (info.width, info.height)
    if width < 1 or height < 1:
        raise DataError("the picture's size is unknown", remedy="pass --size WIDTHxHEIGHT", path=folder)
    return SequenceInfo(info.name, width, height, options.frame_rate or info.frame_rate or 30.0, info.length)


@dataclass(frozen=True)
class _FramesOrigin:
    """Where the rows of many files stand."""

    folder: Path
    files: list[Path]
    starts: np.ndarray
    origins: list[LineOrigin]

    @property
    def path(self) -> str:
        return str(self.folder)

    def line(self, row: int) -> int | None:
        return None

    def label(self, row: int) -> str:
        file = int(np.searchsorted(self.starts, row, side="right")) - 1
        return f"{self.files[file].name}:{self.origins[file].line(row - int(self.starts[file]))}"


def _read(folder: Path, info: SequenceInfo, report: Report) -> tuple[pd.DataFrame, _FramesOrigin]:
    parts = [np.zeros((0, 8))]
    starts, files, origins = list[int](), list[Path](), list[LineOrigin]()
    count = 0
    for file in sorted(folder.glob("*.txt")):
        match = _FRAME.search(file.stem)
        if match is None or len(match[1]) > 15:
            report(DataError("no frame number in the file's name", remedy="name files 000001.txt", path=file))
            continue
        numbers = read_numbers(file, 5, _EXPECTED, report)
        values = numbers.values
        if values.shape[1] > 7:
            report(DataError(f"{values.shape[1]} columns", remedy=f"expected {_EXPECTED}", path=file, line=1))
            continue
        far = np.flatnonzero((np.abs(values[:, 1:5]) > _FARTHEST).any(1))
        if len(far):
            line = numbers.origin.line(int(far[0]))
            problem = f"{values[far[0], 1:5].max():g} is no fraction of the picture"
            report(DataError(problem, remedy="divide by its width and height", path=file, line=line))
            continue
        rows = np.ones((len(values), 8))
        rows[:, 0], rows[:, 7] = float(match[1]), -1.0
        rows[:, 1 : 1 + values.shape[1]] = values
        if values.shape[1] < 7:
            rows[:, 7] = -1.0
        parts.append(rows)
        files.append(file)
        origins.append(numbers.origin)
        starts.append(count)
        count += len(values)
    rows = np.concatenate(parts)
    w, h = rows[:, 4] * info.width, rows[:, 5] * info.height
    table = pd.DataFrame(
        {
            "frame": rows[:, 0],
            "id": rows[:, 7],
            "x": np.round(rows[:, 2] * info.width - w / 2, 6),
            "y": np.round(rows[:, 3] * info.height - h / 2, 6),
            "w": np.round(w, 6),
            "h": np.round(h, 6),
            "conf": rows[:, 6],
            "class_id": rows[:, 1],
        }
    )
    return table, _FramesOrigin(folder, files, np.array(starts, dtype=np.int64), origins)
