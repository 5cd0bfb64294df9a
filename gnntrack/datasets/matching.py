"""Which annotated identity is each detection? Per frame, the best one-to-one overlap."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment

from gnntrack.boxes import iou_matrix
from gnntrack.sequence import Sequence


def match_frame(a: np.ndarray, b: np.ndarray, threshold: float = 0.5) -> tuple[np.ndarray, np.ndarray]:
    """Matches boxes one to one so that the summed IoU is largest, among pairs of IoU ≥ ``threshold``.

    Args:
        a: ``(N, 4)`` xywh.
        b: ``(M, 4)`` xywh.
        threshold: smallest IoU of a match.

    Returns:
        Positions in ``a`` and in ``b``, one entry a match.

    Example:
        >>> a = np.array([[0.0, 0, 10, 10], [50, 0, 10, 10]])
        >>> match_frame(a, a[::-1])
        (array([0, 1]), array([1, 0]))
    """
    if not len(a) or not len(b):
        return np.zeros(0, dtype=int), np.zeros(0, dtype=int)
    overlap = iou_matrix(a, b)
    overlap = np.where(overlap >= threshold, overlap, 0.0)
    rows, columns = linear_sum_assignment(overlap, maximize=True)
    kept = overlap[rows, columns] > 0
    return rows[kept], columns[kept]


def match_identities(detections: Sequence, annotations: Sequence, threshold: float = 0.5) -> np.ndarray:
    """The annotated identity of each detection, −1 for a false positive: ``(len(detections),)`` int64.

    Args:
        detections: the boxes to label.
        annotations: ground truth of the same video.
        threshold: smallest IoU of a match.
    """
    identity = np.full(len(detections), -1, dtype=np.int64)
    truth_ids = annotations.boxes["id"].to_numpy()
    boxes, truth = detections.xywh, annotations.xywh
    for frame, rows in detections.by_frame():
        known = annotations.rows_of(frame)
        found, matched = match_frame(boxes[rows], truth[known], threshold)
        identity[rows.start + found] = truth_ids[known][matched]
    return identity
