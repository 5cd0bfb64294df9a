"""From one file format to another, a task a video."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

from gnntrack.errors import DataError
from gnntrack.files import noting
from gnntrack.formats.format import KINDS
from gnntrack.formats.options import Content, ReadingOptions
from gnntrack.formats.registry import by_name, find_format
from gnntrack.outputs import output_folder
from gnntrack.outputs.finished import FinishedTasks, Notes
from gnntrack.outputs.place_contents import place_contents
from gnntrack.outputs.results import hash_of
from gnntrack.reading import Video, read_place, videos
from gnntrack.recipes import Settings
from gnntrack.remote import as_path
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
        finished: tasks that an earlier run had done; None: all was there already.
    """

    source: str
    target: str
    sequences: dict[str, int] = field(default_factory=dict)
    boxes: dict[str, int] = field(default_factory=dict)
    skipped: int = 0
    finished: int | None = 0

    def summary(self) -> str:
        """One line for people."""
        if self.finished is None:
            return f"{self.source} to {self.target}: finished before, from the same files"
        parts = [f"{self.boxes[key]} {key} in {count} sequences" for key, count in self.sequences.items()]
        dropped = f"; {self.skipped} rows without a size dropped" if self.skipped else ""
        before = f"; {self.finished} videos were finished before" if self.finished else ""
        return f"{self.source} to {self.target}: {', '.join(parts) or 'nothing'}{dropped}{before}"


class _Part(Settings):
    """What a task has converted of one content.

    Attributes:
        names: of the sequences.
        boxes: how many.
        skipped: rows that were dropped on request.
        files: that were written, as paths in the folder.
    """

    names: tuple[str, ...]
    boxes: int
    skipped: int
    files: tuple[str, ...]


class _Parts(Settings):
    """What a task has converted, by content."""

    by_content: dict[Content, _Part]


def convert(
    source: str | Path,
    output: str | Path,
    to: str,
    from_: str | None = None,
    options: ReadingOptions = ReadingOptions(),
    overwrite: bool = False,
    workers: int | Workers = 1,
    progress: Progress = no_progress,
    resume: bool = False,
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
        resume: go on where an earlier run was stopped: videos whose files are as they were then are not converted
            again.

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
    if resume and overwrite:
        raise DataError("--resume with --overwrite", remedy="leave one of them out")
    source, workers = as_path(source), Workers.of(workers)
    reader, words = find_format(source, from_)
    writer = by_name(to)
    done = Conversion(words, to)
    every = videos(workers.found(source), options, reader)
    groups = [[video] for video in every] if writer.separate else [every] if every else []
    made_from = _made_from(groups, workers.found(source), options, {"from": from_ or reader.name, "to": to})
    settings = {"to": to, "made_from": hash_of(made_from)}
    with output_folder(
        output, "convert", source=source, settings=settings, overwrite=overwrite, resume=resume
    ) as folder:
        if resume and folder.earlier is not None:
            folder.keep_earlier = True
            return replace(done, finished=None)
        where = {"folder": workers.found(folder.path), "from": from_ or reader.name, "to": to, "options": options}
        where |= {"fail_fast": workers.fail_fast}
        failures = Failures(len(groups), workers.fail_fast)
        tasks = FinishedTasks(folder, made_from, _Parts, resume)
        done.finished = len(tasks.results)
        with opened(workers) as engine:
            todo = [{**where, "about": groups[number][0].name, "videos": groups[number]} for number in tasks.left]
            outcomes = engine.run(convert_videos, todo)
            for outcome in progress(outcomes, len(tasks.left), "converting"):
                made = failures.value(outcome)
                if made is not None:
                    tasks.add(outcome.number, *made)
        failures.raise_any("files", there=False)
        unwanted = _add_up([part for _, part in sorted(tasks.results.items())], done, source)
        folder.files = {name: note for name, note in folder.files.items() if name not in unwanted}
        if not done.sequences:
            raise reader.nothing_at(source, options, reader.contents(source, options))
    return done


def _made_from(groups: list[list[Video]], source: Path, options: ReadingOptions, formats: dict[str, str]) -> list[str]:
    """What decides the files of every task, as SHA-256: what is read, and how it is read and written."""
    of = [[place for video in group for found in video.places.values() for place in found] for group in groups]
    beside = [] if options.image_list is None else [as_path(options.image_list)]
    contents = place_contents(source, {place.path for places in of for place in places}, beside)
    how = [repr(replace(options, image_list=None)), formats]
    return [hash_of([*how, [[each.name, contents[each.path]] for each in places]]) for places in of]


def convert_videos(task: Task) -> tuple[_Parts, Notes]:
    """Converts ``videos`` of the format ``from`` to files of the format ``to`` in ``folder``."""
    writer, every, folder = by_name(task["to"]), task["videos"], task["folder"]
    failures = Failures(len(every), task["fail_fast"])
    contents = [content for content in KINDS if any(content in video.places for video in every)]
    done, written = dict[Content, _Part](), Notes()
    for content in contents:
        counts = _Counts()
        sequences = counts.passing(_read(every, content, task["options"], task["from"], failures))
        if not writer.separate and contents[1:]:
            empty, sequences = _peeked(sequences)
            if empty:  # a list of images alone, beside detections, holds no annotations
                continue
        with noting() as notes:
            writer.write(folder, sequences, content)
        files = {path.relative_to(folder).as_posix(): note for path, note in notes.items()}
        written |= files
        names = tuple(counts.names)
        done[content] = _Part(names=names, boxes=counts.boxes, skipped=counts.skipped, files=tuple(sorted(files)))
    failures.raise_any("files", there=False)
    return _Parts(by_content=done), written


def _read(
    every: list[Video], content: Content, options: ReadingOptions, name: str, failures: Failures
) -> Iterator[Sequence]:
    """The sequences of all videos; what is wrong with one of several is noted, and the others are read."""
    for number, video in enumerate(every):
        try:
            for place in video.places.get(content, ()):
                yield from read_place(place, content, options, find_format(place.path, name)[0])
        except DataError as error:
            failures.note(number, error)


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


def _add_up(parts: list[_Parts], done: Conversion, source: Path) -> set[str]:
    """Sums up what the tasks did; returns files that are not wanted: empty lists beside the other content."""
    contents = [content for content in KINDS if any(content in part.by_content for part in parts)]
    unwanted: set[str] = set()
    for content in contents:
        there = [part.by_content[content] for part in parts if content in part.by_content]
        names = [name for part in there for name in part.names]
        if not names or (contents[1:] and not any(part.boxes for part in there)):
            unwanted.update(name for part in there for name in part.files)
            continue
        if len(set(names)) < len(names):
            twin = next(name for name in names if names.count(name) > 1)
            raise DataError(f"two sequences are named {twin!r}", remedy="rename one", path=source)
        done.sequences[content] = len(names)
        done.boxes[content] = sum(part.boxes for part in there)
        done.skipped += sum(part.skipped for part in there)
    kept = {
        name
        for part in parts
        for content, each in part.by_content.items()
        if content in done.sequences
        for name in each.files
    }
    return unwanted - kept
