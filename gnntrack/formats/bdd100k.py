"""BDD100K MOT (Scalabel JSON): a list of frames, each with labels of ``box2d`` corners and category names.

A file holds one video (as BDD100K ships them, a folder of files) or several (``{"frames": [...]}``); frames carry
``videoName`` and ``frameIndex`` from 0. Labels have ``id``, ``category``, ``box2d`` and, in results, ``score``;
``attributes.crowd`` means "do not evaluate", ``attributes.occluded`` becomes visibility one half. See https://doc.scalabel.ai/format.html.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gnntrack.errors import DataError
from gnntrack.files import check_inside, write_text
from gnntrack.formats.file_names import files_in, has_suffix, stem_of
from gnntrack.formats.json_files import Reading, Rows, whole_identities
from gnntrack.formats.number_files import Report
from gnntrack.formats.raw import (
    Content,
    RawSequence,
    ReadingOptions,
    SequenceInfo,
    as_written,
    prepare,
    refuse_empty,
    whole,
)
from gnntrack.loaders.json_text import read_json
from gnntrack.loaders.text import read_bytes
from gnntrack.names import is_name
from gnntrack.sequence import Sequence
from gnntrack.showing import shown

CLASSES = {
    1: "pedestrian",
    2: "rider",
    3: "car",
    4: "truck",
    5: "bus",
    6: "train",
    7: "motorcycle",
    8: "bicycle",
    9: "traffic light",
    10: "traffic sign",
    11: "other person",
    12: "other vehicle",
    13: "trailer",
}
#: BDD100K's MOT annotations: five frames a second of this size.
FRAME_RATE, WIDTH, HEIGHT = 5.0, 1280, 720
_FOLDERS: dict[Content, str] = {"annotations": "labels", "detections": "detections", "tracks": "labels"}
_UNNAMED = re.compile(r"class (\d{1,9})")  # how we write a class without a name
LARGEST_LENGTH = 2_000_000


@dataclass(frozen=True)
class Bdd100k:
    """The format object: ``labels/*.json`` and ``detections/*.json``, a folder of files, or one file."""

    name: str = "bdd100k"
    expected: str = "expected labels/NAME.json, detections/NAME.json or such a file"

    def guess(self, path: Path) -> str | None:
        """Why ``path`` looks like this format, or None."""
        for file in _files(path, "annotations", None)[:1] or _files(path, "detections", None)[:1]:
            try:
                data = read_bytes(file)
            except DataError:
                return None
            if b'"labels"' in data and (b'"videoName"' in data or b'"frameIndex"' in data or b'"box2d"' in data):
                return f"{file.name} holds frames with labels"
        return None

    def contents(self, path: Path, options: ReadingOptions) -> list[Content]:
        """What there is to read."""
        kinds: tuple[Content, Content] = ("annotations", "detections")
        found: list[Content] = [kind for kind in kinds if path.is_dir() and (path / _folder(kind, options)).is_dir()]
        return found or ["annotations"]

    def read(self, path: Path, content: Content, options: ReadingOptions, report: Report) -> Iterator[RawSequence]:
        """Yields the sequences one by one."""
        files = _files(path, content, options)
        if not files:
            refuse_empty([entry.name for entry in path.iterdir()] if path.is_dir() else [], "labels/NAME.json", path)
        for file in files:
            try:
                yield from _sequences(check_inside(file, path), content, options, report)
            except DataError as problem:
                report(problem)

    def write(self, root: Path, sequences: Iterable[Sequence], content: Content) -> None:
        """Writes ``root/labels/NAME.json`` or ``root/detections/NAME.json``."""
        for sequence in sequences:
            file = check_inside(root / _FOLDERS[content] / f"{sequence.name}.json", root)
            write_text(file, json.dumps(_document(sequence, content)) + "\n")


BDD100K = Bdd100k()


def _folder(content: Content, options: ReadingOptions | None) -> str:
    return (options and content == "detections" and options.detections) or _FOLDERS[content]


def _files(path: Path, content: Content, options: ReadingOptions | None) -> list[Path]:
    if path.is_file():
        return [path] if has_suffix(path, ".json") else []
    folder = path / _folder(content, options)
    return files_in(folder if folder.is_dir() else path, ".json")


def _sequences(file: Path, content: Content, options: ReadingOptions, report: Report) -> Iterator[RawSequence]:
    """The videos of a file."""
    document = read_json(file)
    config = document.get("config") if isinstance(document, dict) else None
    document = {"frames": document} if isinstance(document, list) else document
    if not isinstance(document, dict) or not isinstance(document.get("frames"), list):
        raise DataError("no frames", remedy="expected a list of frames with labels", path=file)
    reading = Reading(file, report)
    frames: dict[str, list[tuple[str, dict[str, Any], float]]] = {}
    stem = stem_of(reading.path)
    for where, element in reading.elements(document, "frames"):
        name = reading.name(where, element.get("videoName", element.get("video_name", stem)))
        members = frames.setdefault(name, [])
        key = "frameIndex" if "frameIndex" in element else "index"
        members.append((where, element, reading.number(where, element, key, float(len(members)))))
    categories = _categories(config, frames)
    size = _size(config, reading)
    for name, members in frames.items():
        if not options.wants(name):
            continue
        rows, identities = Rows(reading.path), list[int | str]()
        for where, element, frame in members:
            for inner, label in reading.elements({"labels": element.get("labels") or []}, "labels"):
                try:
                    values = _box(reading, f"{where}.{inner}", label, content)
                    category = label.get("category")
                    if not isinstance(category, str) or category not in categories:
                        raise reading.fail(f"{where}.{inner}", f"category {shown(category)}", "give a text")
                    identity = -1 if label.get("id") is None else reading.key(f"{where}.{inner}", label, "id")
                    rows.add(f"{where}.{inner}", frame, 0.0, *values[:5], categories[category], values[5])
                    identities.append(identity)
                except DataError as problem:
                    reading.report(problem)
            if isinstance(element.get("size"), dict):
                size = reading.size(where, element["size"])
        numbers = whole_identities([key for key in identities if key != -1])
        table, origin = rows.table()
        table["id"] = [float(numbers.get(key, -1)) for key in identities]
        table, kept, skipped = prepare(table, origin, content, options, frame_base=0)
        width, height = options.size or size or (WIDTH, HEIGHT)
        base = 0 if options.frame_base is None else options.frame_base
        last = max(frame for _, _, frame in members)
        length = whole(last + 1 - base)
        rate = options.frame_rate or FRAME_RATE
        names = {number: label for label, number in categories.items() if label != f"class {number}"}
        yield RawSequence(SequenceInfo(name, width, height, rate, length), content, table, kept, names, skipped)


def _box(reading: Reading, where: str, label: dict[str, Any], content: Content) -> tuple[float, ...]:
    """Left, top, width, height, confidence and visibility of a label."""
    box = label.get("box2d")
    if not isinstance(box, dict):
        raise reading.fail(where, "no box2d", "give its corners x1, y1, x2, y2")
    x1, y1, x2, y2 = (reading.number(where, box, key) for key in ("x1", "y1", "x2", "y2"))
    attributes = label.get("attributes")
    attributes = attributes if isinstance(attributes, dict) else {}
    ignored = bool(attributes.get("crowd") or attributes.get("ignored"))
    conf = float(not ignored) if content == "annotations" else reading.number(where, label, "score", 1.0)
    return x1, y1, round(x2 - x1, 6), round(y2 - y1, 6), conf, 0.5 if attributes.get("occluded") else 1.0


def _categories(config: Any, frames: dict[str, list[tuple[str, dict[str, Any], float]]]) -> dict[str, int]:
    """A number for every category: BDD100K's own, then the config's, then others by name."""
    numbers = {name: number for number, name in CLASSES.items()}
    listed = config.get("categories") if isinstance(config, dict) else None
    names = [entry.get("name") for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    for members in frames.values():
        for _, element, _ in members:
            labels = element.get("labels")
            for label in labels if isinstance(labels, list) else []:
                if isinstance(label, dict):
                    names.append(label.get("category"))
    others = sorted({name for name in names if is_name(name)} - set(numbers))
    for name in others:
        match = _UNNAMED.fullmatch(name)
        if match:
            numbers[name] = int(match[1])
    free = max(numbers.values()) + 1
    for name in others:
        if name not in numbers:
            numbers[name], free = free, free + 1
    return numbers


def _size(config: Any, reading: Reading) -> tuple[int, int] | None:
    size = config.get("imageSize") if isinstance(config, dict) else None
    if not isinstance(size, dict):
        return None
    return reading.size("config.imageSize", size)


def _document(sequence: Sequence, content: Content) -> list[dict[str, Any]]:
    """The sequence as a list of frames."""
    if sequence.length > LARGEST_LENGTH:
        problem = f"{sequence.name}: {sequence.length} frames; this format lists every one"
        raise DataError(problem, remedy="convert to mot instead")
    names = CLASSES | dict(sequence.classes)
    size = {"width": sequence.width, "height": sequence.height}
    frames: list[dict[str, Any]] = [
        {
            "name": f"{sequence.name}-{frame + 1:07d}.jpg",
            "videoName": sequence.name,
            "frameIndex": frame,
            "size": size,
            "labels": [],
        }
        for frame in range(sequence.length)
    ]
    table = sequence.boxes
    corners = as_written(np.column_stack([table["x"], table["y"], table["x"] + table["w"], table["y"] + table["h"]]))
    for row, (x1, y1, x2, y2) in zip(table.itertuples(index=False), corners.tolist(), strict=True):
        label: dict[str, Any] = {
            "category": names.get(row.class_id, f"class {row.class_id}"),
            "box2d": {"x1": x1, "y1": y1, "x2": x2, "y2": y2},
            "attributes": {"occluded": row.visibility < 1.0, "truncated": False},
        }
        if row.id >= 0:
            label = {"id": str(row.id), **label}
        if content == "annotations":
            label["attributes"]["crowd"] = row.conf == 0
        else:
            label["score"] = row.conf
        frames[row.frame - 1]["labels"].append(label)
    return frames
