"""Label Studio's JSON: a list of tasks, each a video whose regions are key frames (``videorectangle``).

Boxes are in percent of the image, frames count from 1. Between key frames a box moves in a straight line; it lasts
until a key frame that is not ``enabled``, or until the end. A region is an object; its ``meta.track_id``, where there
is one, its identity. The frame rate is ``framesCount`` by ``duration``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gnntrack.errors import DataError
from gnntrack.files import check_inside, write_text
from gnntrack.formats.class_names import known_names, numbers_of_names
from gnntrack.formats.file_names import stem_of
from gnntrack.formats.format import FolderFormat, Place, Report
from gnntrack.formats.json_files import JsonReader, whole_identities
from gnntrack.formats.label_studio_writing import as_tasks
from gnntrack.formats.options import Content, ReadingOptions, SequenceInfo
from gnntrack.formats.origins import ElementOrigin
from gnntrack.formats.raw import RawSequence
from gnntrack.formats.runs import filled
from gnntrack.formats.values import LARGEST_LENGTH, check_length
from gnntrack.loaders.json_text import read_json
from gnntrack.sequence import BOX, COLUMNS, Sequence
from gnntrack.showing import shown

_SIDES = ("x", "y", "width", "height")
#: Boxes that a file may describe by key frames: few lines can stand for many.
MOST_BOXES = 20_000_000


class LabelStudio(FolderFormat):
    """``annotations/NAME.json`` and ``detections/NAME.json``, a folder of files, or one export."""

    name = "labelstudio"
    aliases = ("label-studio",)
    expected = "expected Label Studio's JSON export of video tasks"
    annotations, detections = "annotations", "detections"
    suffix = ".json"
    named_inside = True

    def recognise(self, path: Path) -> str | None:
        """Why ``path`` looks like this format, or None."""
        file, data = self.first_bytes(path)
        if b'"videorectangle"' in data and b'"sequence"' in data:
            return f"{file} holds Label Studio's video rectangles"
        return None

    def sequences(
        self, place: Place, content: Content, options: ReadingOptions, report: Report
    ) -> Iterator[RawSequence]:
        """Yields the videos of a file, a task each."""
        document = read_json(place.path)
        if not isinstance(document, list):
            raise DataError("not a list of tasks", remedy=self.expected, path=place.path)
        reader = JsonReader(place.path, report)
        tasks = list(reader.elements({"tasks": document}, "tasks"))
        regions = {where: list(_regions(reader, where, task)) for where, task in tasks}
        labels = [_label(region) for found in regions.values() for _, region in found]
        numbers = numbers_of_names(labels)
        for where, task in tasks:
            name = _name(reader, where, task, len(tasks))
            if not options.wants(name):
                continue
            video = _Video(reader, numbers, content)
            for place_in, region in regions[where]:
                try:
                    video.add(place_in, region)
                except DataError as problem:
                    report(problem)
            info = replace(video.info, name=name)
            full = options.completed(info)
            if full.width < 1 or full.height < 1:
                raise reader.fail(where, "the image size is unknown", "pass --size WIDTHxHEIGHT")
            rate = "" if full.frame_rate else "no duration; 30 frames/s assumed"
            rotated = f"{video.rotated} rotated boxes are taken as upright" if video.rotated else ""
            inferred = "; ".join(filter(None, [rate, rotated]))
            origin, names = ElementOrigin(str(place.path), video.origins), known_names(numbers)
            table = video.table(full.width, full.height)
            raw = RawSequence(info, content, table, origin, names, inferred)
            yield raw.settled(options, first_frame=1)

    def write(self, root: Path, sequences: Iterable[Sequence], content: Content) -> None:
        """Writes ``root/annotations/NAME.json`` or ``root/detections/NAME.json``: a list with one task."""
        for sequence in sequences:
            check_length(sequence)
            file = check_inside(root / self.usual_place(content) / f"{sequence.name}.json", root)
            write_text(file, json.dumps(as_tasks(sequence, content)) + "\n")


FORMAT = LabelStudio()


def _regions(reader: JsonReader, where: str, task: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The video rectangles of a task: those of people, or where there are none those of models."""
    for kind in ("annotations", "predictions"):
        found = []
        for inner, version in reader.elements({kind: task.get(kind) or []}, kind):
            if version.get("was_cancelled"):
                continue
            for label, region in reader.elements({"result": version.get("result") or []}, "result"):
                if region.get("type") == "videorectangle":
                    found.append((f"{where}.{inner}.{label}", region))
        if found:
            yield from found
            return


def _name(reader: JsonReader, where: str, task: dict[str, Any], count: int) -> str:
    """The name of the video's file; that of the document where the task does not say it."""
    data = task.get("data")
    video = data.get("video") if isinstance(data, dict) else None
    if isinstance(video, str) and video:
        own = Path(video.split("?")[0].replace("\\", "/")).name
        return reader.name(where, Path(own).stem or own)
    own = stem_of(reader.path)
    return reader.name(where, own if count == 1 else f"{own}-{task.get('id', where)}")


def _label(region: dict[str, Any]) -> Any:
    value = region.get("value")
    labels = value.get("labels") if isinstance(value, dict) else None
    return labels[0] if isinstance(labels, list) and labels else None


class _Video:
    """Gathers the regions of a video."""

    def __init__(self, reader: JsonReader, numbers: dict[str, int], content: Content) -> None:
        self.reader, self.numbers, self.content = reader, numbers, content
        self.info = SequenceInfo("")
        self.parts: list[pd.DataFrame] = []
        self.identities: list[int | str] = []
        self.origins: list[str] = []
        self.rotated = 0

    def add(self, where: str, region: dict[str, Any]) -> None:
        """The boxes of a region, frame by frame, in percent.

        Raises:
            DataError: the region is none, or stands for too many boxes.
        """
        reader = self.reader
        value, meta = region.get("value"), region.get("meta")
        meta = meta if isinstance(meta, dict) else {}
        if not isinstance(value, dict):
            raise reader.fail(where, "no value")
        self._look_at(where, region, value)
        boxes = filled(_keys(reader, where, value), self.info.length)
        elements = (element for _, element in reader.elements(value, "sequence"))
        self.rotated += sum(reader.number(where, element, "rotation", 0.0) != 0 for element in elements)
        if len(self.origins) + len(boxes) > MOST_BOXES:
            raise reader.fail(where, f"more than {MOST_BOXES} boxes", "export fewer videos at once")
        identity = reader.key(where, {"id": meta.get("track_id", region.get("id", where))}, "id")
        score = reader.score(where, region, self.content)
        if self.content == "annotations":
            score = 0.0 if meta.get("ignore") else 1.0
        label = _label(region)
        boxes = boxes.assign(
            id=len(self.identities),
            conf=score,
            class_id=float(self.numbers.get(label, 0)) if isinstance(label, str) else 0.0,
            visibility=reader.number(where, meta, "visibility", 1.0),
        )
        self.parts.append(boxes)
        self.identities.append(identity)
        self.origins += [where] * len(boxes)

    def _look_at(self, where: str, region: dict[str, Any], value: dict[str, Any]) -> None:
        """Takes what a region says of its video."""
        reader, info = self.reader, self.info
        count = reader.whole(where, value, "framesCount", 0)
        if count > LARGEST_LENGTH:
            raise reader.fail(where, f"framesCount is {count}", f"at most {LARGEST_LENGTH} frames are read")
        duration = reader.number(where, value, "duration", 0.0)
        width, height = (reader.whole(where, region, f"original_{side}", 0) for side in ("width", "height"))
        self.info = SequenceInfo(
            info.name,
            max(info.width, width),
            max(info.height, height),
            max(info.frame_rate, count / duration if duration > 0 else 0.0),
            max(info.length, count),
        )

    def table(self, width: int, height: int) -> pd.DataFrame:
        """The rows in pixels, with identities as numbers."""
        table = pd.concat([pd.DataFrame(columns=list(COLUMNS), dtype=float), *self.parts], ignore_index=True)
        numbers = whole_identities([key for key in self.identities if key != -1])
        identity = np.array([float(numbers.get(key, -1)) for key in self.identities])
        table["id"] = identity[table["id"].to_numpy(dtype=np.int64)] if len(identity) else -1.0
        for column, side in zip(BOX, (width, height, width, height), strict=True):
            table[column] = (table[column].astype(float) * side / 100).round(6)
        return table


def _keys(reader: JsonReader, where: str, value: dict[str, Any]) -> pd.DataFrame:
    """The key frames of a region."""
    rows = []
    for label, element in reader.elements(value, "sequence"):
        place = f"{where}.{label}"
        frame = reader.whole(place, element, "frame")
        if not abs(frame) <= LARGEST_LENGTH:
            raise reader.fail(place, f"frame is {frame}", f"at most {LARGEST_LENGTH} frames are read")
        enabled = element.get("enabled", True)
        if enabled not in (True, False):
            raise reader.fail(place, f"enabled is {shown(enabled)}", "give true or false")
        rows.append((frame, *(reader.number(place, element, side) for side in _SIDES), enabled))
    if not rows:
        raise reader.fail(where, "a sequence without key frames", "give at least one")
    keys = pd.DataFrame(rows, columns=["frame", *BOX, "enabled"]).sort_values("frame", kind="stable")
    twice = keys["frame"].duplicated()
    if twice.any():
        raise reader.fail(where, f"frame {keys['frame'][twice].iloc[0]} twice", "keep one key frame of the two")
    return keys.assign(enabled=keys["enabled"].astype(bool))
