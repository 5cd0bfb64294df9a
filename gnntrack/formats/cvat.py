"""CVAT's own XML ("CVAT for video 1.1" and "CVAT for images 1.1"): tracks of boxes, or images with boxes.

A track has a ``label`` and a box a frame (``xtl, ytl, xbr, ybr``); boxes with ``outside="1"`` are not there. Frames
count from 0. ``occluded`` is visibility one half. Boxes may have attributes: ``track_id``, where images or several
tracks show one object, ``confidence``, ``visibility``, and ``ignore`` for boxes that are not evaluated. Rotated boxes
are read as if they were upright, other shapes are left out, both with a warning.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from gnntrack.errors import DataError
from gnntrack.files import check_inside, write_text
from gnntrack.formats.class_names import known_names, numbers_of_names
from gnntrack.formats.cvat_writing import CORNERS, as_document
from gnntrack.formats.file_names import folder_name, stem_of
from gnntrack.formats.format import FolderFormat, Place, Report
from gnntrack.formats.json_files import Rows
from gnntrack.formats.number_files import is_number, number
from gnntrack.formats.options import Content, ReadingOptions, SequenceInfo
from gnntrack.formats.origins import LineOrigin
from gnntrack.formats.raw import RawSequence, whole
from gnntrack.formats.values import check_length
from gnntrack.loaders.xml_text import Element, read_xml
from gnntrack.sequence import Sequence
from gnntrack.showing import shown

_OCCLUDED = 0.5
_USUAL_NAMES = {"annotations", "detections"}


class Cvat(FolderFormat):
    """``annotations/NAME.xml`` and ``detections/NAME.xml``, a folder of files, or one file (``annotations.xml``)."""

    name = "cvat"
    expected = "expected annotations.xml or annotations/NAME.xml, as CVAT exports them"
    annotations, detections = "annotations", "detections"
    suffix = ".xml"

    def recognise(self, path: Path) -> str | None:
        """Why ``path`` looks like this format, or None."""
        file, start = self.first_bytes(path, 1 << 12)
        if b"<annotations" in start:
            return f"{file} holds CVAT's annotations"
        return None

    def places(self, path: Path, content: Content, options: ReadingOptions) -> list[Place]:
        """A file a video; ``annotations.xml`` is named after its folder."""
        found = super().places(path, content, options)
        return [Place(place.path, _name(place.path)) for place in found]

    def sequences(
        self, place: Place, content: Content, options: ReadingOptions, report: Report
    ) -> Iterator[RawSequence]:
        """Yields the video of a file."""
        top = read_xml(place.path)
        if top.tag != "annotations":
            raise DataError(f"<{top.tag}> for <annotations>", remedy=self.expected, path=place.path, line=top.line)
        reader = _Reader(place.path, content, report)
        reader.read(top)
        info = SequenceInfo(str(place.name), *_size(top), 0.0, reader.length(top, options))
        unknown = [] if options.completed(info).frame_rate else ["CVAT does not say the frame rate; 30 assumed"]
        table, _ = reader.rows.table()
        origin = LineOrigin(str(place.path), lines=np.array(reader.lines, dtype=np.int64))
        names = known_names(reader.classes)
        raw = RawSequence(info, content, table, origin, names, "; ".join(unknown + reader.left_out()))
        yield raw.settled(options, first_frame=0)

    def write(self, root: Path, sequences: Iterable[Sequence], content: Content) -> None:
        """Writes ``root/annotations/NAME.xml`` or ``root/detections/NAME.xml``: CVAT for video 1.1."""
        for sequence in sequences:
            check_length(sequence)
            file = check_inside(root / self.usual_place(content) / f"{sequence.name}.xml", root)
            write_text(file, as_document(sequence, content))


FORMAT = Cvat()


def _name(path: Path) -> str:
    own = stem_of(path)
    return folder_name(path.parent) if own in _USUAL_NAMES else own


class _Reader:
    """Gathers the boxes of a document."""

    def __init__(self, path: Path, content: Content, report: Report) -> None:
        self.path, self.content, self.report = path, content, report
        self.rows, self.lines = Rows(path), list[int]()
        self.classes: dict[str, int] = {}
        self.rotated = self.other = 0

    def read(self, top: Element) -> None:
        """All boxes of all tracks and images."""
        places = (top.find("meta", kind, "labels") for kind in ("task", "job", "project"))
        labels = next(filter(None, places), None)
        listed = [] if labels is None else [_text(label, "name") for label in labels.all("label")]
        known = dict(enumerate(dict.fromkeys(filter(None, listed)), 1))
        self.classes = numbers_of_names([element.attributes.get("label") for element in _labelled(top)], known)
        for track in top.all("track"):
            identity = self.number(track, "id")
            for box in track.children:
                if not self.outside(box):
                    self.add(box, self.number(box, "frame"), track.attributes.get("label"), identity)
        for image in top.all("image"):
            for box in image.children:
                if box.tag != "tag":
                    self.add(box, self.number(image, "id"), box.attributes.get("label"), -1.0)

    def add(self, box: Element, frame: float, label: str | None, identity: float) -> None:
        """A box of an object in a frame."""
        if box.tag != "box":
            self.other += 1
            return
        try:
            x1, y1, x2, y2 = (self.number(box, corner) for corner in CORNERS)
            said = {part.attributes.get("name"): part for part in box.all("attribute")}
            self.rotated += self.number(box, "rotation", 0.0) != 0
            own = said.get("track_id")
            sure, ignored = said.get("confidence"), said.get("ignore")
            conf = 1.0 if sure is None else self.value(sure, sure.text, "confidence")
            if self.content == "annotations" and ignored is not None and ignored.text.strip() in ("1", "true"):
                conf = 0.0
            seen = said.get("visibility")
            occluded = _OCCLUDED if box.attributes.get("occluded") == "1" else 1.0
            self.rows.add(
                f"line {box.line}",
                frame,
                identity if own is None else self.value(own, own.text, "track_id"),
                x1,
                y1,
                round(x2 - x1, 6),
                round(y2 - y1, 6),
                conf,
                float(self.classes.get(label or "", 0)),
                occluded if seen is None else self.value(seen, seen.text, "visibility"),
            )
            self.lines.append(box.line)
        except DataError as problem:
            self.report(problem)

    def outside(self, box: Element) -> bool:
        """Whether an object is out of view from this box on; one that does not say so is reported."""
        said = box.attributes.get("outside", "0")
        if said not in ("0", "1"):
            problem = f"<{box.tag}>: outside is {shown(said)}"
            self.report(DataError(problem, remedy="give 0 or 1", path=self.path, line=box.line))
        return said == "1"

    def number(self, element: Element, key: str, default: float | None = None) -> float:
        """A number of an element.

        Raises:
            DataError: it is missing without a default, or none.
        """
        text = element.attributes.get(key)
        return default if text is None and default is not None else self.value(element, text, key)

    def value(self, element: Element, text: str | None, key: str) -> float:
        """A text as a number."""
        if text is None or not is_number(text.strip()):
            problem = f"<{element.tag}>: {key} is {shown(text)}"
            raise DataError(problem, remedy="give a number", path=self.path, line=element.line)
        return number(text.strip())

    def length(self, top: Element, options: ReadingOptions) -> int:
        """Number of frames: the task's, unless it begins elsewhere or has more boxes."""
        task = top.find("meta", "task") or top.find("meta", "job")
        said = 0.0 if task is None else number(_text(task, "size")) if is_number(_text(task, "size")) else 0.0
        last = max((row[0] for row in self.rows.values), default=-1.0) + 1 - options.first_frame(0)
        images = [self.number(image, "id") for image in top.all("image")]
        return whole(max(said, last, max(images, default=-1.0) + 1))

    def left_out(self) -> list[str]:
        """What was not read as it stands, in words."""
        found = [
            (self.other, "shapes that are no boxes are left out"),
            (self.rotated, "rotated boxes are taken as upright"),
        ]
        return [f"{count} {what}" for count, what in found if count]


def _labelled(top: Element) -> Iterator[Element]:
    yield from top.all("track")
    for image in top.all("image"):
        yield from image.children


def _text(element: Element, tag: str) -> str:
    child = element.find(tag)
    return "" if child is None else child.text.strip()


def _size(top: Element) -> tuple[int, int]:
    """Width and height of the images; zeros where they are not known."""
    place = top.find("meta", "original_size") or top.find("meta", "task", "original_size")
    texts = ("", "") if place is None else (_text(place, "width"), _text(place, "height"))
    image = next(top.all("image"), None)
    if image is not None:
        texts = image.attributes.get("width", ""), image.attributes.get("height", "")
    width, height = (whole(number(text)) if is_number(text) else 0 for text in texts)
    return width, height
