"""CLEAR metrics and IDF1, through motmetrics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import motmetrics
import numpy as np
from scipy.optimize import linear_sum_assignment

from gnntrack.geometry import iou_matrix
from gnntrack.sequence import Sequence

#: motmetrics' names and ours.
CLEAR_METRICS = {
    "mota": "mota",
    "num_switches": "idsw",
    "num_false_positives": "false_positives",
    "num_misses": "misses",
    "num_fragmentations": "fragmentations",
    "num_objects": "objects",
}
IDENTITY_METRICS = {"idf1": "idf1", "idp": "idp", "idr": "idr"}
THRESHOLD = 0.5
_TOLERANCE = float(np.finfo(float).eps)


def accumulate(truth: Sequence, tracks: Sequence) -> motmetrics.MOTAccumulator:
    """The CLEAR events of a sequence: matches, switches, misses and false positives.

    Which result belongs to which object is decided as the benchmarks decide it (TrackEval's CLEAR: pairs of the frame
    before are kept while their IoU is at least 0.5, the rest is assigned so that the summed IoU is largest), because
    motmetrics' own matching differs in crowds by a few switches in a hundred. motmetrics then counts the events.
    """
    accumulator = motmetrics.MOTAccumulator(auto_id=False)
    before: dict[int, int] = {}  # object: result it was matched with in the frame before
    for frame, objects, hypotheses, overlap in _frames(truth, tracks):
        kept = np.array([before.get(name, -1) for name in objects.tolist()])[:, None] == hypotheses[None]
        score = np.where(overlap >= THRESHOLD - _TOLERANCE, overlap + 1000.0 * kept, 0.0)
        rows, columns = linear_sum_assignment(score, maximize=True)
        matched = score[rows, columns] > 0
        rows, columns = rows[matched], columns[matched]
        distance = np.full(overlap.shape, np.nan)
        distance[rows, columns] = 1.0 - overlap[rows, columns]
        accumulator.update(objects, hypotheses, distance, frameid=frame)
        if len(objects) and len(hypotheses):
            before = dict(zip(objects[rows].tolist(), hypotheses[columns].tolist(), strict=True))
    return accumulator


def accumulate_pairs(truth: Sequence, tracks: Sequence) -> motmetrics.MOTAccumulator:
    """Every pair of IoU at least 0.5, from which motmetrics finds the identities that agree best (IDF1).

    Distances come from our own IoU: motmetrics' calls a numpy function that numpy 2 no longer has.
    """
    accumulator = motmetrics.MOTAccumulator(auto_id=False)
    for frame, objects, hypotheses, overlap in _frames(truth, tracks):
        distance = np.where(overlap >= THRESHOLD - _TOLERANCE, 1.0 - overlap, np.nan)
        accumulator.update(objects, hypotheses, distance, frameid=frame)
    return accumulator


def clear_metrics(pairs: Mapping[str, tuple[Sequence, Sequence]]) -> dict[str, dict[str, float]]:
    """CLEAR and identity metrics of every sequence and of all together (``COMBINED``), under our names.

    Args:
        pairs: sequence name to (annotations, tracks), prepared for their benchmark.
    """
    clear = _summary({name: accumulate(*pair) for name, pair in pairs.items()}, CLEAR_METRICS)
    identity = _summary({name: accumulate_pairs(*pair) for name, pair in pairs.items()}, IDENTITY_METRICS)
    return {name: clear[name] | identity[name] for name in clear}


def _frames(truth: Sequence, tracks: Sequence) -> Iterator[tuple[int, np.ndarray, np.ndarray, np.ndarray]]:
    """Yields frame, object ids ``(N,)``, result ids ``(M,)`` and their IoU ``(N, M)`` wherever there is a box."""
    ids, known = tracks.boxes["id"].to_numpy(), truth.boxes["id"].to_numpy()
    boxes, known_boxes = tracks.xywh, truth.xywh
    for frame in np.union1d(truth.frames, tracks.frames).tolist():
        objects, hypotheses = truth.rows_of(frame), tracks.rows_of(frame)
        yield frame, known[objects], ids[hypotheses], iou_matrix(known_boxes[objects], boxes[hypotheses])


def _summary(
    accumulators: dict[str, motmetrics.MOTAccumulator], metrics: dict[str, str]
) -> dict[str, dict[str, float]]:
    table = motmetrics.metrics.create().compute_many(
        list(accumulators.values()), metrics=list(metrics), names=list(accumulators), generate_overall=True
    )
    table = table.rename(columns=metrics, index={"OVERALL": "COMBINED"})
    if "mota" in table:  # without objects, divide by one as TrackEval does
        table["mota"] = table["mota"].where(table["objects"] > 0, -table["false_positives"])
    table = table.fillna(0.0) + 0.0  # shares of nothing are 0; no negative zeros
    return {name: {metric: float(value) for metric, value in row.items()} for name, row in table.iterrows()}
