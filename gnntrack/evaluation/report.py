"""Evaluation of one or many sequences: one call, one plain result."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING

from gnntrack.errors import DataError
from gnntrack.evaluation.benchmarks import BENCHMARKS, prepare
from gnntrack.evaluation.matches import Matches, match
from gnntrack.evaluation.scores import Metrics, Score, combine
from gnntrack.sequence import Sequence
from gnntrack.showing import shown

if TYPE_CHECKING:
    from gnntrack.evaluation.referees import Referee


def evaluate(
    pairs: Mapping[str, tuple[Sequence, Sequence]],
    benchmark: str = "custom",
    referee: Referee | None = None,
    workers: int = 1,
) -> dict[str, Metrics]:
    """HOTA, CLEAR, IDF1 and more of results against annotations (:meth:`gnntrack.evaluation.scores.Score.metrics`).

    Args:
        pairs: sequence name to (annotations, tracks).
        benchmark: ``mot17``, ``mot20``, ``dancetrack`` or ``custom``: what counts (:mod:`.benchmarks`).
        referee: another evaluator that scores the same rows instead of ours; it knows fewer metrics.
        workers: processes; the result does not depend on it.

    Returns:
        A row a sequence, and ``COMBINED``.

    Raises:
        DataError: no sequence has an annotation that counts, a box no identity, or the benchmark is unknown.

    Example:
        >>> from gnntrack.datasets.sample import sample
        >>> truth, tracks = sample("TUD-Campus", "annotations"), sample("TUD-Campus", "tracks")
        >>> row = evaluate({"TUD-Campus": (truth, tracks)})["COMBINED"]
        >>> f"MOTA {row['mota']:.1%}, IDF1 {row['idf1']:.1%}, {row['idsw']:.0f} switches"
        'MOTA 52.6%, IDF1 55.8%, 7 switches'
    """
    if referee is not None:
        from gnntrack.evaluation.referees import referee_rows  # motmetrics and TrackEval take a while to load

        return referee_rows({name: found.scene for name, found in match_all(pairs, benchmark).items()}, referee)
    return rows_of(score_all(pairs, benchmark, workers))


def rows_of(scores: Mapping[str, Score]) -> dict[str, Metrics]:
    """The metrics of every sequence, and ``COMBINED``."""
    return {name: score.metrics() for name, score in [*scores.items(), ("COMBINED", combine(scores.values()))]}


def score_all(
    pairs: Mapping[str, tuple[Sequence, Sequence]], benchmark: str = "custom", workers: int = 1
) -> dict[str, Score]:
    """The score of every sequence, by the rules of a benchmark.

    Args:
        pairs: sequence name to (annotations, tracks).
        benchmark: what counts.
        workers: processes; the result does not depend on it.

    Raises:
        DataError: no sequence has an annotation that counts, a box no identity, or the benchmark is unknown.
    """
    _check(pairs, benchmark)
    sides = [(truth, tracks, benchmark) for truth, tracks in pairs.values()]
    if workers <= 1 or len(sides) < 2:
        found = list(map(_score, sides))
    else:
        with ProcessPoolExecutor(min(workers, len(sides)), multiprocessing.get_context("spawn")) as pool:
            found = list(pool.map(_score, sides))
    _check_counted(pairs, benchmark, [score.objects for score in found])
    return dict(zip(pairs, found, strict=True))


def _score(sides: tuple[Sequence, Sequence, str]) -> Score:
    truth, tracks, benchmark = sides
    return Score.of(match(prepare(truth, tracks, BENCHMARKS[benchmark])))


def match_all(pairs: Mapping[str, tuple[Sequence, Sequence]], benchmark: str = "custom") -> dict[str, Matches]:
    """The table of matches of every sequence, by the rules of a benchmark.

    Args:
        pairs: sequence name to (annotations, tracks).
        benchmark: what counts.

    Raises:
        DataError: no sequence has an annotation that counts, a box no identity, or the benchmark is unknown.
    """
    _check(pairs, benchmark)
    scenes = {name: prepare(truth, tracks, BENCHMARKS[benchmark]) for name, (truth, tracks) in pairs.items()}
    _check_counted(pairs, benchmark, [len(scene.truth) for scene in scenes.values()])
    return {name: match(scene) for name, scene in scenes.items()}


def _check(pairs: Mapping[str, tuple[Sequence, Sequence]], benchmark: str) -> None:
    if benchmark not in BENCHMARKS:
        raise DataError(f"unknown benchmark {shown(benchmark)}", remedy=f"known: {', '.join(BENCHMARKS)}")
    if not pairs:
        raise DataError("nothing to evaluate", remedy="give at least one sequence")


def _check_counted(names: Iterable[str], benchmark: str, counts: list[int]) -> None:
    if not any(counts):
        problem = f"{', '.join(list(names)[:8])}: no annotation counts under {benchmark!r}"
        raise DataError(problem, remedy="check gt.txt: flags and classes")
