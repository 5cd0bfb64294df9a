"""All file formats under one small interface, and telling which one a path holds."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from gnntrack.errors import DataError, DataWarning
from gnntrack.formats.bdd100k import BDD100K
from gnntrack.formats.coco import COCO
from gnntrack.formats.file_names import files_below
from gnntrack.formats.kitti import KITTI
from gnntrack.formats.mot import MOTCHALLENGE, has_boxes
from gnntrack.formats.number_files import Report, raise_it
from gnntrack.formats.raw import Content, RawSequence, ReadingOptions
from gnntrack.formats.visdrone import VISDRONE
from gnntrack.formats.yolo import YOLO
from gnntrack.sequence import Sequence
from gnntrack.showing import shown


class Format(Protocol):
    """A way to lay out boxes in files."""

    @property
    def name(self) -> str:
        """The word after ``--from`` and ``--to``."""

    @property
    def expected(self) -> str:
        """Where files of this format lie, for errors: "expected NAME/gt/gt.txt"."""

    def guess(self, path: Path) -> str | None:
        """Why ``path`` looks like this format, or None."""

    def contents(self, path: Path, options: ReadingOptions) -> list[Content]:
        """What there is to read: annotations, detections."""

    def read(self, path: Path, content: Content, options: ReadingOptions, report: Report) -> Iterator[RawSequence]:
        """Yields the sequences one by one, unchecked."""

    def write(self, root: Path, sequences: Iterable[Sequence], content: Content) -> None:
        """Writes the sequences below ``root``, each file atomically."""


#: In the order in which they are guessed: the most specific first.
FORMATS: dict[str, Format] = {format_.name: format_ for format_ in (COCO, BDD100K, KITTI, VISDRONE, YOLO, MOTCHALLENGE)}


#: Other names that people use.
ALIASES = {
    "motchallenge": "mot",
    "dancetrack": "mot",
    "sportsmot": "mot",
    "coco-video": "coco",
    "tao": "coco",
    "bdd": "bdd100k",
    "scalabel": "bdd100k",
}


def by_name(name: str) -> Format:
    """The format of this name.

    Raises:
        DataError: there is none.
    """
    name = ALIASES.get(name, name)
    if name not in FORMATS:
        raise DataError(f"no format {shown(name)}", remedy=f"known: {', '.join(FORMATS)}")
    return FORMATS[name]


def guess(path: str | Path) -> tuple[Format, str]:
    """The format that ``path`` looks like, and why; every verb guesses with this.

    Sequence folders with ``gt/gt.txt`` or ``det/det.txt`` are MOTChallenge's, whatever lies beside them.

    Raises:
        DataError: the path is missing or looks like none.
    """
    path = Path(path)
    if not path.exists():
        raise DataError("no such file or folder", remedy="check the path", path=path)
    try:
        for folder in [path, *sorted(path.iterdir())] if path.is_dir() else []:
            if has_boxes(folder):
                return MOTCHALLENGE, f"{folder.name} holds gt/gt.txt or det/det.txt"
        for format_ in FORMATS.values():
            reason = format_.guess(path)
            if reason:
                return format_, reason
        found = ", ".join(files_below(path)) if path.is_dir() else ""
        below = [entry for entry in sorted(path.iterdir()) if _holds_sequences(entry)] if path.is_dir() else []
    except OSError as error:
        raise DataError(f"cannot read: {error.strerror}", remedy="check the path", path=path) from None
    known = f"pass --from with one of {', '.join(FORMATS)}"
    remedy = f"name one of its folders, such as {below[0]}" if below else known
    raise DataError(f"cannot tell the format{found and '; found '}{found}", remedy=remedy, path=path)


def _holds_sequences(folder: Path) -> bool:
    return folder.is_dir() and any(has_boxes(entry) for entry in folder.iterdir() if entry.is_dir())


def choose(path: str | Path, named: str | Format | None = None) -> tuple[Format, str]:
    """The format asked for, or the one that the path looks like, in words with the reason.

    Raises:
        DataError: the path is missing, no format has that name, or none was named and the path looks like none.
    """
    if isinstance(named, str):
        named = by_name(named)
    if not Path(path).exists():
        raise DataError("no such file or folder", remedy="check the path", path=path)
    if named is not None:
        return named, named.name
    format_, reason = guess(path)
    return format_, f"{format_.name} (guessed: {reason})"


def nothing_read(path: str | Path, format_: Format, contents: Iterable[Content], options: ReadingOptions) -> DataError:
    """The error where no sequence was found: which there are instead, or what lies there and what was expected."""
    if options.sequences:
        names = sequence_names(path, format_, contents, options)
        if names:
            wanted = ", ".join(options.sequences)
            return DataError(f"no sequence {wanted}", remedy=f"found {', '.join(names[:8])}", path=path)
    path = Path(path)
    wishes = f", --detections {options.detections}" if options.detections else ""
    found = ", ".join(files_below(path)) or "nothing"
    return DataError(f"nothing to read as {format_.name}{wishes}; found {found}", remedy=format_.expected, path=path)


def sequence_names(
    path: str | Path, format_: Format, contents: Iterable[Content], options: ReadingOptions
) -> list[str]:
    """The names of all sequences that can be read, those too that the options leave out."""
    names: dict[str, None] = {}
    with warnings.catch_warnings(), suppress(DataError):
        warnings.simplefilter("ignore", DataWarning)
        for content in contents:
            for raw in format_.read(Path(path), content, replace(options, sequences=()), lambda _: None):
                names[raw.info.name] = None
    return list(names)


def read_all(
    path: str | Path, content: Content, options: ReadingOptions = ReadingOptions(), format_: Format | None = None
) -> Iterator[Sequence]:
    """Yields the checked sequences at ``path``, one by one.

    Args:
        path: a file or folder.
        content: what to read.
        options: how tolerant reading is.
        format_: the format; guessed if missing.

    Raises:
        DataError: nothing to read, or a row breaks a rule.
    """
    path, format_ = Path(path), choose(path, format_)[0]
    for raw in format_.read(path, content, options, raise_it):
        yield raw.check()


@dataclass(frozen=True)
class Pair:
    """What there is of one video.

    Attributes:
        annotations: with identities, or None.
        detections: without, or None.
    """

    annotations: Sequence | None
    detections: Sequence | None


def read_pairs(
    path: str | Path,
    options: ReadingOptions = ReadingOptions(),
    format_: Format | None = None,
    wanted: tuple[Content, ...] = ("annotations", "detections"),
) -> Iterator[Pair]:
    """Yields annotations and detections of every sequence at ``path``, side by side, one sequence at a time.

    Args:
        path: a file or folder.
        options: how tolerant reading is.
        format_: the format; guessed if missing.
        wanted: what to read of what is there.

    Raises:
        DataError: nothing to read, or a row breaks a rule.
    """
    path, format_ = Path(path), choose(path, format_)[0]
    contents = [content for content in format_.contents(path, options) if content in wanted]
    kinds: tuple[Content, Content] = ("annotations", "detections")
    streams = [read_all(path, kind, options, format_) if kind in contents else iter(()) for kind in kinds]
    passed: dict[str, Sequence] = {}  # detections that were met on the way to others
    for truth in streams[0]:
        detections = passed.pop(truth.name, None)
        while detections is None and (met := next(streams[1], None)) is not None:
            if met.name == truth.name:
                detections = met
            else:
                passed[met.name] = met
        yield Pair(truth, detections)
    for detections in [*passed.values(), *streams[1]]:
        yield Pair(None, detections)
