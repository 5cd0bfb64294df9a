"""Evaluation of one or many sequences: one call, one plain result."""

from __future__ import annotations

from collections.abc import Mapping

from gnntrack.errors import DataError
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
        DataError: no sequence has an annotation that counts, a box has no identity, or the benchmark is unknown.

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
    prepared = {name: prepare(truth, tracks, BENCHMARKS[benchmark]) for name, (truth, tracks) in pairs.items()}
    if not any(len(truth) for truth, _ in prepared.values()):
        problem = f"{', '.join(list(pairs)[:8])}: no annotation counts under {benchmark!r}"
        raise DataError(problem, remedy="check gt.txt: flags and classes")
    clear = clear_metrics(prepared)
    hota = hota_metrics({name: trackeval_input(*pair) for name, pair in prepared.items()})
    return {name: hota[name] | clear[name] for name in [*pairs, "COMBINED"]}
