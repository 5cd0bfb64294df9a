"""Evaluation of one or many sequences: one call, one plain result."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from gnntrack.datasets.classes import chosen_classes
from gnntrack.datasets.formats import Format, looks_like, read_all
from gnntrack.datasets.motchallenge import (
    MOTCHALLENGE,
    ReadOptions,
    SequenceInfo,
    find_folders,
    read_file,
    read_folder,
    read_info,
)
from gnntrack.datasets.sample import SAMPLES, sample
from gnntrack.errors import DataError, DataWarning
from gnntrack.evaluation.benchmarks import BENCHMARKS, prepare
from gnntrack.evaluation.clear import clear_metrics
from gnntrack.evaluation.hota import hota_metrics, trackeval_input
from gnntrack.sequence import Sequence

#: A row of results: metric name to value. Shares are between 0 and 1, except MOTA, which has no lower bound.
Metrics = dict[str, float]


def evaluate(pairs: Mapping[str, tuple[Sequence, Sequence]], benchmark: str = "custom") -> dict[str, Metrics]:
    """CLEAR, IDF1 and HOTA of results against annotations.

    Args:
        pairs: sequence name to (annotations, tracks).
        benchmark: ``mot17``, ``mot20``, ``dancetrack`` or ``custom``: what counts (:mod:`.benchmarks`).

    Returns:
        A row a sequence, and ``COMBINED``.

    Raises:
        DataError: a sequence has no annotation that counts, or the benchmark is unknown.

    Example:
        >>> from gnntrack.datasets.sample import sample
        >>> truth, tracks = sample("TUD-Campus", "annotations"), sample("TUD-Campus", "tracks")
        >>> row = evaluate({"TUD-Campus": (truth, tracks)})["COMBINED"]
        >>> f"MOTA {row['mota']:.1%}, IDF1 {row['idf1']:.1%}, {row['idsw']:.0f} switches"
        'MOTA 52.6%, IDF1 55.8%, 7 switches'
    """
    if benchmark not in BENCHMARKS:
        raise DataError(f"unknown benchmark {benchmark!r}", remedy=f"known: {', '.join(BENCHMARKS)}")
    if not pairs:
        raise DataError("nothing to evaluate", remedy="give at least one sequence")
    prepared = {}
    for name, (truth, tracks) in pairs.items():
        prepared[name] = prepare(truth, tracks, BENCHMARKS[benchmark])
        if not len(prepared[name][0]):
            raise DataError(
                f"{name}: no annotation counts under {benchmark!r}", remedy="check gt.txt: flags and classes"
            )
    clear = clear_metrics(prepared)
    hota = hota_metrics({name: trackeval_input(*pair) for name, pair in prepared.items()})
    return {name: hota[name] | clear[name] for name in [*pairs, "COMBINED"]}


def read_pairs(
    root: str | Path,
    results: str | Path,
    options: ReadOptions,
    format_: Format | None = None,
    classes: tuple[str, ...] = (),
) -> dict[str, tuple[Sequence, Sequence]]:
    """Reads the annotations below ``root`` and ``<sequence>.txt`` below ``results``.

    A sequence without a result file counts as all misses, a result file without a sequence is ignored; of both there
    is a warning.

    Args:
        root: a folder of sequences, one sequence, or the name of a sequence of the sample.
        results: the folder of results.
        options: how tolerant reading is, and which sequences are wanted.
        format_: of the annotations; guessed if missing (:func:`gnntrack.datasets.formats.looks_like`).
        classes: numbers or names of the classes whose annotations count; empty: all. Results say no class.

    Raises:
        DataError: there are no annotations, or no result file belongs to any of them.
    """
    truths = _read_truths(root, options, format_)
    truths = {name: (chosen_classes(truth, classes), length) for name, (truth, length) in truths.items()}
    results = Path(results)
    if not results.is_dir():
        raise DataError("no such folder", remedy="give the folder that holds SEQUENCE.txt", path=results)
    found = {path.stem: path for path in sorted(results.glob("*.txt"))}
    if not set(truths) & set(found):
        listed = ", ".join(sorted(found)) or "no .txt file"
        raise DataError(f"found {listed}", remedy=f"expected {', '.join(sorted(truths))} (.txt)", path=results)
    for extra in sorted(set(found) - set(truths)):
        warnings.warn(f"{found[extra]}: no such sequence below {root}; not evaluated", DataWarning, 2)
    pairs = {}
    for name, (truth, length) in truths.items():
        if name in found:
            info = SequenceInfo(name, truth.width, truth.height, truth.frame_rate, length)
            tracks = read_file(found[name], "tracks", options, info)
        else:
            warnings.warn(f"{name}: no result file; scored as all misses", DataWarning, 2)
            tracks = truth.take(np.zeros(0, dtype=int))
        pairs[name] = (truth, tracks)
    return pairs


def _read_truths(root: str | Path, options: ReadOptions, format_: Format | None) -> dict[str, tuple[Sequence, int]]:
    """The annotations of every sequence, with its length where that is known, else 0 (results may go on longer)."""
    if str(root) in SAMPLES and not Path(root).exists():
        truth = sample(str(root), "annotations")
        return {truth.name: (truth, truth.length)}
    format_ = format_ or looks_like(root)
    if format_ is not MOTCHALLENGE:
        found = {truth.name: (truth, 0) for truth in read_all(root, "annotations", options, format_)}
        if not found:
            raise DataError(f"no annotations as {format_.name}", remedy="check the path and --sequence", path=root)
        return found
    folders = [folder for folder in find_folders(root) if (folder / "gt").is_dir()]
    folders = [folder for folder in folders if options.wants(folder.resolve().name)]
    if not folders:
        raise DataError("no annotations", remedy="expected NAME/gt/gt.txt", path=root)
    truths = [(read_folder(folder, "annotations", options), read_info(folder).length) for folder in folders]
    return {truth.name: (truth, length) for truth, length in truths}
