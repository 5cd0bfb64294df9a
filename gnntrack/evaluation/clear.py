"""CLEAR metrics and IDF1, through motmetrics."""

from __future__ import annotations

import motmetrics
import numpy as np
import pandas as pd

from gnntrack.boxes import iou_matrix
from gnntrack.sequence import Sequence

#: motmetrics' names and ours.
METRICS = {
    "mota": "mota",
    "idf1": "idf1",
    "idp": "idp",
    "idr": "idr",
    "num_switches": "idsw",
    "num_false_positives": "false_positives",
    "num_misses": "misses",
    "num_fragmentations": "fragmentations",
    "num_objects": "objects",
}
THRESHOLD = 0.5


def accumulate(truth: Sequence, tracks: Sequence) -> motmetrics.MOTAccumulator:
    """Feeds both sequences to motmetrics, frame by frame; boxes of IoU under 0.5 cannot be matched.

    Distances come from our own IoU: motmetrics' calls a numpy function that numpy 2 no longer has.
    """
    accumulator = motmetrics.MOTAccumulator(auto_id=False)
    ids, known = tracks.boxes["id"].to_numpy(), truth.boxes["id"].to_numpy()
    boxes, known_boxes = tracks.xywh, truth.xywh
    for frame in np.union1d(truth.frames, tracks.frames).tolist():
        objects, hypotheses = truth.rows_of(frame), tracks.rows_of(frame)
        distance = 1.0 - iou_matrix(known_boxes[objects], boxes[hypotheses])
        distance[distance > 1.0 - THRESHOLD + 1e-12] = np.nan
        accumulator.update(known[objects], ids[hypotheses], distance, frameid=frame)
    return accumulator


def clear_metrics(accumulators: dict[str, motmetrics.MOTAccumulator]) -> dict[str, dict[str, float]]:
    """CLEAR and identity metrics of every sequence and of all together (``COMBINED``), under our names."""
    table: pd.DataFrame = motmetrics.metrics.create().compute_many(
        list(accumulators.values()), metrics=list(METRICS), names=list(accumulators), generate_overall=True
    )
    table = table.rename(columns=METRICS, index={"OVERALL": "COMBINED"})
    return {name: {metric: float(value) for metric, value in row.items()} for name, row in table.iterrows()}
