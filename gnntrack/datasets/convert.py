"""From one file format to another, a task a video."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from gnntrack.errors import DataError
from gnntrack.files import noting
from gnntrack.formats.format import KINDS, Place
from gnntrack.formats.options import Content, ReadingOptions
from gnntrack.formats.registry import by_name, find_format
from gnntrack.outputs import OutputFolder, output_folder
from gnntrack.reading import read_place, videos
from gnntrack.sequence import Sequence
from gnntrack.tasks import Failures, Progress, Workers, no_progress, opened
from gnntrack.tasks.outcome import Task


@dataclass
class Conversion:
    """What was converted.

    Attributes:
        source: the format read, and why if it was guessed.
        target: the format written.
        sequences: number of sequences of each content.
        boxes: number of boxes of each content.
        skipped: rows that were dropped on request.
    """

    source: str
    target: str
    sequences: dict[str, int] = field(default_factory=dict)
    boxes: dict[str, int] = field(default_factory=dict)
    skipped: int = 0

    def summary(self) -> str:
        """One line for people."""
        parts = [f"{self.boxes[key]} {key} in {count} sequences" for key, count in self.sequences.items()]
        dropped = f"; {self.skipped} rows without a size dropped" if self.skipped else ""
        return f"{self.source} to {self.target}: {', '.join(parts) or 'nothing'}{dropped}"


@dataclass(frozen=True)
class _Part:
    """What a task has converted of one content.

    Attributes:
        names: of the sequences.
        boxes: how many.
        skipped: rows that were dropped on request.
        files: that were written: size and SHA-256 by their path.
    """

    names: tuple[str, ...]
    boxes: int
    skipped: int
    files: Mapping[Path, tuple[int, str]]


def convert(
    source: str | Path,
    output: str | Path,
    to: str,
    from_: str | None = None,
    options: ReadingOptions = ReadingOptions(),
    overwrite: bool = False,
    workers: int | Workers = 1,
    progress: Progress = no_progress,
) -> Conversion:
    """Reads everything at ``source`` and writes it below ``output`` in the format ``to``.

    The output appears as a whole or not at all: it is written beside its final place and then renamed.

    Args:
        source: a file or folder.
        output: a folder that is missing, empty or, with ``overwrite``, an earlier output.
        to: name of the format to write.
        from_: name of the format to read; guessed if missing.
        options: how tolerant reading is.
        overwrite: replace an output that exists.
        workers: where, or in how many processes; the bytes written do not depend on it.
        progress: shows how far it is.

    Raises:
        DataError: something cannot be read, held by the format, or written.
        FailedTasksError: some of many videos failed.

    Example:
        >>> import tempfile, motmetrics
        >>> source = Path(motmetrics.__file__).parent / "data" / "TUD-Campus" / "gt.txt"
        >>> options = ReadingOptions(size=(640, 480), frame_rate=25)
        >>> print(convert(source, Path(tempfile.mkdtemp()) / "out", "kitti", "mot", options).summary())
        mot to kitti: 359 annotations in 1 sequences
    """
    source, workers = Path(source), Workers.of(workers)
    reader, words = find_format(source, from_)
    writer = by_name(to)
    done = Conversion(words, to)
    every = videos(workers.found(source), options, reader)
    groups = [[video] for video in every] if writer.separate else [every] if every else []
    with output_folder(output, "convert", source=source, settings={"to": to}, overwrite=overwrite) as folder:
        where = {"folder": str(workers.found(folder.path)), "from": from_ or reader.name, "to": to, "options": options}
        failures = Failures(len(groups), workers.fail_fast)
        parts: dict[int, dict[Content, _Part]] = {}
        with opened(workers) as engine:
            outcomes = engine.run(convert_videos, [{**where, "videos": group} for group in groups])
            for outcome in progress(outcomes, len(groups), "converting"):
                parts[outcome.number] = failures.value(outcome) or {}
        failures.raise_any("files", there=False)
        _add_up([parts[number] for number in sorted(parts)], done, folder, source)
        if not done.sequences:
            raise reader.nothing_at(source, options, reader.contents(source, options))
    return done


def convert_videos(task: Task) -> dict[Content, _Part]:
    """Converts ``videos`` of the format ``from`` to files of the format ``to`` in ``folder``."""
    writer, every = by_name(task["to"]), task["videos"]
    contents = [content for content in KINDS if any(content in video.places for video in every)]
    done: dict[Content, _Part] = {}
    for content in contents:
        counts = _Counts()
        found = (place for video in every for place in video.places.get(content, ()))
        sequences = counts.passing(_read(found, content, task["options"], task["from"]))
        if not writer.separate and contents[1:]:
            empty, sequences = _peeked(sequences)
            if empty:  # a list of images alone, beside detections, holds no annotations
                continue
        with noting() as notes:
            writer.write(Path(task["folder"]), sequences, content)
        done[content] = _Part(tuple(counts.names), counts.boxes, counts.skipped, notes)
    return done


def _read(found: Iterable[Place], content: Content, options: ReadingOptions, name: str) -> Iterator[Sequence]:
    for place in found:
        yield from read_place(place, content, options, find_format(place.path, name)[0])


@dataclass
class _Counts:
    """Counts sequences as they pass."""

    names: list[str] = field(default_factory=list)
    boxes: int = 0
    skipped: int = 0

    def passing(self, sequences: Iterator[Sequence]) -> Iterator[Sequence]:
        """The same sequences."""
        for sequence in sequences:
            self.names.append(sequence.name)
            self.boxes += len(sequence)
            self.skipped += sequence.skipped
            yield sequence


def _peeked(sequences: Iterator[Sequence]) -> tuple[bool, Iterator[Sequence]]:
    """Whether none of the sequences has a box, and all of them again."""
    passed = []
    for sequence in sequences:
        passed.append(sequence)
        if len(sequence):
            return False, chain(passed, sequences)
    return True, iter(passed)


def _add_up(parts: list[dict[Content, _Part]], done: Conversion, folder: OutputFolder, source: Path) -> None:
    """Sums up what the tasks did; what turns out to be an empty list beside the other content is dropped."""
    contents = [content for content in KINDS if any(content in part for part in parts)]
    for content in contents:
        there = [part[content] for part in parts if content in part]
        if contents[1:] and not any(part.boxes for part in there):
            continue
        names = [name for part in there for name in part.names]
        if not names:
            continue
        if len(set(names)) < len(names):
            twin = next(name for name in names if names.count(name) > 1)
            raise DataError(f"two sequences are named {twin!r}", remedy="rename one", path=source)
        done.sequences[content] = len(names)
        done.boxes[content] = sum(part.boxes for part in there)
        done.skipped += sum(part.skipped for part in there)
        for part in there:
            folder.files |= {Path(path).relative_to(folder.path).as_posix(): note for path, note in part.files.items()}
