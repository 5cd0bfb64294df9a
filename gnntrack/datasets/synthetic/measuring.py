"""A detector on one video that has annotations too: matched, and in figures."""

from __future__ import annotations

import numpy as np

from gnntrack.datasets.matching import follow_identities, match_frame
from gnntrack.datasets.synthetic.moves import GROWTH, SHIFT, moves_between
from gnntrack.datasets.synthetic.occlusion import levels
from gnntrack.geometry import iou_matrix
from gnntrack.sequence import Sequence


class Measured:
    """One video, matched: every frame by itself, or so that boxes that go on keep their object."""

    def __init__(self, truth: Sequence, detections: Sequence, follow: bool = False) -> None:
        self.truth = truth.take(truth.boxes["conf"].to_numpy() > 0)
        self.detections = detections
        self.match = np.full(len(self.truth), -1)
        boxes, found = self.truth.xywh, detections.xywh
        names = self.truth.boxes["id"].to_numpy()
        identity = follow_identities(detections, self.truth) if follow else None
        self.nearest = np.full(len(detections), -1)
        self.overlap = np.zeros(len(detections))
        for frame, rows in detections.by_frame():
            known = self.truth.rows_of(frame)
            if known.start == known.stop:
                continue
            if identity is None:
                a, b = match_frame(boxes[known], found[rows])
            else:
                a, b = np.nonzero(names[known][:, None] == identity[rows])
            self.match[known.start + a] = rows.start + b
            table = iou_matrix(found[rows], boxes[known])
            self.nearest[rows] = known.start + table.argmax(1)
            self.overlap[rows] = table.max(1)
        self.found = self.match >= 0
        self.false = np.setdiff1d(np.arange(len(detections)), self.match[self.found])
        self.occlusion, self.size = levels(self.truth)
        self.moves = moves_between(boxes[self.found], found[self.match[self.found]])
        self.conf = detections.boxes["conf"].to_numpy()[self.match[self.found]]


def miss_runs(items: list[tuple[Sequence, np.ndarray]]) -> float:
    """Share of misses that are followed by a miss in the track's next box."""
    again = missed = 0
    for truth, found in items:
        order = np.lexsort([truth.frames, truth.boxes["id"].to_numpy()])
        identity, lost = truth.boxes["id"].to_numpy()[order], ~found[order]
        pairs = (identity[1:] == identity[:-1]) & lost[:-1]
        missed += int(pairs.sum())
        again += int((pairs & lost[1:]).sum())
    return again / missed if missed else 0.0


def measure_jitter(item: Measured) -> dict[str, float]:
    """Standard deviations of position and size, mean confidence of hits, and how often a miss follows a miss."""
    return {
        "jitter_position": round(float(item.moves[:, SHIFT].std()), 5) if len(item.moves) else 0.0,
        "jitter_size": round(float(item.moves[:, GROWTH].std()), 5) if len(item.moves) else 0.0,
        "confidence": round(float(item.conf.mean()), 5) if len(item.conf) else 0.0,
        "miss_follows_miss": round(miss_runs([(item.truth, item.found)]), 5),
    }
