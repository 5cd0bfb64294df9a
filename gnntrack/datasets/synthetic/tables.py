"""Detections from tables: annotated boxes in, boxes with jitter, misses, false positives and confidences out.

Each track carries seven slowly changing standard normal numbers (a Gaussian copula with an autoregressive time course):
one decides misses, four say which way the box is off, one how far, one sets the confidence. Their marginals are tables
measured on real detections, so recall, jitter and confidence hold for each level of occlusion, and errors last as long
as real ones do.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.special import ndtr

from gnntrack.datasets.synthetic.detector_model import COVER_BOUNDS, LEVELS, DetectorModel
from gnntrack.datasets.synthetic.false_boxes import draw_background, draw_beside
from gnntrack.datasets.synthetic.moves import moved
from gnntrack.datasets.synthetic.occlusion import levels
from gnntrack.datasets.synthetic.simulated import OBJECT, box_table
from gnntrack.geometry import iou
from gnntrack.sequence import Sequence

#: Columns of the numbers that a track carries: whether it is found, four directions, how far off, its confidence.
FOUND, DIRECTION, DISTANCE, CONFIDENCE = 0, 1, 5, 6


def boxes_from_tables(truth: Sequence, model: DetectorModel, rng: np.random.Generator) -> pd.DataFrame:
    """Boxes in the making (:mod:`gnntrack.datasets.synthetic.simulated`) for the annotations of a video.

    Raises:
        DataError: the video is so long that its false positives would not fit into memory.
    """
    normal = copula(truth, np.array(model.memory), np.array(model.correlation), rng)
    uniform = ndtr(normal)
    occlusion, size = levels(truth)
    found = uniform[:, FOUND] < np.array(model.recall)[occlusion, size]
    moves = np.zeros((len(truth), 4))
    conf = np.zeros(len(truth))
    for level in range(len(COVER_BOUNDS) + 1):
        rows = occlusion == level
        for component in range(4):
            moves[rows, component] = np.interp(
                uniform[rows, DIRECTION + component], LEVELS, model.direction[level][component]
            )
        moves[rows] *= np.interp(uniform[rows, DISTANCE], LEVELS, model.distance[level])[:, None]
        conf[rows] = np.interp(uniform[rows, CONFIDENCE], LEVELS, model.confidence[level])
    for _ in range(2):  # what the tables call found overlaps its object by half
        off = iou(moved(truth.xywh, moves), truth.xywh) < 0.5
        moves[off] /= 2
    box = moved(truth.xywh, moves)
    parts = [box_table(truth.frames[found], box[found], conf[found]).assign(**{OBJECT: np.flatnonzero(found)})]
    parts.append(draw_beside(truth, occlusion, model.beside, rng))
    parts.append(draw_background(truth, model.background, rng))
    return pd.concat(parts, ignore_index=True)


def copula(truth: Sequence, memory: np.ndarray, correlation: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Standard normal numbers ``(N, D)`` that remember along each track and belong together across columns."""
    order = np.lexsort([truth.frames, truth.boxes["id"].to_numpy()])
    identity, frame = truth.boxes["id"].to_numpy()[order], truth.frames[order]
    follows = np.concatenate([[False], (identity[1:] == identity[:-1]) & (identity[1:] >= 0)])
    gap = np.concatenate([[1], np.diff(frame)])
    start = np.flatnonzero(~follows)
    rank = np.arange(len(order)) - np.repeat(start, np.diff(np.append(start, len(order))))
    fresh = rng.standard_normal((len(order), len(memory))) @ _root(correlation).T
    normal = fresh.copy()
    by_rank = np.argsort(rank, kind="stable")
    bounds = np.searchsorted(rank[by_rank], np.arange(rank.max(initial=0) + 2))
    for low, high in pairwise(bounds[1:]):
        rows = by_rank[low:high]
        kept = memory ** gap[rows][:, None]
        normal[rows] = kept * normal[rows - 1] + np.sqrt(1 - kept**2) * fresh[rows]
    result = np.empty_like(normal)
    result[order] = normal
    return result


def _root(correlation: np.ndarray) -> np.ndarray:
    """A square root of a correlation matrix, which measuring may have left slightly indefinite."""
    values, vectors = np.linalg.eigh(correlation)
    root = vectors * np.sqrt(values.clip(min=1e-6))
    return root / np.linalg.norm(root, axis=1, keepdims=True)
