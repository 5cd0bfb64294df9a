"""All file formats under one small interface, and telling which one a path holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from gnntrack.datasets.bdd100k import BDD100K
from gnntrack.datasets.coco_video import COCO
from gnntrack.datasets.kitti import KITTI
from gnntrack.datasets.motchallenge import MOTCHALLENGE
from gnntrack.datasets.raw import Content, RawSequence, ReadOptions
from gnntrack.datasets.text import Report, raise_it
from gnntrack.datasets.visdrone import VISDRONE
from gnntrack.datasets.yolo import YOLO
from gnntrack.errors import DataError
from gnntrack.sequence import Sequence
from gnntrack.showing import shown


class Format(Protocol):
    """A way to lay out boxes in files."""

    @property
    def name(self) -> str:
        """The word after ``--from`` and ``--to``."""

    def guess(self, path: Path) -> str | None:
        """Why ``path`` looks like this format, or None."""

    def contents(self, path: Path, options: ReadOptions) -> list[Content]:
        """What there is to read: annotations, detections."""

    def read(self, path: Path, content: Content, options: ReadOptions, report: Report) -> Iterator[RawSequence]:
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
    """The format that ``path`` looks like, and why.

    Raises:
        DataError: the path is missing or looks like none.
    """
    path = Path(path)
    if not path.exists():
        raise DataError("no such file or folder", remedy="check the path", path=path)
    try:
        for format_ in FORMATS.values():
            reason = format_.guess(path)
            if reason:
                return format_, reason
    except OSError as error:
        raise DataError(f"cannot read: {error.strerror}", remedy="check the path", path=path) from None
    raise DataError("cannot tell the format", remedy=f"pass --from with one of {', '.join(FORMATS)}", path=path)


def looks_like(path: str | Path) -> Format:
    """The format to read without being told which, where MOTChallenge's is the usual one.

    Sequence folders and text files of numbers are MOTChallenge's, whatever lies beside them or they look like besides;
    so is what looks like none.
    """
    path = Path(path)
    try:
        folders = [path, *path.iterdir()] if path.is_dir() else []
        if any((folder / file).is_file() for folder in folders for file in ("gt/gt.txt", "det/det.txt", "seqinfo.ini")):
            return MOTCHALLENGE
        found = guess(path)[0]
    except (DataError, OSError):
        return MOTCHALLENGE
    return MOTCHALLENGE if found is VISDRONE and path.is_file() else found


def read_all(
    path: str | Path, content: Content, options: ReadOptions = ReadOptions(), format_: Format | None = None
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
    path, format_ = _opened(path, format_)
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
    options: ReadOptions = ReadOptions(),
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
    path, format_ = _opened(path, format_)
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


def _opened(path: str | Path, format_: Format | None) -> tuple[Path, Format]:
    """The path, which must exist, and its format, guessed if it is not given."""
    path = Path(path)
    if not path.exists():
        raise DataError("no such file or folder", remedy="check the path", path=path)
    return path, format_ or guess(path)[0]
