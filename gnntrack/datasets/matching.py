"""Which annotated identity is each detection? Per frame, the best one-to-one overlap."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy.optimize import linear_sum_assignment

from gnntrack.geometry import iou_matrix, share_inside
from gnntrack.sequence import Sequence

#: Overlaps count to this power: a box that fits well says more than two that fit badly.
SHARPNESS = 4
#: Boxes of consecutive frames that are each other's nearest, from this IoU up, are taken for the same object; the share
#: of what is known of one that then counts for the other.
SAME, KEPT = 0.6, 0.8
#: Boxes times identities that are compared at once: bounds the memory, whatever the length of the video.
CELLS = 10_000_000


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


def follow_identities(detections: Sequence, annotations: Sequence, threshold: float = 0.5) -> np.ndarray:
    """The same, but a box that goes on as before keeps its identity: ``(len(detections),)`` int64.

    Where two people pass, the best one-to-one overlap of single frames gives the box of the one in front to the one
    behind as soon as there is a scrap of a second box::

        frame    box of 13           scrap     best overlaps       here
        144      82, 879, 158×302    —         11                  13, as before
        145      84, 880, 155×300    62, 873   13, and scrap: 11   13, and scrap: 11

    No one can learn to follow that. So what the frames before and after say counts too, along boxes that
    hardly move, each frame farther away by :data:`KEPT` less.

    Args:
        detections: the boxes to label.
        annotations: ground truth of the same video.
        threshold: smallest IoU of a match.
    """
    identity = np.full(len(detections), -1, dtype=np.int64)
    if not len(detections) or not len(annotations):
        return identity
    names, number = np.unique(annotations.boxes["id"].to_numpy(), return_inverse=True)
    boxes, truth = detections.xywh, annotations.xywh
    frames = list(detections.by_frame())
    sure = detections.boxes["conf"].to_numpy().astype(np.float32)[:, None]
    forwards, backwards = _steps(frames, boxes), _steps(frames[::-1], boxes)
    row, column, value = [], [], []
    width = max(1, CELLS // len(boxes))  # identities do not touch each other before they are matched
    for first in range(0, len(names), width):
        overlap = np.zeros((len(boxes), min(width, len(names) - first)), dtype=np.float32)
        for frame, rows in frames:
            known = annotations.rows_of(frame)
            place = number[known] - first
            inside = (place >= 0) & (place < overlap.shape[1])
            overlap[rows, place[inside]] = iou_matrix(boxes[rows], truth[known][inside])
        here = overlap**SHARPNESS * sure
        evidence = _along(forwards, here) + _along(backwards, here) - here
        found, matched = np.nonzero((overlap >= threshold) & (evidence > 0))
        row.append(found)
        column.append(matched + first)
        value.append(evidence[found, matched])
    found, matched, evidence = np.concatenate(row), np.concatenate(column), np.concatenate(value)
    order = np.argsort(found, kind="stable")
    found, matched, evidence = found[order], matched[order], evidence[order]
    for _, rows in frames:
        low, high = np.searchsorted(found, [rows.start, rows.stop])
        there, place = np.unique(matched[low:high], return_inverse=True)
        table = np.zeros((rows.stop - rows.start, len(there)), dtype=np.float32)
        table[found[low:high] - rows.start, place] = evidence[low:high]
        who, whose = linear_sum_assignment(table, maximize=True)
        kept = table[who, whose] > 0
        identity[rows.start + who[kept]] = names[there[whose[kept]]]
    return identity


def in_regions(detections: Sequence, regions: Sequence, share: float = 0.5) -> np.ndarray:
    """Which detections lie in a region by ``share`` of their area or more: ``(len(detections),)`` bool.

    Args:
        detections: the boxes.
        regions: boxes that mark regions of the same video.
        share: of a detection's area, in one region.
    """
    inside = np.zeros(len(detections), dtype=bool)
    boxes, marked = detections.xywh, regions.xywh
    for frame, rows in detections.by_frame():
        there = marked[regions.rows_of(frame)]
        inside[rows] = (share_inside(boxes[rows][:, None], there[None]) >= share).any(1)
    return inside


#: A step from a frame to the next: rows before, rows now, the nearest one before of each, the share that it hands on.
Step = tuple[slice, slice, np.ndarray, np.ndarray]


def _steps(frames: list[tuple[int, slice]], boxes: np.ndarray) -> list[Step]:
    """Which boxes of neighbouring frames are taken for the same object, in the order of ``frames``."""
    steps = []
    for (before, past), (frame, rows) in pairwise(frames):
        if abs(frame - before) != 1:
            continue
        overlap = iou_matrix(boxes[rows], boxes[past])
        nearest, largest = overlap.argmax(1), overlap.max(1)
        mutual = (overlap.argmax(0)[nearest] == np.arange(len(nearest))) & (largest > SAME)
        steps.append((past, rows, nearest, np.where(mutual, KEPT * largest**2, 0.0).astype(np.float32)))
    return steps


def _along(steps: list[Step], here: np.ndarray) -> np.ndarray:
    """Adds to every box ``(N, ·)`` what was known of the same object in the frames so far."""
    known = here.copy()
    for past, rows, nearest, share in steps:
        known[rows] += share[:, None] * known[past][nearest]
    return known
