"""COCO-video and TAO: one JSON file with ``videos``, ``images``, ``annotations`` and ``categories``.

Images carry ``video_id`` and ``frame_id`` (CocoVID of MMTracking, ByteTrack) or ``frame_index`` (TAO; Dave et al., ECCV
2020); annotations carry ``bbox`` (left, top, width, height) and ``instance_id`` or ``track_id``, themselves or in their
``attributes`` (CVAT), detections also ``score``. Frames count from 0 if any image of the file has frame 0, else from 1.
Plain COCO, without ``video_id``, is one video, or one for each folder of images; its frames go by file name. A bare
list of results needs the file that lists its images.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gnntrack.errors import DataError
from gnntrack.files import write_text
from gnntrack.formats.coco_writing import as_document
from gnntrack.formats.file_names import by_value, existing, folder_name, has_suffix, stem_of
from gnntrack.formats.format import KINDS, Format, Place, Report
from gnntrack.formats.json_files import JsonReader, Rows
from gnntrack.formats.options import Content, ReadingOptions, SequenceInfo
from gnntrack.formats.raw import RawSequence, whole
from gnntrack.loaders.json_text import read_json
from gnntrack.loaders.text import read_bytes, read_start
from gnntrack.remote import as_path
from gnntrack.sequence import Coverage, Sequence
from gnntrack.showing import shown

#: The file of tracks, in a folder of results.
TRACKS = "tracks.json"
#: TAO's lists of a video's classes that are absent, and that are not annotated throughout.
COVERAGE = ("neg_category_ids", "not_exhaustive_category_ids")


class Coco(Format):
    """``annotations.json`` and ``detections.json`` in a folder, or one file."""

    name = "coco"
    aliases = ("coco-video", "tao")
    expected = "expected annotations.json, detections.json or such a file"
    annotations, detections = "annotations.json", "detections.json"
    separate = False  # one file holds all
    own_options = frozenset({"image_list"})

    def recognise(self, path: Path) -> str | None:
        """Why ``path`` looks like this format, or None."""
        for file in (
            [path]
            if path.is_file()
            else [existing(path / name) for name in (self.annotations, self.detections, TRACKS)]
        ):
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
        return [kind for kind in KINDS if existing(path / self.usual_place(kind, options)).is_file()]

    def places(self, path: Path, content: Content, options: ReadingOptions) -> list[Place]:
        """The file of a content; tracks lie in one of their own, or where annotations do."""
        own = existing(path / TRACKS)
        if content == "tracks" and own.is_file():
            return [Place(own, None)]
        return [Place(path if path.is_file() else existing(path / self.usual_place(content, options)), None)]

    def sequences(
        self, place: Place, content: Content, options: ReadingOptions, report: Report
    ) -> Iterator[RawSequence]:
        """Yields the videos of a file, which is read as a whole."""
        document = read_json(place.path)
        if isinstance(document, list):  # results: their images are in the annotations' file
            document = read_json(self._image_list(place.path, options)) | {"annotations": document}
        if not isinstance(document, dict) or not isinstance(document.get("images"), list):
            remedy = "expected videos, images, annotations and categories"
            raise DataError("no images", remedy=remedy, path=place.path)
        reader = JsonReader(place.path, report)
        document, plain = _with_videos(document, reader, options)
        videos = _videos(document, reader)
        first = 0 if any(frame == 0 for video in videos.values() for frame in video.frames.values()) else 1
        _add_boxes(document, content, videos, reader)
        classes = _classes(document, reader)
        for key, video in videos.items():
            if not options.wants(video.name):
                continue
            where = f"video {shown(key)}"
            rate = reader.number(where, video.element, "fps", 0.0)
            length = whole(max(video.frames.values(), default=0) + 1 - options.first_frame(first))
            info = SequenceInfo(video.name, *video.size, rate, length)
            unknown = "" if options.completed(info).frame_rate else "no fps; 30 frames/s assumed"
            inferred = "; ".join(filter(None, [plain, unknown]))
            coverage = _coverage(where, video.element, reader) if content == "annotations" else None
            table, origin = video.rows.table()
            raw = RawSequence(info, content, table, origin, classes, inferred, coverage=coverage)
            yield raw.settled(options, first_frame=first)

    def write(self, root: Path, sequences: Iterable[Sequence], content: Content) -> None:
        """Writes ``root/annotations.json`` or ``root/detections.json``."""
        document = as_document(list(sequences), content, COVERAGE)
        write_text(root / self.usual_place(content), json.dumps(document) + "\n")

    def _image_list(self, file: Path, options: ReadingOptions) -> Path:
        """The file that says which frame an image of bare results is."""
        beside = existing(file.with_name(self.annotations))
        listed = as_path(options.image_list) if options.image_list else beside
        if options.image_list and not listed.is_file():
            remedy = "give the COCO file that lists the images"
            raise DataError("no such file", remedy=remedy, path=listed)
        if not listed.is_file():
            problem = "a list of results does not say which frame an image_id is"
            raise DataError(problem, remedy="pass --image-list with the COCO file that lists the images", path=file)
        if not isinstance(read_json(listed), dict):
            raise DataError("not an object", remedy="expected images and annotations", path=listed)
        return listed


FORMAT = Coco()


@dataclass
class _Video:
    """A video of the file: its element, its size, the frame of each of its images, and its rows."""

    name: str
    element: dict[str, Any]
    rows: Rows
    size: tuple[int, int] = (0, 0)
    frames: dict[int | str, float] = field(default_factory=dict)


def _videos(document: dict[str, Any], reader: JsonReader) -> dict[int | str, _Video]:
    """The videos by their id, with the frame of each of their images."""
    videos: dict[int | str, _Video] = {}
    for where, element in reader.elements(document, "videos"):
        key = reader.key(where, element, "id")
        videos[key] = _Video(reader.name(where, element.get("name", str(key))), element, Rows(reader.path))
    if len({video.name for video in videos.values()}) < len(videos):
        raise reader.fail("videos", "two have the same name", "give each its own")
    for where, image in reader.elements(document, "images"):
        key = reader.key(where, image, "video_id")
        if key not in videos:
            raise reader.fail(where, f"video_id {shown(key)} is not among the videos")
        video = videos[key]
        if not video.frames:
            video.size = reader.size(where, video.element | image)
        frame = reader.number(where, image, "frame_index" if "frame_index" in image else "frame_id")
        video.frames[reader.key(where, image, "id")] = frame
    return videos


def _add_boxes(document: dict[str, Any], content: Content, videos: dict[int | str, _Video], reader: JsonReader) -> None:
    """Adds the annotations to the rows of their videos."""
    place_of = {image: (video, frame) for video in videos.values() for image, frame in video.frames.items()}
    for where, element in reader.elements(document, "annotations"):
        try:
            image = reader.key(where, element, "image_id")
            if image not in place_of:
                raise reader.fail(where, f"image_id {shown(image)} is not among the images")
            video, frame = place_of[image]
            ignored = element.get("iscrowd") or element.get("ignore")
            video.rows.add(
                where,
                frame,
                _identity(where, element, reader),
                *reader.numbers(where, element, "bbox", 4),
                0.0 if ignored and content == "annotations" else reader.score(where, element, content),
                reader.number(where, element, "category_id", 1.0),
                reader.number(where, element, "visibility", 1.0),
            )
        except DataError as problem:
            reader.report(problem)


def _classes(document: dict[str, Any], reader: JsonReader) -> dict[int, str]:
    """The names of the categories, but for those that only repeat a number."""
    found = {}
    for where, category in reader.elements(document, "categories"):
        found[reader.whole(where, category, "id")] = reader.text(where, category, "name")
    return {number: name for number, name in found.items() if name not in ("", f"class {number}")}


def _identity(where: str, element: dict[str, Any], reader: JsonReader) -> float:
    """The identity of an annotation: its own, or that in its attributes; −1 where there is none."""
    attributes = element.get("attributes")
    for holder in (element, attributes if isinstance(attributes, dict) else {}):
        for key in ("instance_id", "track_id"):
            if holder.get(key) is not None:
                return reader.number(where, holder, key)
    return -1.0


def _with_videos(document: dict[str, Any], reader: JsonReader, options: ReadingOptions) -> tuple[dict[str, Any], str]:
    """Plain COCO as if it named its videos, and what had to be assumed; other documents as they are.

    A folder of images is a video; its frames are the images by name, numbers in names by value.
    """
    images = [element for _, element in reader.elements(document, "images")]
    if not images or any("video_id" in image for image in images):
        return document, ""
    names = [str(image.get("file_name", image.get("id"))).replace("\\", "/") for image in images]
    folders = [name.rpartition("/")[0] for name in names]
    several = len(set(folders)) > 1
    own = stem_of(reader.path)
    own = folder_name(reader.path.parent) if own in {"annotations", "detections"} else own
    first = options.first_frame(1)
    counts: dict[str, int] = {}
    described: list[dict[str, Any]] = []
    for place in sorted(range(len(images)), key=lambda index: by_value(names[index])):
        video = (folders[place].strip("/") or own) if several else own
        frame = counts[video] = counts.get(video, first - 1) + 1
        described.append({"frame_id": frame} | images[place] | {"video_id": video})
    videos = [{"id": video, "name": video} for video in counts]
    what = "a video for each folder of images" if several else "one video"
    return document | {"videos": videos, "images": described}, f"no video_id: {what}, frames by file name"


def _coverage(where: str, video: dict[str, Any], reader: JsonReader) -> Coverage | None:
    """Which classes TAO's annotators looked for in a video; None where the file does not say."""
    found = [video.get(key) for key in COVERAGE]
    if found == [None, None]:
        return None
    numbers = []
    for key, values in zip(COVERAGE, found, strict=True):
        if not isinstance(values or [], list):
            raise reader.fail(where, f"{key} is {shown(values)}", "give a list of numbers")
        numbers.append(frozenset(reader.whole(where, {key: value}, key) for value in values or []))
    return Coverage(*numbers)
