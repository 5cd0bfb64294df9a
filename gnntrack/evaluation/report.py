"""Evaluation of one or many sequences: one call, one plain result."""

from __future__ import annotations

from collections.abc import Mapping
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
    pairs: Mapping[str, tuple[Sequence, Sequence]], benchmark: str = "custom", referee: Referee | None = None
) -> dict[str, Metrics]:
    """HOTA, CLEAR, IDF1 and more of results against annotations (:meth:`gnntrack.evaluation.scores.Score.metrics`).

    Args:
        pairs: sequence name to (annotations, tracks).
        benchmark: ``mot17``, ``mot20``, ``dancetrack`` or ``custom``: what counts (:mod:`.benchmarks`).
        referee: another evaluator that scores the same rows instead of ours; it knows fewer metrics.

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
    matches = match_all(pairs, benchmark)
    if referee is not None:
        from gnntrack.evaluation.referees import referee_rows  # motmetrics and TrackEval take a while to load

        return referee_rows({name: found.scene for name, found in matches.items()}, referee)
    scores = {name: Score.of(found) for name, found in matches.items()}
    return {name: score.metrics() for name, score in [*scores.items(), ("COMBINED", combine(scores.values()))]}


def match_all(pairs: Mapping[str, tuple[Sequence, Sequence]], benchmark: str = "custom") -> dict[str, Matches]:
    """The table of matches of every sequence, by the rules of a benchmark.

    Args:
        pairs: sequence name to (annotations, tracks).
        benchmark: what counts.

    Raises:
        DataError: no sequence has an annotation that counts, a box no identity, or the benchmark is unknown.
    """
    if benchmark not in BENCHMARKS:
        raise DataError(f"unknown benchmark {shown(benchmark)}", remedy=f"known: {', '.join(BENCHMARKS)}")
    if not pairs:
        raise DataError("nothing to evaluate", remedy="give at least one sequence")
    scenes = {name: prepare(truth, tracks, BENCHMARKS[benchmark]) for name, (truth, tracks) in pairs.items()}
    if not any(len(scene.truth) for scene in scenes.values()):
        problem = f"{', '.join(list(pairs)[:8])}: no annotation counts under {shown(benchmark)}"
        raise DataError(problem, remedy="check gt.txt: flags and classes")
    return {name: match(scene) for name, scene in scenes.items()}
