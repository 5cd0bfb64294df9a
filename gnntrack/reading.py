"""The one door for reading: annotations, detections and tracks of every file format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Literal, get_args, overload

from gnntrack.errors import DataError
from gnntrack.formats.classes import choose_classes
from gnntrack.formats.format import KINDS, Format, Place, raise_it
from gnntrack.formats.options import Content, ReadingOptions
from gnntrack.formats.raw import RawSequence
from gnntrack.formats.registry import find_format
from gnntrack.remote import as_path
from gnntrack.sequence import Sequence
from gnntrack.showing import shown

__all__ = ["Content", "Pair", "ReadingOptions", "iterate", "read"]

_CONTENTS = (*get_args(Content), "pairs")


@dataclass(frozen=True)
class Pair:
    """What there is of one video.

    Attributes:
        annotations: with identities, or None.
        detections: without, or None.
    """

    annotations: Sequence | None
    detections: Sequence | None


@dataclass(frozen=True)
class Video:
    """Where the boxes of a video lie, or of all videos of some files.

    Attributes:
        name: of the video; None: the files name theirs.
        places: of each content.
    """

    name: str | None
    places: Mapping[Content, tuple[Place, ...]]


@overload
def read(
    path: str | Path,
    content: Literal["pairs"],
    options: ReadingOptions = ReadingOptions(),
    format: str | Format | None = None,
) -> list[Pair]: ...


@overload
def read(
    path: str | Path, content: Content, options: ReadingOptions = ReadingOptions(), format: str | Format | None = None
) -> list[Sequence]: ...


def read(
    path: str | Path,
    content: Content | Literal["pairs"],
    options: ReadingOptions = ReadingOptions(),
    format: str | Format | None = None,
) -> list[Sequence] | list[Pair]:
    """Reads the sequences of a file, of a sequence folder, or of a folder of sequences.

    Args:
        path: where they lie; or ``sample``, ``TUD-Campus`` or ``TUD-Stadtmitte``, which the motmetrics package holds.
        content: ``annotations`` (the ground truth), ``detections`` (they lose their ids), ``tracks`` (what a tracker
            wrote; every box must have an id), or ``pairs``: annotations and detections of every video side by side.
        options: how tolerant reading is, which sequences and classes are wanted, and what the files do not say.
        format: ``sample``, ``mot``, ``kitti``, ``coco``, ``bdd100k``, ``visdrone``, ``yolo``, ``cvat``,
            ``labelstudio``, ``csv``, ``parquet`` or ``zip``; recognised if missing.

    Raises:
        DataError: there is nothing to read, or a row breaks a rule of :class:`Sequence`. It names file, line and value.

    Example:
        >>> detections = read("TUD-Campus", "detections")[0]
        >>> len(detections), detections.length, set(detections.boxes["id"])
        (222, 71, {-1})
        >>> [len(truth) for truth in read("sample", "annotations", ReadingOptions(sequences=("*Campus",)))]
        [359]
    """
    format_ = find_format(path, format)[0]
    if content == "pairs":
        pairs = list(iterate(path, content, options, format_))
        if pairs:
            return pairs
        raise format_.nothing_at(as_path(path), options)
    sequences = list(iterate(path, content, options, format_))
    if sequences:
        return sequences
    raise format_.nothing_at(as_path(path), options, [content])


@overload
def iterate(
    path: str | Path,
    content: Literal["pairs"],
    options: ReadingOptions = ReadingOptions(),
    format: str | Format | None = None,
) -> Iterator[Pair]: ...


@overload
def iterate(
    path: str | Path, content: Content, options: ReadingOptions = ReadingOptions(), format: str | Format | None = None
) -> Iterator[Sequence]: ...


def iterate(
    path: str | Path,
    content: Content | Literal["pairs"],
    options: ReadingOptions = ReadingOptions(),
    format: str | Format | None = None,
) -> Iterator[Sequence] | Iterator[Pair]:
    """Reads as :func:`read` does, one sequence at a time; yields nothing where there is none.

    Example:
        >>> [(len(pair.annotations), len(pair.detections)) for pair in iterate("TUD-Campus", "pairs")]
        [(359, 222)]
    """
    format_ = find_format(path, format)[0]
    if content not in _CONTENTS:
        raise DataError(f"no content {shown(content)}", remedy=f"known: {', '.join(_CONTENTS)}")
    if content == "pairs":
        every = videos(path, options, format_)
        return chain.from_iterable(read_video(video, options, format_) for video in every)
    return _sequences(as_path(path), content, format_, options)


def places(path: str | Path, content: Content, options: ReadingOptions, format: Format) -> list[Place]:
    """Where the sequences lie that :func:`iterate` yields: one place each, or a file that holds several.

    Raises:
        DataError: there is none.
    """
    found = _places(as_path(path), content, options, format)
    if not found:
        raise format.nothing_at(as_path(path), options, [content])
    return found


def _places(path: Path, content: Content, options: ReadingOptions, format: Format) -> list[Place]:
    format.check_options(options)
    found = format.places(path, content, options)
    return [place for place in found if place.name is None or options.wants(place.name)]


def read_place(place: Place, content: Content, options: ReadingOptions, format: Format) -> Iterator[Sequence]:
    """Yields the sequences of one place, as :func:`iterate` does of all.

    Raises:
        DataError: a row breaks a rule of :class:`Sequence`.
    """
    for raw in format.sequences(place, content, options, raise_it):
        yield _checked(raw, content, options)


def _sequences(path: Path, content: Content, format_: Format, options: ReadingOptions) -> Iterator[Sequence]:
    for raw in format_.read(path, content, options, raise_it):
        yield _checked(raw, content, options)


def _checked(raw: RawSequence, content: Content, options: ReadingOptions) -> Sequence:
    sequence = raw.check()
    if options.identities or content == "tracks":
        raw.require_identities(options.classes)
    return choose_classes(sequence, options.classes)


def videos(
    path: str | Path, options: ReadingOptions, format: Format, contents: Iterable[Content] | None = None
) -> list[Video]:
    """Where there is something to read of each video, if there is; files that hold several are one.

    Example:
        >>> [video.name for video in videos("sample", ReadingOptions(), find_format("sample")[0])]
        ['TUD-Stadtmitte', 'TUD-Campus']
    """
    path = as_path(path)
    found: dict[str | None, dict[Content, tuple[Place, ...]]] = {}
    for content in format.contents(path, options) if contents is None else contents:
        for place in _places(path, content, options, format):
            here = found.setdefault(place.name, {})
            here[content] = (*here.get(content, ()), place)
    return [Video(name, there) for name, there in found.items()]


def read_video(video: Video, options: ReadingOptions, format: Format) -> Iterator[Pair]:
    """Yields annotations and detections side by side, as :func:`iterate` does of all videos."""
    annotations, detections = (_of_video(video, kind, options, format) for kind in KINDS)
    passed: dict[str, Sequence] = {}  # detections that were met on the way to others
    for truth in annotations:
        found = passed.pop(truth.name, None)
        while found is None and (met := next(detections, None)) is not None:
            if met.name == truth.name:
                found = met
            else:
                passed[met.name] = met
        yield Pair(truth, found)
    for rest in [*passed.values(), *detections]:
        yield Pair(None, rest)


def _of_video(video: Video, content: Content, options: ReadingOptions, format: Format) -> Iterator[Sequence]:
    for place in video.places.get(content, ()):
        yield from read_place(place, content, options, format)
