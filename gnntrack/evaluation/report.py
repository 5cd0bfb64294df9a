"""Evaluation of one or many sequences: one call, one plain result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import pandas as pd

from gnntrack.errors import DataError
from gnntrack.evaluation.benchmarks import Benchmark, by_class, for_pairs
from gnntrack.evaluation.classes import ClassScores, ScoredClasses, class_scores
from gnntrack.evaluation.errors import errors_in, in_order
from gnntrack.evaluation.matches import Matches, match
from gnntrack.evaluation.rules import rules_of
from gnntrack.evaluation.scores import Metrics, Score, combine
from gnntrack.sequence import Sequence
from gnntrack.tasks import Where, all_values, opened
from gnntrack.tasks.outcome import Task

if TYPE_CHECKING:
    from gnntrack.evaluation.referees import Referee

Found = TypeVar("Found")


def evaluate(
    pairs: Mapping[str, tuple[Sequence, Sequence]],
    benchmark: str | Benchmark = "custom",
    referee: Referee | None = None,
    workers: Where = 1,
) -> dict[str, Metrics]:
    """HOTA, CLEAR, IDF1 and more of results against annotations (:meth:`gnntrack.evaluation.scores.Score.metrics`).

    Args:
        pairs: sequence name to (annotations, tracks).
        benchmark: what counts: rules, or the name of some (:data:`gnntrack.evaluation.rules.BENCHMARKS`).
        referee: another evaluator that scores the same rows instead of ours; it knows fewer metrics.
        workers: where sequences are scored, or in how many processes; the result does not depend on it.

    Returns:
        A row a sequence, and ``COMBINED``; where several classes are scored apart, also a row a class over all
        sequences, ``COMBINED/NAME``, and the mean of those, ``COMBINED/class mean``.

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

        found = for_each(pairs, benchmark, 1, _itself)
        scenes = {
            name if len(classes) == 1 else f"{name}/{label}": matches.scene
            for name, classes in found.items()
            for label, matches in classes.items()
        }
        return referee_rows(scenes, referee)
    scores = score_classes(pairs, benchmark, workers)
    return rows_of(scores.all()) | scores.rows()


def rows_of(scores: Mapping[str, Score]) -> dict[str, Metrics]:
    """The metrics of every sequence, and ``COMBINED``."""
    return {name: score.metrics() for name, score in [*scores.items(), ("COMBINED", combine(scores.values()))]}


def score_all(
    pairs: Mapping[str, tuple[Sequence, Sequence]],
    benchmark: str | Benchmark = "custom",
    workers: Where = 1,
) -> dict[str, Score]:
    """The score of every sequence, all classes together, by the rules of a benchmark (:func:`score_classes`)."""
    return score_classes(pairs, benchmark, workers).all()


def score_classes(
    pairs: Mapping[str, tuple[Sequence, Sequence]],
    benchmark: str | Benchmark = "custom",
    workers: Where = 1,
) -> ScoredClasses:
    """The score of every class of every sequence, by the rules of a benchmark.

    Args:
        pairs: sequence name to (annotations, tracks).
        benchmark: what counts.
        workers: where sequences are scored, or in how many processes; the result does not depend on it.

    Raises:
        DataError: no sequence has an annotation that counts, a box no identity, or the benchmark is unknown.
    """
    return ScoredClasses(for_each(pairs, benchmark, workers, class_scores))


def scores_and_errors(
    pairs: Mapping[str, tuple[Sequence, Sequence]],
    benchmark: str | Benchmark = "custom",
    workers: Where = 1,
) -> tuple[ScoredClasses, dict[str, pd.DataFrame]]:
    """The same, and every sequence's errors (:func:`gnntrack.evaluation.errors.errors_in`), from one matching.

    Args and errors are those of :func:`score_classes`.
    """
    found = for_each(pairs, benchmark, workers, _scores_and_errors)
    scores = ScoredClasses({name: score for name, (score, _) in found.items()})
    return scores, {name: errors for name, (_, errors) in found.items()}


def for_each(
    pairs: Mapping[str, tuple[Sequence, Sequence]],
    benchmark: str | Benchmark,
    workers: Where,
    work: Callable[[Mapping[str, Matches]], Found],
) -> dict[str, Found]:
    """What ``work`` makes of the matches of every sequence.

    Args:
        pairs: sequence name to (annotations, tracks).
        benchmark: what counts.
        workers: where, or in how many processes; they want a ``work`` that has a name in a module.
        work: is given a sequence's tables of matches, one a class.

    Raises:
        DataError: no sequence has an annotation that counts, a box no identity, or the benchmark is unknown.
        FailedTasksError: some of many sequences cannot be scored.
    """
    rules = rules_of(benchmark)
    if not pairs:
        raise DataError("nothing to evaluate", remedy="give at least one sequence")
    rules = for_pairs(rules, pairs.values())
    tasks = [
        {"about": name, "truth": truth, "tracks": tracks, "rules": rules, "work": work}
        for name, (truth, tracks) in pairs.items()
    ]
    with opened(workers) as engine:
        found = all_values(engine, _matched, tasks, "scoring", "scores")
    if not any(count for count, _ in found):
        problem = f"{', '.join(list(pairs)[:8])}: no annotation counts under {rules.name!r}"
        other = "" if rules.name == "custom" else ", or pass --benchmark custom"
        raise DataError(problem, remedy=f"check the annotations' flags and classes, and --class{other}")
    return dict(zip(pairs, (each for _, each in found), strict=True))


def _matched(task: Task) -> tuple[int, Any]:
    """What ``work`` makes of a sequence's matches, and how many annotations count."""
    scenes = by_class(task["truth"], task["tracks"], task["rules"])
    matches = {label: match(scene) for label, scene in scenes.items()}
    return sum(len(found.truth) for found in matches.values()), task["work"](matches)


def _scores_and_errors(found: Mapping[str, Matches]) -> tuple[ClassScores, pd.DataFrame]:
    return class_scores(found), in_order([errors_in(matches) for matches in found.values()])


def _itself(found: Mapping[str, Matches]) -> Mapping[str, Matches]:
    return found
