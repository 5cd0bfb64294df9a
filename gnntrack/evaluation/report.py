"""Evaluation of one or many sequences: one call, one plain result."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, TypeVar

import pandas as pd

from gnntrack.errors import DataError
from gnntrack.evaluation.benchmarks import BENCHMARKS, prepare
from gnntrack.evaluation.errors import errors_in
from gnntrack.evaluation.matches import Matches, match
from gnntrack.evaluation.scores import Metrics, Score, combine
from gnntrack.sequence import Sequence
from gnntrack.showing import shown

if TYPE_CHECKING:
    from gnntrack.evaluation.referees import Referee

Found = TypeVar("Found")


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
    return for_each(pairs, benchmark, workers, Score.of)


def scores_and_errors(
    pairs: Mapping[str, tuple[Sequence, Sequence]], benchmark: str = "custom", workers: int = 1
) -> tuple[dict[str, Score], dict[str, pd.DataFrame]]:
    """The score of every sequence, and its errors (:func:`gnntrack.evaluation.errors.errors_in`), from one matching.

    Args and errors are those of :func:`score_all`.
    """
    found = for_each(pairs, benchmark, workers, _score_and_errors)
    return {name: score for name, (score, _) in found.items()}, {name: errors for name, (_, errors) in found.items()}


def for_each(
    pairs: Mapping[str, tuple[Sequence, Sequence]], benchmark: str, workers: int, work: Callable[[Matches], Found]
) -> dict[str, Found]:
    """What ``work`` makes of the matches of every sequence.

    Args:
        pairs: sequence name to (annotations, tracks).
        benchmark: what counts.
        workers: processes; they want a ``work`` that has a name in a module.
        work: is given a sequence's table of matches.

    Raises:
        DataError: no sequence has an annotation that counts, a box no identity, or the benchmark is unknown.
    """
    if benchmark not in BENCHMARKS:
        raise DataError(f"unknown benchmark {shown(benchmark)}", remedy=f"known: {', '.join(BENCHMARKS)}")
    if not pairs:
        raise DataError("nothing to evaluate", remedy="give at least one sequence")
    sides = [(*pair, benchmark, work) for pair in pairs.values()]
    if workers <= 1 or len(sides) < 2:
        found = list(map(_matched, sides))
    else:
        with ProcessPoolExecutor(min(workers, len(sides)), multiprocessing.get_context("spawn")) as pool:
            found = list(pool.map(_matched, sides))
    if not any(count for count, _ in found):
        problem = f"{', '.join(list(pairs)[:8])}: no annotation counts under {benchmark!r}"
        raise DataError(problem, remedy="check gt.txt: flags and classes")
    return dict(zip(pairs, (each for _, each in found), strict=True))


def _matched(sides: tuple[Sequence, Sequence, str, Callable[[Matches], Found]]) -> tuple[int, Found]:
    truth, tracks, benchmark, work = sides
    matches = match(prepare(truth, tracks, BENCHMARKS[benchmark]))
    return len(matches.truth), work(matches)


def _score_and_errors(matches: Matches) -> tuple[Score, pd.DataFrame]:
    return Score.of(matches), errors_in(matches)


def match_all(pairs: Mapping[str, tuple[Sequence, Sequence]], benchmark: str = "custom") -> dict[str, Matches]:
    """The table of matches of every sequence, by the rules of a benchmark.

    Args and errors are those of :func:`score_all`.
    """
    return for_each(pairs, benchmark, 1, _itself)


def _itself(matches: Matches) -> Matches:
    return matches
