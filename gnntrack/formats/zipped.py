"""Zip files of any other format, as annotation tools export them (CVAT's MOT 1.1, benchmarks' results).

A zip is unpacked into a temporary folder, which is kept until another one is read or the program ends, and read as what
it holds. Errors name the zip and the file in it.
"""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import NoReturn

from gnntrack.checks import Origin
from gnntrack.errors import DataError, MachineError
from gnntrack.formats.format import FORMAT_OPTIONS, Format, Place, Report
from gnntrack.formats.options import Content, ReadingOptions
from gnntrack.formats.raw import RawSequence
from gnntrack.loaders.archives import is_zip, unpack
from gnntrack.sequence import Sequence

_SUFFIXES = (".txt", ".json", ".xml", ".csv", ".tsv", ".parquet", ".npy", ".ini", ".gz", ".seqmap")
#: Folders that are a part of a data set, not the whole of it.
_CONTENTS = ("gt", "det", "labels", "annotations", "detections", "label_02", "det_02", "data")


class Unpacked:
    """The content of a zip, for as long as this object lives.

    Args:
        path: the zip.

    Attributes:
        folder: where it lies; named after the zip.
    """

    def __init__(self, path: Path) -> None:
        place = tempfile.TemporaryDirectory(prefix="gnntrack-", ignore_cleanup_errors=True)
        self._end = weakref.finalize(self, place.cleanup)
        top = Path(place.name) / path.stem
        top.mkdir()
        unpack(path, top, _SUFFIXES)
        inside = list(top.iterdir())
        alone = len(inside) == 1 and inside[0].is_dir() and inside[0].name not in _CONTENTS
        self.folder = inside[0] if alone else top


@lru_cache(maxsize=1)
def _unpacked(path: Path, size: int, changed: int) -> Unpacked:
    return Unpacked(path)


def unpacked(path: Path) -> Unpacked:
    """The content of a zip: unpacked once, while no other is read in between and it stays as it is.

    Raises:
        DataError: it is no zip that may be unpacked.
    """
    facts = path.stat()
    return _unpacked(path.resolve(), facts.st_size, facts.st_mtime_ns)


@dataclass(frozen=True)
class ZippedOrigin:
    """The rows of a file in a zip.

    Attributes:
        origin: of the unpacked file.
        path: of the zip, and of the file in it.
    """

    origin: Origin
    path: str

    def line(self, row: int) -> int | None:
        """The line in the file."""
        return self.origin.line(row)

    def label(self, row: int) -> str:
        """The label in the file."""
        return self.origin.label(row)


class Zipped(Format):
    """A zip of another format.

    Args:
        find: the format of a folder, and why.
    """

    name = "zip"
    expected = "expected a zip of files in another format"
    annotations, detections = "gt/gt.txt", "det/det.txt"
    own_options = frozenset(FORMAT_OPTIONS)  # whatever lies inside

    def __init__(self, find: Callable[[Path], tuple[Format, str]]) -> None:
        self._find = find

    def recognise(self, path: Path) -> str | None:
        """Why ``path`` looks like this format, or None."""
        if not is_zip(path):
            return None
        with _naming(path) as inside:
            found, reason = self._find(inside)
            return f"a zip of {found.name}: {reason}"

    def contents(self, path: Path, options: ReadingOptions) -> list[Content]:
        """What there is to read."""
        with _naming(path) as inside:
            return self._find(inside)[0].contents(inside, options)

    def places(self, path: Path, content: Content, options: ReadingOptions) -> list[Place]:
        """The zip."""
        return [Place(path, None)]

    def sequences(
        self, place: Place, content: Content, options: ReadingOptions, report: Report
    ) -> Iterator[RawSequence]:
        """Yields what the format inside yields."""
        with _naming(place.path) as inside:
            found, zipped = self._find(inside)[0], place.path
            for raw in found.read(inside, content, options, lambda problem: report(_named(problem, inside, zipped))):
                path = _shown(raw.origin.path, inside, zipped)
                yield replace(raw, origin=ZippedOrigin(raw.origin, path))

    def write(self, root: Path, sequences: Iterable[Sequence], content: Content) -> NoReturn:
        """Raises: zips are read only."""
        raise MachineError("zips can only be read", remedy="convert to another format and pack it")


@contextmanager
def _naming(path: Path) -> Iterator[Path]:
    """Yields the unpacked content of a zip; errors in the block name the zip."""
    inside = unpacked(path).folder
    try:
        yield inside
    except DataError as problem:
        raise _named(problem, inside, path) from None


def _named(problem: DataError, inside: Path, path: Path) -> DataError:
    """The problem of an unpacked file as one of the zip."""
    where = path if problem.path is None else _shown(str(problem.path), inside, path)
    return DataError(problem.problem, remedy=problem.remedy, path=where, line=problem.line)


def _shown(place: str, inside: Path, path: Path) -> str:
    """An unpacked file as the zip and the file in it."""
    found = Path(place)
    return str(path / found.relative_to(inside).as_posix()) if found.is_relative_to(inside) else place
