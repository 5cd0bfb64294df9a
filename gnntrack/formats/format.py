"""What a file format is: one object that says how it is recognised, what it holds, how it is read and written."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from gnntrack.errors import DataError, DataWarning
from gnntrack.files import check_inside
from gnntrack.formats.file_names import files_below, files_in, has_suffix, stem_of
from gnntrack.formats.options import Content, ReadingOptions
from gnntrack.formats.raw import RawSequence
from gnntrack.loaders.text import read_bytes, read_start
from gnntrack.sequence import Sequence

#: What a format does with a problem: raise it, or note it and go on.
Report = Callable[[DataError], None]
#: What a data set may hold; tracks lie where annotations do.
KINDS: tuple[Content, ...] = ("annotations", "detections")
#: Reading options that not every format obeys.
FORMAT_OPTIONS = ("last_column", "image_list")


def raise_it(problem: DataError) -> None:
    """The usual report: the first problem ends the reading."""
    raise problem


@dataclass(frozen=True)
class Place:
    """Where the boxes of one video lie, or those of several.

    Attributes:
        path: a file, or the folder of one video.
        name: of the video; None where the file itself names its videos.
        length: number of frames, where something beside the file says so.
    """

    path: Path
    name: str | None
    length: int = 0


class Format(ABC):
    """A way to lay out boxes in files.

    Attributes:
        name: the word after ``--from`` and ``--to``.
        aliases: other names that people use.
        expected: where files of this format lie, for errors: "expected NAME/gt/gt.txt".
        annotations: their usual file or folder, below the data set or the sequence.
        detections: the same of detections.
        separate: whether every video is written to files of its own; else all must be written at once.
        own_options: those of :data:`FORMAT_OPTIONS` that it obeys.
    """

    name: ClassVar[str]
    aliases: ClassVar[tuple[str, ...]] = ()
    expected: ClassVar[str]
    annotations: ClassVar[str]
    detections: ClassVar[str]
    separate: ClassVar[bool] = True
    own_options: ClassVar[frozenset[str]] = frozenset()

    @abstractmethod
    def recognise(self, path: Path) -> str | None:
        """Why ``path`` looks like this format, or None."""

    @abstractmethod
    def contents(self, path: Path, options: ReadingOptions) -> list[Content]:
        """What there is to read: annotations, detections."""

    @abstractmethod
    def places(self, path: Path, content: Content, options: ReadingOptions) -> list[Place]:
        """Where it lies: of every video, those too that the options leave out."""

    @abstractmethod
    def sequences(
        self, place: Place, content: Content, options: ReadingOptions, report: Report
    ) -> Iterator[RawSequence]:
        """Yields the sequences of one place, unchecked; problems of single rows or files are reported."""

    @abstractmethod
    def write(self, root: Path, sequences: Iterable[Sequence], content: Content) -> None:
        """Writes the sequences below ``root``, each file atomically."""

    def check_options(self, options: ReadingOptions) -> None:
        """Refuses the options that only other formats obey.

        Raises:
            DataError: there is one.
        """
        for name in FORMAT_OPTIONS:
            if getattr(options, name) is not None and name not in self.own_options:
                raise DataError(f"{name} does nothing for files of format {self.name}", remedy="leave it out")

    def exists(self, path: Path) -> bool:
        """Whether there is something at a path."""
        return path.exists()

    def read(self, path: Path, content: Content, options: ReadingOptions, report: Report) -> Iterator[RawSequence]:
        """Yields the sequences one by one, unchecked.

        Raises:
            DataError: nothing lies there; or ``report`` raises it.
        """
        places = self.places(path, content, options)
        if not places:
            raise self.nothing_at(path, replace(options, sequences=()))
        for place in places:
            if place.name is None or options.wants(place.name):
                try:
                    yield from self.sequences(place, content, options, report)
                except DataError as problem:
                    report(problem)

    def usual_place(self, content: Content, options: ReadingOptions = ReadingOptions()) -> str:
        """The file or folder of a content: the usual one, or that of the chosen detections."""
        if content == "detections":
            return options.detections or self.detections
        return self.annotations

    def sequence_names(self, path: Path, contents: Iterable[Content], options: ReadingOptions) -> list[str]:
        """The names of all sequences that can be read, those too that the options leave out."""
        names: dict[str, None] = {}
        with warnings.catch_warnings(), suppress(DataError):
            warnings.simplefilter("ignore", DataWarning)
            for content in contents:
                for raw in self.read(path, content, replace(options, sequences=()), lambda _: None):
                    names[raw.info.name] = None
        return list(names)

    def nothing_at(self, path: Path, options: ReadingOptions, contents: Iterable[Content] = KINDS) -> DataError:
        """The error where no sequence was found: which there are instead, or what lies there and what was expected."""
        if options.sequences:
            names = self.sequence_names(path, contents, options)
            if names:
                wanted = ", ".join(options.sequences)
                return DataError(f"no sequence {wanted}", remedy=f"found {', '.join(names[:8])}", path=path)
        wishes = f", --detections {options.detections}" if options.detections else ""
        found = ", ".join(files_below(path)) or "nothing"
        return DataError(f"nothing to read as {self.name}{wishes}; found {found}", remedy=self.expected, path=path)


class FolderFormat(Format):
    """A format that keeps the files of each content in a folder: one file, or a folder of files named after videos.

    Attributes:
        suffix: of the files.
        named_inside: whether the files name their videos themselves.
    """

    suffix: ClassVar[str]
    named_inside: ClassVar[bool] = False

    def folder(self, path: Path, content: Content, options: ReadingOptions) -> Path:
        """The folder of a content, whether it is there or not."""
        return path / self.usual_place(content, options)

    def contents(self, path: Path, options: ReadingOptions) -> list[Content]:
        """What there is to read."""
        return [kind for kind in KINDS if self.folder(path, kind, options).is_dir()] or ["annotations"]

    def files(self, path: Path, content: Content, options: ReadingOptions) -> list[Path]:
        """The files of a content: those of its folder, or those that lie at the path itself."""
        if path.is_file():
            return [path] if has_suffix(path, self.suffix) or not self.named_inside else []
        folder = self.folder(path, content, options)
        return files_in(folder if folder.is_dir() else path, self.suffix)

    def first_file(self, path: Path) -> Path | None:
        """The first file of any content."""
        return next((file for kind in KINDS for file in self.files(path, kind, ReadingOptions())), None)

    def first_bytes(self, path: Path, most: int | None = None) -> tuple[str, bytes]:
        """The name of the first file and its first bytes, or all; nothing where there is none or it cannot be read."""
        file = self.first_file(path)
        if file is None:
            return "", b""
        try:
            return file.name, read_bytes(file) if most is None else read_start(file, most)
        except DataError:
            return file.name, b""

    def places(self, path: Path, content: Content, options: ReadingOptions) -> list[Place]:
        """Where a content lies: a place a file."""
        files = self.files(path, content, options)
        return [
            Place(check_inside(file, path, file.parent), None if self.named_inside else stem_of(file)) for file in files
        ]
