"""VisDrone-MOT: ``annotations/NAME.txt``, frames from 1, twelve classes.

A row is ``frame,id,left,top,width,height,score,category,truncation,occlusion`` (Zhu et al., "Detection and Tracking
Meet Drones Challenge", TPAMI 2021). In annotations score 0 means "do not evaluate"; regions of category 0 have no
identity.
``truncation`` is not kept.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from gnntrack.errors import DataWarning
from gnntrack.files import check_inside, write_text
from gnntrack.formats.file_names import files_in, stem_of
from gnntrack.formats.number_files import Report, first_numbers, read_numbers
from gnntrack.formats.raw import (
    Content,
    RawSequence,
    ReadingOptions,
    SequenceInfo,
    as_written,
    assumed,
    attempt,
    prepare,
    refuse_empty,
)
from gnntrack.sequence import BOX, Sequence
from gnntrack.showing import shown

CLASSES = {
    0: "ignored regions",
    1: "pedestrian",
    2: "people",
    3: "bicycle",
    4: "car",
    5: "van",
    6: "truck",
    7: "tricycle",
    8: "awning-tricycle",
    9: "bus",
    10: "motor",
    11: "others",
}
_EXPECTED = "frame,id,left,top,width,height,score,category,truncation,occlusion"
_FOLDERS: dict[Content, str] = {"annotations": "annotations", "detections": "detections", "tracks": "annotations"}
_LEVELS = 2.0  # occlusion 0, 1, 2 is visibility 1, 1/2, 0


@dataclass(frozen=True)
class VisDrone:
    """The format object: a split's folder with ``annotations/``, a folder of files, or one file."""

    name: str = "visdrone"
    expected: str = "expected annotations/NAME.txt, detections/NAME.txt or such a file"

    def guess(self, path: Path) -> str | None:
        """Why ``path`` looks like this format, or None."""
        places = [path / _FOLDERS["annotations"], path / _FOLDERS["detections"], path]
        files = [path] if path.is_file() else next(filter(None, (files_in(place, ".txt") for place in places)), [])
        values = first_numbers(files[0]) if files else np.zeros((0, 0))
        if values.shape[1] != 10:
            return None
        identity, (kind, truncation, occlusion) = values[:, 1], values[:, 7:].T
        known = np.isin(kind, range(12)) & np.isin(truncation, [0, 1]) & np.isin(occlusion, [0, 1, 2])
        sure = files[0].parent == places[0] or ((kind > 0).any() and (identity[kind > 0] >= 0).all())
        if known.all() and sure:
            return f"{files[0].name} ends in category, truncation and occlusion"
        detected = files[0].parent == places[1] and (values[:, 1] == -1).all() and np.isin(kind, range(1, 12)).all()
        return f"{files[0].parent.name}/{files[0].name} holds detections with categories" if detected else None

    def contents(self, path: Path, options: ReadingOptions) -> list[Content]:
        """What there is to read."""
        detections = (path / (options.detections or _FOLDERS["detections"])).is_dir()
        annotations = (path / _FOLDERS["annotations"]).is_dir() or not detections
        kinds: tuple[Content, Content] = ("annotations", "detections")
        return [kind for kind, there in zip(kinds, (annotations, detections), strict=True) if there]

    def read(self, path: Path, content: Content, options: ReadingOptions, report: Report) -> Iterator[RawSequence]:
        """Yields the sequences one by one."""
        files = [path]
        if not path.is_file():
            name = options.detections if content == "detections" and options.detections else _FOLDERS[content]
            folder = path / name if (path / name).is_dir() else path
            files = [check_inside(file, folder) for file in files_in(folder, ".txt")]
            if not files:
                here = [file.name for file in folder.iterdir()] if folder.is_dir() else []
                refuse_empty(here, "annotations/NAME.txt", path)
        for file in files:
            if options.wants(stem_of(file)):
                yield from attempt(report, partial(_raw, file, content, options, report))

    def write(self, root: Path, sequences: Iterable[Sequence], content: Content) -> None:
        """Writes ``root/annotations/NAME.txt`` or ``root/detections/NAME.txt``.; unknown classes become ``others``."""
        for sequence in sequences:
            table = sequence.boxes
            out = table[["frame", "id"]].copy()
            for column in BOX:
                out[column] = as_written(table[column])
            out["score"] = table["conf"].astype("int64") if content == "annotations" else table["conf"]
            out["category"] = _categories(sequence)
            annotated = content != "detections"
            out["truncation"] = 0 if annotated else -1
            hidden = np.rint((1.0 - table["visibility"]) * _LEVELS).astype("int64")
            out["occlusion"] = hidden if annotated else -1
            text = out.to_csv(header=False, index=False)
            write_text(check_inside(root / _FOLDERS[content] / f"{sequence.name}.txt", root), text)


VISDRONE = VisDrone()


def _raw(file: Path, content: Content, options: ReadingOptions, report: Report) -> RawSequence:
    """The rows of a file."""
    numbers = read_numbers(file, 8, _EXPECTED, report)
    table = _table(numbers.values, content)
    table, origin, skipped = prepare(table, numbers.origin, content, options, frame_base=1)
    width, height = options.size or (0, 0)
    inferred = assumed("these files say neither size nor rate", SequenceInfo(stem_of(file)), options)
    info = SequenceInfo(stem_of(file), width, height, options.frame_rate or 30.0)
    return RawSequence(info, content, table, origin, CLASSES, skipped, inferred)


def _table(values: np.ndarray, content: Content) -> pd.DataFrame:
    columns = ["frame", "id", "x", "y", "w", "h", "conf", "class_id"]
    table = pd.DataFrame({name: values[:, index] for index, name in enumerate(columns)}, copy=False)
    occlusion = values[:, 9] if values.shape[1] > 9 else np.zeros(len(values))
    table["visibility"] = 1.0 - np.where((occlusion >= 0) & (occlusion <= _LEVELS), occlusion, 0.0) / _LEVELS
    if content == "annotations":
        table["id"] = table["id"].where(table["class_id"] != 0, -1.0)
    if len(table) and (table["class_id"] == -1).all():
        table["class_id"] = 1.0
    return table


def _categories(sequence: Sequence) -> np.ndarray:
    """VisDrone's number of every row's class: by name where names are known, else by number."""
    known = {name: number for number, name in CLASSES.items()}
    numbers = {}
    for class_id in np.unique(sequence.boxes["class_id"]).tolist():
        name = sequence.classes.get(class_id, CLASSES.get(class_id, "")).lower()
        if name not in known:
            text = f"{sequence.name}: class {class_id} {shown(name)} is none of VisDrone's; written as 'others'"
            warnings.warn(text, DataWarning, stacklevel=4)
        numbers[class_id] = known.get(name, known["others"])
    return sequence.boxes["class_id"].map(numbers).to_numpy(dtype=np.int64)
