"""COCO-video and TAO: one JSON file with ``videos``, ``images``, ``annotations`` and ``categories``.

Images carry ``video_id`` and ``frame_id`` (CocoVID of MMTracking, ByteTrack) or ``frame_index`` (TAO; Dave et al., ECCV
2020); annotations carry ``bbox`` (left, top, width, height) and ``instance_id`` or ``track_id``, themselves or in their
``attributes`` (CVAT), detections also ``score``. Frames count from 0 if any image of the file has frame 0, else from 1.
Plain COCO, without ``video_id``, is one video, or one for each folder of images; its frames go by file name. A bare
list of results needs the file that lists its images.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gnntrack.errors import DataError
from gnntrack.files import write_text
from gnntrack.formats.file_names import existing, has_suffix, stem_of
from gnntrack.formats.json_files import Reading, Rows
from gnntrack.formats.number_files import Report
from gnntrack.formats.raw import Content, RawSequence, ReadingOptions, SequenceInfo, as_written, prepare, whole
from gnntrack.loaders.json_text import read_json
from gnntrack.loaders.text import read_bytes, read_start
from gnntrack.sequence import Coverage, Sequence
from gnntrack.showing import shown

_FILES: dict[Content, str] = {
    "annotations": "annotations.json",
    "detections": "detections.json",
    "tracks": "annotations.json",
}
#: TAO's lists of a video's classes that are absent, and that are not annotated throughout.
_COVERAGE = ("neg_category_ids", "not_exhaustive_category_ids")
#: More images than this are not listed: the format needs an entry a frame.
LARGEST_LENGTH = 2_000_000


@dataclass(frozen=True)
class CocoVideo:
    """The format object: ``annotations.json`` and ``detections.json`` in a folder, or one file."""

    name: str = "coco"
    expected: str = "expected annotations.json, detections.json or such a file"

    def guess(self, path: Path) -> str | None:
        """Why ``path`` looks like this format, or None."""
        for file in [path] if path.is_file() else [existing(path / name) for name in sorted(set(_FILES.values()))]:
            if file.is_file() and has_suffix(file, ".json"):
                try:
                    data = read_bytes(file)
                except DataError:
                    return None
                start = data.lstrip()[:1]
                if start == b"{" and b'"images"' in data and b'"annotations"' in data:
                    return f"{file.name} holds images and annotations"
                if start == b"[" and b'"image_id"' in data and b'"bbox"' in data:
                    return f"{file.name} holds a list of results"
        return None

    def contents(self, path: Path, options: ReadingOptions) -> list[Content]:
        """What there is to read."""
        if path.is_file():
            results = read_start(path, 1 << 10).lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"["
            return ["detections" if results or "det" in path.stem else "annotations"]
        kinds: tuple[Content, Content] = ("annotations", "detections")
        return [kind for kind in kinds if _file(path, kind, options).is_file()]

    def read(self, path: Path, content: Content, options: ReadingOptions, report: Report) -> Iterator[RawSequence]:
        """Yields the sequences one by one; the file is read as a whole."""
        file = path if path.is_file() else _file(path, content, options)
        document = read_json(file)
        if isinstance(document, list):  # results: their images are in the annotations' file
            document = read_json(_image_list(file, options)) | {"annotations": document}
        if not isinstance(document, dict) or not isinstance(document.get("images"), list):
            raise DataError("no images", remedy="expected videos, images, annotations and categories", path=file)
        yield from _sequences(document, content, options, Reading(file, report))

    def write(self, root: Path, sequences: Iterable[Sequence], content: Content) -> None:
        """Writes ``root/annotations.json`` or ``root/detections.json``."""
        write_text(root / _FILES[content], json.dumps(_document(list(sequences), content)) + "\n")


COCO = CocoVideo()


def _file(path: Path, content: Content, options: ReadingOptions) -> Path:
    return existing(path / (options.detections if content == "detections" and options.detections else _FILES[content]))


def _image_list(file: Path, options: ReadingOptions) -> Path:
    """The file that says which frame an image of bare results is."""
    beside = existing(file.with_name(_FILES["annotations"]))
    listed = Path(options.image_list) if options.image_list else beside
    if not listed.is_file():
        problem = "a list of results does not say which frame an image_id is"
        raise DataError(problem, remedy="pass --image-list with the COCO file that lists the images", path=file)
    if not isinstance(read_json(listed), dict):
        raise DataError("not an object", remedy="expected images and annotations", path=listed)
    return listed


def _identity(where: str, element: dict[str, Any], reading: Reading) -> float:
    """The identity of an annotation: its own, or that in its attributes; −1 where there is none."""
    attributes = element.get("attributes")
    for holder in (element, attributes if isinstance(attributes, dict) else {}):
        for key in ("instance_id", "track_id"):
            if holder.get(key) is not None:
                return reading.number(where, holder, key)
    return -1.0


def _with_videos(document: dict[str, Any], reading: Reading, options: ReadingOptions) -> tuple[dict[str, Any], str]:
    """Plain COCO as if it named its videos, and what had to be assumed; other documents as they are.

    A folder of images is a video; its frames are the images by name, numbers in names by value.
    """
    images = [element for _, element in reading.elements(document, "images")]
    if not images or any("video_id" in image for image in images):
        return document, ""
    names = [str(image.get("file_name", image.get("id"))).replace("\\", "/") for image in images]
    folders = [name.rpartition("/")[0] for name in names]
    several = len(set(folders)) > 1
    own = stem_of(reading.path)
    own = reading.path.resolve().parent.name if own in {"annotations", "detections"} else own
    first = 1 if options.frame_base is None else options.frame_base
    counts: dict[str, int] = {}
    described: list[dict[str, Any]] = []
    for place in sorted(range(len(images)), key=lambda index: _by_value(names[index])):
        video = (folders[place].strip("/") or own) if several else own
        frame = counts[video] = counts.get(video, first - 1) + 1
        described.append({"frame_id": frame} | images[place] | {"video_id": video})
    videos = [{"id": video, "name": video} for video in counts]
    what = "a video for each folder of images" if several else "one video"
    return document | {"videos": videos, "images": described}, f"no video_id: {what}, frames by file name"


def _by_value(name: str) -> list[tuple[int, int, str]]:
    """A key that sorts numbers in names by value."""
    return [(1, int(part), "") if part.isdecimal() else (0, 0, part) for part in re.split(r"([0-9]{1,18})", name)]


def _sequences(document: Any, content: Content, options: ReadingOptions, reading: Reading) -> Iterator[RawSequence]:
    document, plain = _with_videos(document, reading, options)
    names, videos, sizes = dict[int | str, str](), dict[int | str, dict[str, Any]](), dict[int | str, tuple[int, int]]()
    for where, video in reading.elements(document, "videos"):
        key = reading.key(where, video, "id")
        names[key], videos[key] = reading.name(where, video.get("name", str(key))), video
    if len(set(names.values())) < len(names):
        raise reading.fail("videos", "two have the same name", "give each its own")
    frames: dict[int | str, tuple[int | str, float]] = {}
    last: dict[int | str, float] = {}
    for where, image in reading.elements(document, "images"):
        video_key = reading.key(where, image, "video_id")
        if video_key not in videos:
            raise reading.fail(where, f"video_id {shown(video_key)} is not among the videos")
        frame = reading.number(where, image, "frame_index" if "frame_index" in image else "frame_id")
        frames[reading.key(where, image, "id")] = video_key, frame
        last[video_key] = max(frame, last.get(video_key, frame))
        if video_key not in sizes:
            sizes[video_key] = reading.size(where, videos[video_key] | image)
    base = 0 if any(frame == 0 for _, frame in frames.values()) else 1
    rows = {key: Rows(reading.path) for key in videos}
    for where, element in reading.elements(document, "annotations"):
        try:
            image_key = reading.key(where, element, "image_id")
            if image_key not in frames:
                raise reading.fail(where, f"image_id {shown(image_key)} is not among the images")
            video_key, frame = frames[image_key]
            identity = _identity(where, element, reading)
            ignored = element.get("iscrowd") or element.get("ignore")
            rows[video_key].add(
                where,
                frame,
                identity,
                *reading.numbers(where, element, "bbox", 4),
                0.0 if ignored and content == "annotations" else reading.number(where, element, "score", 1.0),
                reading.number(where, element, "category_id", 1.0),
                reading.number(where, element, "visibility", 1.0),
            )
        except DataError as problem:
            reading.report(problem)
    classes = {}
    for where, category in reading.elements(document, "categories"):
        classes[reading.whole(where, category, "id")] = reading.text(where, category, "name")
    classes = {number: " ".join(name.split()) for number, name in classes.items() if name.strip()}
    classes = {number: name for number, name in classes.items() if name != f"class {number}"}
    for key, video in videos.items():
        if not options.wants(names[key]):
            continue
        table, origin, skipped = prepare(*rows[key].table(), content, options, frame_base=base)
        width, height = options.size or sizes.get(key, (0, 0))
        rate = options.frame_rate or reading.number(f"video {shown(key)}", video, "fps", 0.0)
        used_base = base if options.frame_base is None else options.frame_base
        length = whole(last.get(key, 0) + 1 - used_base)
        inferred = "; ".join(filter(None, [plain, "" if rate else "no fps; 30 frames/s assumed"]))
        info = SequenceInfo(names[key], width, height, rate, length)
        coverage = _coverage(f"video {shown(key)}", video, reading) if content == "annotations" else None
        yield RawSequence(info, content, table, origin, classes, skipped, inferred, coverage=coverage)


def _coverage(where: str, video: dict[str, Any], reading: Reading) -> Coverage | None:
    """Which classes TAO's annotators looked for in a video; None where the file does not say."""
    found = [video.get(key) for key in _COVERAGE]
    if found == [None, None]:
        return None
    numbers = []
    for key, values in zip(_COVERAGE, found, strict=True):
        if not isinstance(values or [], list):
            raise reading.fail(where, f"{key} is {shown(values)}", "give a list of numbers")
        numbers.append(frozenset(reading.whole(where, {key: value}, key) for value in values or []))
    return Coverage(*numbers)


def _document(sequences: list[Sequence], content: Content) -> dict[str, Any]:
    """The sequences as one document."""
    document: dict[str, Any] = {"videos": [], "images": [], "annotations": [], "categories": []}
    classes: dict[int, str] = {}
    image = annotation = 1
    for number, sequence in enumerate(sequences, 1):
        if sequence.length > LARGEST_LENGTH:
            problem = f"{sequence.name}: {sequence.length} frames; this format lists every one"
            raise DataError(problem, remedy="convert to mot instead")
        size = {"width": sequence.width, "height": sequence.height}
        video = {"id": number, "name": sequence.name, "fps": sequence.frame_rate, **size}
        if sequence.coverage is not None:
            known = (sequence.coverage.absent, sequence.coverage.partial)
            video |= {key: sorted(classes) for key, classes in zip(_COVERAGE, known, strict=True)}
        document["videos"].append(video)
        for frame in range(sequence.length):
            file = f"{sequence.name}/{frame + 1:06d}.jpg"
            document["images"].append(
                {"id": image + frame, "video_id": number, "frame_id": frame, "file_name": file, **size}
            )
        table = sequence.boxes
        used = {int(class_id): f"class {int(class_id)}" for class_id in table["class_id"].unique()}
        named = used | dict(sequence.classes)
        clash = [key for key in named if classes.get(key, named[key]) != named[key]]
        if clash:
            problem = f"class {clash[0]} is {classes[clash[0]]!r} and, in {sequence.name}, {named[clash[0]]!r}"
            raise DataError(problem, remedy="convert sequences with different classes apart")
        classes |= named
        box = as_written(table[["x", "y", "w", "h"]].to_numpy())
        for row, values in zip(table.itertuples(index=False), box.tolist(), strict=True):
            element = {
                "id": annotation,
                "image_id": image + row.frame - 1,
                "video_id": number,
                "category_id": row.class_id,
                "bbox": values,
                "area": round(values[2] * values[3], 6),
                "iscrowd": 0,
                "visibility": row.visibility,
            }
            if row.id >= 0:
                element |= {"instance_id": row.id, "track_id": row.id}
            if content == "annotations":
                element |= {"ignore": int(row.conf == 0)}
            else:
                element |= {"score": row.conf}
            document["annotations"].append(element)
            annotation += 1
        image += sequence.length
    document["categories"] = [{"id": key, "name": name} for key, name in sorted(classes.items())]
    return document
