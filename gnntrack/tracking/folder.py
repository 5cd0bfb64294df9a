"""Every sequence of a source, tracked into a folder: a task a sequence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from gnntrack.errors import DataError
from gnntrack.formats.options import ReadingOptions
from gnntrack.formats.registry import find_format
from gnntrack.formats.track_files import track_file, write_track_file
from gnntrack.outputs.manifest import digest
from gnntrack.outputs.results import ResultFolder, hash_of, result_folder
from gnntrack.reading import places
from gnntrack.remote import as_path
from gnntrack.sequence import Sequence
from gnntrack.tasks import Failures, Outcome, Progress, Workers, no_progress, opened
from gnntrack.tracking.by_sequence import Examined, Tracked, TrackSettings, examine, place_task, track_place

#: Seconds of one process that a box and a frame cost, about.
_BOX, _FRAME = 5e-5, 5e-4
#: Tracking costs so many times as much as reading, about.
_TRACKING = 6.0
#: Sequences that are read before it is clear how much work there is.
_FEW = 4


@dataclass(frozen=True)
class TrackSource:
    """Whose boxes are tracked.

    Attributes:
        path: a file or folder.
        options: how it is read.
        format: of the files; recognised if missing.
    """

    path: str | Path
    options: ReadingOptions = ReadingOptions()
    format: str | None = None


def track_folder(
    source: TrackSource,
    output: Path,
    settings: TrackSettings,
    *,
    workers: Workers = Workers(),
    overwrite: bool = False,
    resume: bool = False,
    prepare: Callable[[], object] = lambda: None,
    progress: Progress = no_progress,
) -> Iterator[str]:
    """Tracks every sequence of a source; yields a line for people on each, in the order of the source.

    All sequences are read first: what their classes are decides what the files look like, and results that are there
    are kept only if they were made from the same boxes.

    Args:
        source: whose boxes are tracked.
        output: the folder to write.
        settings: how.
        workers: where.
        overwrite: replace files.
        resume: keep what an earlier run has finished.
        prepare: called before the first is tracked, once all could be.
        progress: shows how far it is.

    Raises:
        DataError: nothing can be read or written.
        FailedTasksError: some sequences failed; the others are there.
    """
    format_, _ = find_format(source.path, source.format)
    options = source.options
    if options.image_list is not None:
        options = replace(options, image_list=str(workers.found(options.image_list)))
    found = places(workers.found(source.path), "detections", options, format_)
    tasks = [place_task(place, options, source.format or format_.name) for place in found]
    with opened(workers) as engine:
        failures = Failures(len(tasks), workers.fail_fast)
        looked = engine.run(examine, [{**task, "classes": settings.classes} for task in tasks], follows=_TRACKING)
        examined: dict[int, list[Examined]] = {}
        for outcome in progress(looked, len(tasks), "reading"):
            examined[outcome.number] = failures.value(outcome) or []
            if len(examined) == _FEW and not resume:  # then little may be left
                engine.soon(track_place, len(tasks) / _FEW * _seconds(chain(*examined.values())))
        everything = [each for number in sorted(examined) for each in examined[number]]
        if not everything and not failures.errors:
            raise format_.nothing_at(as_path(source.path), source.options, ["detections"])
        _refuse_twins(everything, source)
        kinds = frozenset().union(*(each.kinds for each in everything))
        settings = replace(settings, several_classes=len(kinds) > 1)
        wanted = _wanted(everything, output, settings)
        with result_folder(
            output,
            "track",
            wanted,
            settings=settings.plain(),
            source=source.path,
            overwrite=overwrite,
            resume=resume,
        ) as folder:
            prepare()
            unreadable = len(failures.errors) if settings.to != "coco" else 0
            yield from _said(folder, len(wanted) + unreadable)
            left = {number: _left(each, folder, output, settings) for number, each in examined.items()}
            numbers = [number for number, names in sorted(left.items()) if names]
            more = {"settings": settings, "output": workers.found(output)}
            todo = [{**tasks[number], **more, "wanted": left[number]} for number in numbers]
            sizes = [each for number in numbers for each in examined[number] if each.name in left[number]]
            outcomes = progress(engine.run(track_place, todo, _seconds(sizes)), len(todo), "tracking")
            renumbered = (replace(outcome, number=numbers[outcome.number]) for outcome in outcomes)
            yield from _written(renumbered, numbers, folder, output, settings, failures)
            folder.whole = not failures.errors
    failures.raise_any("tracks", there=settings.to != "coco")


def _seconds(sequences: Iterable[Examined]) -> float:
    """That one process takes to track them, about."""
    return sum(each.boxes * _BOX + each.frames * _FRAME for each in sequences)


def _refuse_twins(everything: list[Examined], source: TrackSource) -> None:
    names = [each.name for each in everything]
    if len(set(names)) < len(names):
        twin = next(name for name in names if names.count(name) > 1)
        raise DataError(f"two sequences are named {twin!r}", remedy="rename one", path=source.path)


def _wanted(everything: list[Examined], output: Path, settings: TrackSettings) -> dict[str, str]:
    """The files that will be written, each with the hash of what it is made from."""
    if settings.to == "coco":
        return {track_file(output, "", "coco").name: hash_of([each.hash for each in everything])}
    return {track_file(output, each.name, settings.to).name: each.hash for each in everything}


def _left(examined: list[Examined], folder: ResultFolder, output: Path, settings: TrackSettings) -> dict[str, str]:
    """The sequences of a place that are not finished, each with its hash."""
    files = {each.name: track_file(output, each.name, settings.to).name for each in examined}
    return {each.name: each.hash for each in examined if files[each.name] not in folder.finished}


def _said(folder: ResultFolder, count: int) -> Iterator[str]:
    """What is there already."""
    if folder.finished:
        yield f"{folder.path}: {len(folder.finished)} of {count} files are finished"
    if folder.again:
        yield f"{folder.path}: {folder.again} files were made from other boxes or settings and are made again"


def _written(
    outcomes: Iterator[Outcome[list[Tracked]]],
    numbers: list[int],
    folder: ResultFolder,
    output: Path,
    settings: TrackSettings,
    failures: Failures,
) -> Iterator[str]:
    """Notes every file; yields the lines in the order of the source."""
    waiting: dict[int, list[str]] = {}
    joint: dict[int, list[Sequence]] = {}
    order = iter(numbers)
    due = next(order, None)
    for outcome in outcomes:
        tracked = failures.value(outcome) or []
        for each in tracked:
            if each.tracks is None:
                folder.add(track_file(output, each.name, settings.to).name, each.size, each.sha256)
        joint[outcome.number] = [each.tracks for each in tracked if each.tracks is not None]
        waiting[outcome.number] = [f"{track_file(output, each.name, settings.to)}: {each.summary}" for each in tracked]
        while due in waiting:
            yield from waiting.pop(due)
            due = next(order, None)
    if settings.to == "coco" and numbers and not failures.errors:
        path = track_file(output, "", "coco")
        write_track_file(path, [tracks for number in sorted(joint) for tracks in joint[number]], "coco")
        folder.add(path.name, *digest(path))
