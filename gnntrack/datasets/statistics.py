"""Figures that describe a sequence: how long, how dense, how broken its tracks are."""

from __future__ import annotations

from typing import Any

import numpy as np

from gnntrack.datasets.matching import match_frame
from gnntrack.geometry import iou_matrix
from gnntrack.sequence import BOX, Sequence

#: Boxes that overlap another of their frame by more than this count as occluded.
OCCLUDED = 0.3
#: Boxes of a frame that are compared with the others at once.
_BLOCK = 64


def describe(sequence: Sequence) -> dict[str, Any]:
    """Counts, track lengths, gaps, density, sizes and overlap of one sequence.

    Example:
        >>> from gnntrack.datasets.sample import sample
        >>> figures = describe(sample("TUD-Campus", "annotations"))
        >>> figures["frames"], figures["boxes"], figures["identities"], figures["track_length"]["max"]
        (71, 359, 8, 71)
    """
    table = sequence.boxes
    frames, counts = np.unique(sequence.frames, return_counts=True)
    overlap = largest_overlap(sequence)
    figures: dict[str, Any] = {
        "name": sequence.name,
        "frames": sequence.length,
        "frames_without_boxes": sequence.length - len(frames),
        "boxes": len(sequence),
        "width": sequence.width,
        "height": sequence.height,
        "frame_rate": sequence.frame_rate,
        "boxes_per_frame": spread(counts),
        "box_width": spread(table["w"].to_numpy()),
        "box_height": spread(table["h"].to_numpy()),
        "occluded": _share(overlap > OCCLUDED),
        "identical_boxes": int(table.duplicated(["frame", *BOX]).sum()),
        "not_evaluated": int((table["conf"] == 0).sum()),
        "classes": {str(key): int(count) for key, count in table["class_id"].value_counts(sort=False).items()},
    }
    return figures | _tracks(sequence)


def _tracks(sequence: Sequence) -> dict[str, Any]:
    """Lengths and gaps of the tracks; nothing where no identity is known."""
    known = sequence.boxes[sequence.boxes["id"] >= 0]
    if known.empty:
        return {"identities": 0}
    order = np.lexsort([known["frame"].to_numpy(), known["id"].to_numpy()])
    identity, frame = known["id"].to_numpy()[order], known["frame"].to_numpy()[order]
    same = identity[1:] == identity[:-1]
    missing = np.diff(frame)[same] - 1
    _, lengths = np.unique(identity, return_counts=True)
    return {
        "identities": len(lengths),
        "track_length": spread(lengths),
        "gaps": int((missing > 0).sum()),
        "longest_gap": int(missing.max(initial=0)),
    }


def spread(values: np.ndarray) -> dict[str, float]:
    """Smallest, median, mean and largest value; zeros where there is none.

    Example:
        >>> spread(np.array([1, 2, 6]))
        {'min': 1, 'median': 2, 'mean': 3, 'max': 6}
    """
    if not len(values):
        return {"min": 0, "median": 0, "mean": 0, "max": 0}
    figures = {"min": values.min(), "median": np.median(values), "mean": values.mean(), "max": values.max()}
    return {key: _short(float(value)) for key, value in figures.items()}


def largest_overlap(sequence: Sequence) -> np.ndarray:
    """The largest IoU of every box with another box of its frame: ``(N,)``."""
    result = np.zeros(len(sequence))
    boxes = sequence.xywh
    for _, rows in sequence.by_frame():
        for start in range(rows.start, rows.stop if rows.stop - rows.start > 1 else rows.start, _BLOCK):
            some = slice(start, min(start + _BLOCK, rows.stop))
            overlap = iou_matrix(boxes[some], boxes[rows])
            own = np.arange(some.start, some.stop)
            overlap[own - some.start, own - rows.start] = 0.0
            result[some] = overlap.max(1)
    return result


def detection_quality(detections: Sequence, annotations: Sequence, threshold: float = 0.5) -> dict[str, float]:
    """How well detections find the evaluated annotations, matched frame by frame from an IoU up.

    Returns:
        ``recall``, ``precision``, ``mean_iou`` of matches and the counts they are made of.
    """
    counted = annotations.take(annotations.boxes["conf"].to_numpy() > 0)
    truth, boxes = counted.xywh, detections.xywh
    hits, overlap = 0, 0.0
    for frame, rows in detections.by_frame():
        known = counted.rows_of(frame)
        found, matched = match_frame(boxes[rows], truth[known], threshold)
        hits += len(found)
        if len(found):
            pairs = iou_matrix(boxes[rows][found], truth[known][matched])
            overlap += float(np.trace(pairs))
    return {
        "recall": _short(hits / len(counted)) if len(counted) else 0.0,
        "precision": _short(hits / len(detections)) if len(detections) else 0.0,
        "mean_iou": _short(overlap / hits) if hits else 0.0,
        "matches": hits,
        "annotations": len(counted),
        "detections": len(detections),
    }


def _share(mask: np.ndarray) -> float:
    return _short(float(mask.mean())) if len(mask) else 0.0


def _short(value: float) -> float:
    """Four significant decimals; whole numbers as such."""
    return int(value) if value == int(value) else round(value, 4)
