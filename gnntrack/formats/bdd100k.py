"""BDD100K MOT (Scalabel JSON): a list of frames, each with labels of ``box2d`` corners and category names.

A file holds one video (as BDD100K ships them, a folder of files) or several (``{"frames": [...]}``); frames carry
``videoName`` and ``frameIndex`` from 0. Labels have ``id``, ``category``, ``box2d`` and, in results, ``score``;
``attributes.crowd`` means "do not evaluate", ``attributes.occluded`` becomes visibility one half. See https://doc.scalabel.ai/format.html.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from gnntrack.errors import DataError
from gnntrack.files import check_inside, write_text
from gnntrack.formats.class_names import known_names, name_of, numbers_of_names
from gnntrack.formats.file_names import stem_of
from gnntrack.formats.format import FolderFormat, Place, Report
from gnntrack.formats.json_files import JsonReader, Rows, whole_identities
from gnntrack.formats.options import Content, ReadingOptions, SequenceInfo
from gnntrack.formats.raw import RawSequence, whole
from gnntrack.formats.values import as_written, check_length
from gnntrack.loaders.json_text import read_json
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

#: A frame: where it stands in the file, what stands there, its number.
Frame = tuple[str, dict[str, Any], float]


class Bdd100k(FolderFormat):
    """``labels/*.json`` and ``detections/*.json``, a folder of files, or one file."""

    name = "bdd100k"
    aliases = ("bdd", "scalabel")
    expected = "expected labels/NAME.json, detections/NAME.json or such a file"
    annotations, detections = "labels", "detections"
    suffix = ".json"
    named_inside = True

    def recognise(self, path: Path) -> str | None:
        """Why ``path`` looks like this format, or None."""
        file, data = self.first_bytes(path)
        if b'"labels"' in data and (b'"videoName"' in data or b'"frameIndex"' in data or b'"box2d"' in data):
            return f"{file} holds frames with labels"
        return None

    def sequences(
        self, place: Place, content: Content, options: ReadingOptions, report: Report
    ) -> Iterator[RawSequence]:
        """Yields the videos of a file."""
        document = read_json(place.path)
        config = document.get("config") if isinstance(document, dict) else None
        document = {"frames": document} if isinstance(document, list) else document
        if not isinstance(document, dict) or not isinstance(document.get("frames"), list):
            raise DataError("no frames", remedy="expected a list of frames with labels", path=place.path)
        reader = JsonReader(place.path, report)
        videos = _frames_by_video(document, reader)
        categories = _categories(config, videos)
        info = _info(config, reader)
        names = known_names(categories)
        for name, frames in videos.items():
            if not options.wants(name):
                continue
            rows, identities = Rows(reader.path), list[int | str]()
            for where, frame, number in frames:
                for inner, label in reader.elements({"labels": frame.get("labels") or []}, "labels"):
                    try:
                        row, identity = _row(reader, f"{where}.{inner}", label, categories, content)
                        rows.add(f"{where}.{inner}", number, 0.0, *row)
                        identities.append(identity)
                    except DataError as problem:
                        reader.report(problem)
                if isinstance(frame.get("size"), dict):
                    info = SequenceInfo("", *reader.size(where, frame["size"]))
            numbers = whole_identities([key for key in identities if key != -1])
            table, origin = rows.table()
            table["id"] = [float(numbers.get(key, -1)) for key in identities]
            length = whole(max(number for _, _, number in frames) + 1 - options.first_frame(0))
            own = SequenceInfo(name, info.width, info.height, FRAME_RATE, length)
            yield RawSequence(own, content, table, origin, names).settled(options, first_frame=0)

    def write(self, root: Path, sequences: Iterable[Sequence], content: Content) -> None:
        """Writes ``root/labels/NAME.json`` or ``root/detections/NAME.json``."""
        for sequence in sequences:
            file = check_inside(root / self.usual_place(content) / f"{sequence.name}.json", root)
            write_text(file, json.dumps(_document(sequence, content)) + "\n")


FORMAT = Bdd100k()


def _frames_by_video(document: dict[str, Any], reader: JsonReader) -> dict[str, list[Frame]]:
    videos: dict[str, list[Frame]] = {}
    for where, element in reader.elements(document, "frames"):
        name = reader.name(where, element.get("videoName", element.get("video_name", stem_of(reader.path))))
        frames = videos.setdefault(name, [])
        key = "frameIndex" if "frameIndex" in element else "index"
        frames.append((where, element, reader.number(where, element, key, float(len(frames)))))
    return videos


def _row(
    reader: JsonReader, where: str, label: dict[str, Any], categories: dict[str, int], content: Content
) -> tuple[tuple[float, ...], int | str]:
    """Left, top, width, height, confidence, class and visibility of a label, and its identity."""
    box = label.get("box2d")
    if not isinstance(box, dict):
        raise reader.fail(where, "no box2d", "give its corners x1, y1, x2, y2")
    x1, y1, x2, y2 = (reader.number(where, box, key) for key in ("x1", "y1", "x2", "y2"))
    attributes = label.get("attributes")
    attributes = attributes if isinstance(attributes, dict) else {}
    ignored = attributes.get("crowd") or attributes.get("ignored")
    conf = float(not ignored) if content == "annotations" else reader.score(where, label, content)
    visibility = 0.5 if attributes.get("occluded") else 1.0
    category = label.get("category")
    if not isinstance(category, str) or category not in categories:
        raise reader.fail(where, f"category {shown(category)}", "give a text")
    identity = -1 if label.get("id") is None else reader.key(where, label, "id")
    return (x1, y1, round(x2 - x1, 6), round(y2 - y1, 6), conf, categories[category], visibility), identity


def _categories(config: Any, videos: dict[str, list[Frame]]) -> dict[str, int]:
    """A number for every category: BDD100K's own, then the config's, then others by name."""
    listed = config.get("categories") if isinstance(config, dict) else None
    names = [entry.get("name") for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    for frames in videos.values():
        for _, element, _ in frames:
            labels = element.get("labels")
            for label in labels if isinstance(labels, list) else []:
                if isinstance(label, dict):
                    names.append(label.get("category"))
    return numbers_of_names(names, CLASSES)


def _info(config: Any, reader: JsonReader) -> SequenceInfo:
    """The size of all videos: the config's, else that of BDD100K."""
    size = config.get("imageSize") if isinstance(config, dict) else None
    return SequenceInfo("", *(reader.size("config.imageSize", size) if isinstance(size, dict) else (WIDTH, HEIGHT)))


def _document(sequence: Sequence, content: Content) -> list[dict[str, Any]]:
    """The sequence as a list of frames."""
    check_length(sequence)
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
            "category": name_of(row.class_id, names),
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
