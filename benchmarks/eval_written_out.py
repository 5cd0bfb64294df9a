"""Rules of toolkits that are no Python packages, written out box by box and pixel by pixel."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment

from gnntrack.geometry import iou_matrix
from gnntrack.sequence import Sequence

Kept = dict[str, tuple[np.ndarray, np.ndarray]]


def drone_keeps(truth: Sequence, tracks: Sequence, regions: list[int], names: dict[int, str]) -> Kept:
    """VisDrone's toolkit (dropObjects.m): a map of the image, and sums over it; boxes half or more inside go.

    Args:
        truth: annotations.
        tracks: result.
        regions: classes that are regions, beside the rows whose flag is 0.
        names: of the classes that are evaluated; empty: all together.
    """
    region = np.isin(truth.boxes["class_id"], regions) | (truth.boxes["conf"].to_numpy() == 0)
    width, height = truth.width, truth.height

    def pixels(box: np.ndarray) -> tuple[int, ...]:
        return tuple(max(1, int(np.floor(value + 0.5))) for value in box)

    def keep(boxes: Sequence, among: np.ndarray) -> np.ndarray:
        kept = among.copy()
        for frame, rows in boxes.by_frame():
            there = truth.xywh[truth.rows_of(frame)][region[truth.rows_of(frame)]]
            if not len(there):
                continue
            covered = np.zeros((height + 1, width + 1))  # counted from 1, as in MATLAB
            for box in there:
                x, y, w, h = pixels(box)
                covered[y : min(height, y + h) + 1, x : min(width, x + w) + 1] = 1
            for row in range(rows.start, rows.stop):
                x, y, w, h = pixels(boxes.xywh[row])
                x, y = min(width, x), min(height, y)
                inside = covered[y + 1 : min(height, y + h) + 1, x + 1 : min(width, x + w) + 1].sum()
                kept[row] &= inside / (h * w) < 0.5
        return kept

    a, b = keep(truth, ~region), keep(tracks, np.ones(len(tracks), dtype=bool))
    if not names:
        return {"all": (a, b)}
    own, other = truth.boxes["class_id"].to_numpy(), tracks.boxes["class_id"].to_numpy()
    return {name: (a & (own == number), b & (other == number)) for number, name in names.items()}


def coco_keeps(truth: Sequence, tracks: Sequence) -> Kept:
    """COCO's crowds: a result that no object of its class has is left out where over half of it is in one of them."""
    own, other = truth.boxes["class_id"].to_numpy(), tracks.boxes["class_id"].to_numpy()
    crowd = truth.boxes["conf"].to_numpy() == 0
    found: Kept = {}
    for number in np.unique(own[~crowd]).tolist():
        kept = other == number
        for frame, rows in tracks.by_frame():
            known = truth.rows_of(frame)
            objects = truth.xywh[known][(own[known] == number) & ~crowd[known]]
            crowds = truth.xywh[known][(own[known] == number) & crowd[known]]
            mine = rows.start + np.flatnonzero(other[rows] == number)
            overlap = iou_matrix(objects, tracks.xywh[mine])
            overlap[overlap < 0.5 - np.finfo(float).eps] = 0
            taken = {int(b) for a, b in zip(*linear_sum_assignment(-overlap), strict=True) if overlap[a, b] > 0}
            for position, row in enumerate(mine.tolist()):
                x, y, w, h = tracks.xywh[row]
                for left, upper, width, height in crowds:
                    across = min(x + w, left + width) - max(x, left)
                    down = min(y + h, upper + height) - max(y, upper)
                    if position not in taken and across > 0 and down > 0 and across * down / (w * h) > 0.5:
                        kept[row] = False
        found[truth.classes[number]] = ((own == number) & ~crowd, kept)
    return found
