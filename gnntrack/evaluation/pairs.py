"""Reading what is scored: the annotations of every sequence and the results that belong to them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from gnntrack.errors import DataError, DataWarning
from gnntrack.evaluation.pair_types import Pairs, Truth
from gnntrack.evaluation.reading import about_results, place_tasks, tracks_of, truths_of
from gnntrack.evaluation.result_classes import with_classes_of
from gnntrack.evaluation.result_files import unpacked
from gnntrack.evaluation.rules import NO_CLASS
from gnntrack.formats.classes import chosen_classes, class_numbers
from gnntrack.formats.file_names import existing, files_in, stem_of
from gnntrack.formats.format import Format
from gnntrack.formats.options import ReadingOptions, SequenceInfo
from gnntrack.formats.registry import by_name, find_format
from gnntrack.remote import as_path
from gnntrack.sequence import Sequence
from gnntrack.tasks import Engine, Where, all_values, opened
from gnntrack.tasks.outcome import Task

#: Share of the gaps between annotated frames, and of the result boxes, that make a video look sparsely annotated.
SPARSE_GAPS, SPARSE_BOXES = 0.9, 0.5


def read_pairs(
    root: str | Path,
    results: str | Path,
    options: ReadingOptions,
    format_: str | Format | None = None,
    classes: tuple[str, ...] = (),
    result_options: ReadingOptions | None = None,
) -> Pairs:
    """Reads annotations and a result: :func:`read_truths`, then :func:`read_results`.

    Args:
        root: a folder of sequences, one sequence, a file, or the name of a sequence of the sample.
        results: a folder or zip of results, or one file.
        options: how tolerant reading is, and which sequences are wanted.
        format_: of the annotations; guessed if missing.
        classes: numbers or names of the classes that are read, of results too where they say theirs; empty: all.
        result_options: how results are read, if not as ``options`` say.

    Raises:
        DataError: there are no annotations, no result belongs to any of them, or a box that counts has no identity.
    """
    truths = read_truths(root, options, format_, classes)
    pairs = read_results(truths, root, results, result_options or options, wants=options.wants)
    return {name: _of_classes(*pair, classes) for name, pair in pairs.items()} if classes else pairs


def _of_classes(truth: Sequence, tracks: Sequence, classes: tuple[str, ...]) -> tuple[Sequence, Sequence]:
    """Both sides' boxes of some classes; results whose class is not known are kept."""
    wanted = [*class_numbers(truth.classes, classes), NO_CLASS]
    kept = tracks.boxes["class_id"].isin(wanted).to_numpy()
    return chosen_classes(truth, classes), tracks if kept.all() else tracks.take(kept)


def read_truths(
    root: str | Path,
    options: ReadingOptions,
    format_: str | Format | None = None,
    classes: tuple[str, ...] = (),
    workers: Where = 1,
) -> dict[str, Truth]:
    """The annotations of every sequence.

    Args:
        root: a folder of sequences, one sequence, a file, or the name of a sequence of the sample.
        options: how tolerant reading is, and which sequences are wanted.
        format_: guessed if missing.
        classes: numbers or names of the classes that will count; empty: all.
        workers: where they are read, or in how many processes.

    Raises:
        DataError: there are none, one that counts has no identity, or there is no such class.
    """
    format_ = find_format(root, format_)[0]
    with opened(workers) as engine:
        root = engine.workers.found(root)
        tasks = [{**task, "classes": classes} for task in place_tasks(root, "annotations", options, format_)]
        read_ = all_values(engine, truths_of, tasks, "reading annotations", "scores", follows=4)
    found = {truth.boxes.name: truth for truths in read_ for truth in truths}
    if not found:
        asked = options if format_.places(root, "annotations", options) else replace(options, sequences=())
        raise format_.nothing_at(as_path(root), asked, ["annotations"])
    return found


def read_results(
    truths: Mapping[str, Truth],
    root: str | Path,
    results: str | Path,
    options: ReadingOptions,
    format_: str | Format | None = None,
    only_annotated: bool = False,
    wants: Callable[[str], bool] = lambda name: True,
    workers: Where = 1,
) -> Pairs:
    """Annotations and a result side by side.

    A sequence without a result counts as all misses, a result without a sequence is ignored; of both there is a
    warning, and of videos of which only every so many frames are annotated. The boxes of results without classes are
    of class :data:`gnntrack.evaluation.rules.NO_CLASS`, all others of the annotations' number of their class.

    Args:
        truths: the annotations.
        root: where they are, for COCO's lists of results, which do not say what an image is.
        results: a folder of results (``SEQUENCE.txt``, in it or in its ``data/``), a zip of one, or the result of one
            sequence: the one that the file is named after, or the only one there is; or files of KITTI, COCO or
            BDD100K.
        options: how they are read.
        format_: of the results; guessed if missing.
        only_annotated: leave out what results have in frames without any annotation.
        wants: names of sequences that would be evaluated; others are not missed.
        workers: where they are read, or in how many processes.

    Raises:
        DataError: no result belongs to any annotations, or a box has no identity.
    """
    with unpacked(as_path(results)) as place, opened(workers) as engine:
        chosen = by_name(format_) if isinstance(format_, str) else format_ or _format_of(place)
        plain = chosen.name == "mot"
        if plain:
            found = _text_results(place, as_path(results), truths, options, engine)
        else:
            found = _other_results(place, as_path(results), truths, as_path(root), options, chosen, engine)
    for extra in sorted(set(found) - set(truths)):
        if wants(extra):
            file = as_path(results) / f"{extra}.txt" if as_path(results).is_dir() else f"{results}: {extra}"
            warnings.warn(f"{file}: no such sequence below {root}; not evaluated", DataWarning, 3)
    found = with_classes_of(found, {name: truth.boxes for name, truth in truths.items()}, plain)
    pairs = {}
    for name, truth in truths.items():
        tracks = found.get(name)
        if tracks is None and as_path(results).is_file() and plain and place.is_file():
            continue  # one text file is one sequence's
        if tracks is None:
            warnings.warn(f"{name}: no result file; scored as all misses", DataWarning, 3)
            tracks = truth.boxes.take(np.zeros(0, dtype=int))
        pairs[name] = (truth.boxes, in_annotated_frames(truth, tracks, only_annotated))
    return pairs


def _format_of(place: Path) -> Format:
    """The format of results: that of the files' first rows, MOTChallenge's where they are numbers."""
    others = [by_name(name) for name in ("coco", "bdd100k", "kitti")]
    return next((format_ for format_ in others if format_.recognise(place)), by_name("mot"))


def _text_results(
    place: Path, results: Path, truths: Mapping[str, Truth], options: ReadingOptions, engine: Engine
) -> dict[str, Sequence | None]:
    """Results in MOTChallenge's form, by sequence; None for files that no annotations are there for."""
    files = _result_files(place, results, list(truths))
    tasks = []
    for name in [name for name in truths if name in files]:
        truth = truths[name].boxes
        info = SequenceInfo(name, truth.width, truth.height, truth.frame_rate, truths[name].length)
        about = replace(options, video=info, sequences=())
        tasks += place_tasks(engine.workers.found(files[name]), "tracks", about, by_name("mot"))
    found: dict[str, Sequence | None] = dict.fromkeys(files)
    for (tracks,) in _read_results(tasks, place, results, engine):
        found[tracks.name] = tracks
    return found


def _read_results(tasks: list[Task], place: Path, results: Path, engine: Engine) -> list[list[Sequence]]:
    """The results of tasks; what was unpacked on this machine is read on it."""
    here = engine.workers.scheduler is not None and results not in (place, *place.parents)
    with opened(1 if here else engine, engine.progress) as nearest:
        return all_values(nearest, tracks_of, tasks, "reading results", "scores", follows=3)


def _result_files(place: Path, results: Path, names: list[str]) -> dict[str, Path]:
    """Sequence name to result file."""
    if place.is_file():
        if len(names) == 1:
            return {names[0]: place}
        if stem_of(place) not in names:
            problem = f"named after none of the sequences {', '.join(sorted(names)[:8])}"
            raise DataError(problem, remedy="rename it, or choose one with --sequence", path=results)
        others = ", ".join(sorted(set(names) - {stem_of(place)})[:8])
        warnings.warn(f"--pred is one file; not evaluated: {others}", DataWarning, 5)
        return {stem_of(place): place}
    found = {stem_of(path): path for path in files_in(place, ".txt")}
    _check_names(set(found), names, results, ".txt")
    return found


def _other_results(
    place: Path,
    results: Path,
    truths: Mapping[str, Truth],
    root: Path,
    options: ReadingOptions,
    format_: Format,
    engine: Engine,
) -> dict[str, Sequence | None]:
    """Results in the form of a data set, by sequence."""
    listed = existing(root / "annotations.json") if root.is_dir() else root
    if format_.name == "coco" and options.image_list is None and format_.recognise(listed):
        options = replace(options, image_list=str(engine.workers.found(listed)))
    with about_results():
        format_.check_options(options)
        tasks = place_tasks(engine.workers.found(place), "tracks", options, format_)
    read_ = _read_results(tasks, place, results, engine)
    found: dict[str, Sequence | None] = {tracks.name: tracks for each in read_ for tracks in each}
    if len(truths) == len(found) == 1 and place.is_file():
        return dict(zip(truths, found.values(), strict=True))
    _check_names(set(found), list(truths), results, f"as {format_.name}")
    return found


def _check_names(found: set[str], names: list[str], results: Path, kind: str) -> None:
    if not set(names) & found:
        listed = ", ".join(sorted(found)[:8]) or f"no {kind} file"
        raise DataError(f"found {listed}", remedy=f"expected {', '.join(sorted(names)[:8])} ({kind})", path=results)


def in_annotated_frames(truth: Truth, tracks: Sequence, only: bool) -> Sequence:
    """The result boxes in annotated frames, if only these count; else all, with a warning where that looks wrong."""
    there = np.isin(tracks.frames, truth.annotated)
    if only:
        return tracks if there.all() else tracks.take(there)
    gaps = np.diff(truth.annotated)
    if len(gaps) >= 2 and (gaps > 1).mean() >= SPARSE_GAPS and 1 - there.mean() > SPARSE_BOXES:
        every = int(np.median(gaps))
        text = f"{tracks.name}: it looks as if one frame in {every} is annotated; results in the others count as false"
        warnings.warn(f"{text}, unless --only-annotated-frames is given", DataWarning, 4)
    return tracks
