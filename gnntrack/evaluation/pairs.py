"""Reading what is scored: the annotations of every sequence and the results that belong to them."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np

from gnntrack.datasets.classes import chosen_classes
from gnntrack.datasets.file_names import files_in, stem_of
from gnntrack.datasets.formats import Format, choose, nothing_read
from gnntrack.datasets.motchallenge import MOTCHALLENGE, read_raw
from gnntrack.datasets.raw import ReadOptions, SequenceInfo
from gnntrack.datasets.sample import SAMPLES, sample
from gnntrack.datasets.text import raise_it
from gnntrack.errors import DataError, DataWarning
from gnntrack.evaluation.identities import REMEDIES
from gnntrack.sequence import Sequence

#: A sequence's annotations, and its length where that is known, else 0: results may go on longer.
Truth = tuple[Sequence, int]


def read_pairs(
    root: str | Path,
    results: str | Path,
    options: ReadOptions,
    format_: Format | None = None,
    classes: tuple[str, ...] = (),
    result_options: ReadOptions | None = None,
) -> dict[str, tuple[Sequence, Sequence]]:
    """Reads the annotations at ``root`` and ``<sequence>.txt`` below ``results``.

    A sequence without a result file counts as all misses, a result file without a sequence is ignored; of both there
    is a warning.

    Args:
        root: a folder of sequences, one sequence, a file, or the name of a sequence of the sample.
        results: the folder of results, or the result of one sequence: the one that the file is named after, or the
            only one there is.
        options: how tolerant reading is, and which sequences are wanted.
        format_: of the annotations; guessed if missing.
        classes: numbers or names of the classes whose annotations count; empty: all. Results say no class.
        result_options: how results are read, if not as ``options`` say.

    Raises:
        DataError: there are no annotations, no result file belongs to any of them, or a box that counts has no
            identity.
    """
    truths = _read_truths(root, options, format_, classes)
    found = _result_files(Path(results), list(truths))
    for extra in sorted(set(found) - set(truths)):
        if options.wants(extra):
            warnings.warn(f"{found[extra]}: no such sequence below {root}; not evaluated", DataWarning, 2)
    pairs = {}
    for name, (truth, length) in truths.items():
        if name in found:
            info = SequenceInfo(name, truth.width, truth.height, truth.frame_rate, length)
            tracks = _read_result(found[name], result_options or options, info)
        elif Path(results).is_file():
            continue
        else:
            warnings.warn(f"{name}: no result file; scored as all misses", DataWarning, 2)
            tracks = truth.take(np.zeros(0, dtype=int))
        pairs[name] = (truth, tracks)
    return pairs


def _result_files(results: Path, names: list[str]) -> dict[str, Path]:
    """Sequence name to result file."""
    expected = f"expected {', '.join(sorted(names)[:8])} (.txt)"
    if results.is_file():
        if len(names) == 1:
            return {names[0]: results}
        if stem_of(results) not in names:
            problem = f"named after none of the sequences {', '.join(sorted(names)[:8])}"
            raise DataError(problem, remedy="rename it, or choose one with --sequence", path=results)
        others = ", ".join(sorted(set(names) - {stem_of(results)})[:8])
        warnings.warn(f"--pred is one file; not evaluated: {others}", DataWarning, 3)
        return {stem_of(results): results}
    if not results.is_dir():
        raise DataError("no such file or folder", remedy="give the folder that holds SEQUENCE.txt", path=results)
    found = {stem_of(path): path for path in files_in(results, ".txt")}
    if not set(names) & set(found):
        raise DataError(f"found {', '.join(sorted(found)[:8]) or 'no .txt file'}", remedy=expected, path=results)
    return found


def _read_result(path: Path, options: ReadOptions, info: SequenceInfo) -> Sequence:
    """A result, whose boxes must all have identities."""
    try:
        raw = read_raw(path, "tracks", options, info)
        tracks = raw.check()
    except DataError as error:
        remedy = error.remedy.replace("--frame-base", "--pred-frame-base")
        raise DataError(error.problem, remedy=remedy, path=error.path, line=error.line) from None
    raw.require_identities(REMEDIES["results"])
    return tracks


def _read_truths(
    root: str | Path, options: ReadOptions, format_: Format | None, classes: tuple[str, ...]
) -> dict[str, Truth]:
    """The annotations of every sequence, those of the chosen classes."""
    if str(root) in SAMPLES and not Path(root).exists():
        truth = sample(str(root), "annotations")
        return {truth.name: (chosen_classes(truth, classes), truth.length)}
    format_ = choose(root, format_)[0]
    found = {}
    for raw in format_.read(Path(root), "annotations", options, raise_it):
        truth = chosen_classes(raw.check(), classes)
        raw.require_identities(REMEDIES["annotations"], classes)
        found[truth.name] = truth, raw.info.length if format_ is MOTCHALLENGE else 0
    if not found:
        raise nothing_read(root, format_, ["annotations"], options)
    return found
