"""A simulated detector: annotated boxes in, boxes with jitter, misses, false positives and confidences out.

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

from gnntrack.association.appearance import unit
from gnntrack.datasets.synthetic.detector_model import COVER_BOUNDS, LEVELS, SIZE_BOUNDS, DetectorModel, FalsePositives
from gnntrack.errors import DataError
from gnntrack.geometry import CENTRE, HEIGHT, SIZE, TOP, centres, cxcywh_to_xywh, iou, share_inside
from gnntrack.sequence import Sequence

#: Columns of the numbers that a track carries: whether it is found, four directions, how far off, its confidence.
FOUND, DIRECTION, DISTANCE, CONFIDENCE = 0, 1, 5, 6
#: Columns of how far a box is off: in box sizes, and log size ratios.
SHIFT, GROWTH = slice(0, 2), slice(2, 4)
#: False positives that are drawn for one video, about, at most.
MOST_FALSE = 10_000_000
#: Columns of boxes in the making: row of the annotated box that each comes from, number of its false positive.
_OBJECT, _FALSE = "_object", "_false"


def cover(sequence: Sequence) -> np.ndarray:
    """The largest share of each box that lies behind one box in front (whose lower side is lower): ``(N,)``."""
    return covering(sequence)[0]


def covering(sequence: Sequence) -> tuple[np.ndarray, np.ndarray]:
    """:func:`cover`, and the row of the box in front ``(N,)``; any where there is none."""
    result, front = np.zeros(len(sequence)), np.arange(len(sequence))
    boxes = sequence.xywh
    for _, rows in sequence.by_frame():
        if rows.stop - rows.start < 2:
            continue
        here, bottom = boxes[rows], boxes[rows, TOP] + boxes[rows, HEIGHT]
        behind = np.where(bottom[None, :] > bottom[:, None], share_inside(here[:, None], here), 0.0)
        result[rows], front[rows] = behind.max(1), rows.start + behind.argmax(1)
    return result, front


def levels(sequence: Sequence) -> tuple[np.ndarray, np.ndarray]:
    """Level of occlusion and level of size of every box."""
    size = sequence.xywh[:, HEIGHT] / sequence.height
    return np.searchsorted(COVER_BOUNDS, cover(sequence)), np.searchsorted(SIZE_BOUNDS, size)


def simulate(annotations: Sequence, model: DetectorModel, seed: int = 0) -> Sequence:
    """Detections such as the model's detector would give.

    Args:
        annotations: boxes with identities; rows whose flag is 0 are not detected.
        model: the detector.
        seed: same seed, same boxes.

    Returns:
        Boxes without identities. Where annotations have embeddings, so have detections: their object's, and false
        positives beside an object have half of that one's.

    Raises:
        DataError: the video is so long that its false positives would not fit into memory.

    Example:
        >>> from gnntrack.datasets.sample import sample
        >>> from gnntrack.datasets.synthetic import fit_detector
        >>> truth, found = sample("TUD-Campus", "annotations"), sample("TUD-Campus", "detections")
        >>> model = fit_detector([(truth, found)])
        >>> set(simulate(truth, model).boxes["id"])
        {-1}
    """
    if model.background.rates[0] * annotations.length > MOST_FALSE:
        problem = f"{annotations.name}: {annotations.length} frames, each with false positives"
        raise DataError(problem, remedy="simulate for shorter videos")
    rng = np.random.default_rng(seed)
    truth = annotations.take(annotations.boxes["conf"].to_numpy() > 0)
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
    parts = [_rows(truth.frames[found], box[found], conf[found]).assign(**{_OBJECT: np.flatnonzero(found)})]
    parts.append(_beside(truth, occlusion, model.beside, rng))
    parts.append(_background(truth, model.background, rng))
    table = pd.concat(parts, ignore_index=True)
    sound = (table[["w", "h"]] >= 1.0).all(axis=1) & table["frame"].between(1, max(truth.length, 1))
    table = table[sound]
    embeddings = (
        None
        if truth.embeddings is None
        else _detected_embeddings(truth.embeddings, table[_OBJECT].to_numpy(), table[_FALSE], seed)
    )
    return Sequence(
        truth.name,
        table.drop(columns=[_OBJECT, _FALSE]),
        truth.width,
        truth.height,
        truth.frame_rate,
        truth.length,
        embeddings,
        truth.classes,
        camera=truth.camera,
    )


def _detected_embeddings(vectors: np.ndarray, row: np.ndarray, false: pd.Series, seed: int) -> np.ndarray:
    """Embeddings of detections.

    Args:
        vectors: ``(T, A)`` of annotated boxes.
        row: ``(N,)`` the annotated box that each detection comes from or is beside, −1: none.
        false: ``(N,)`` number of the false positive that each belongs to, −1: an object.
        seed: of the embeddings of false positives.
    """
    kinds, which = np.unique(false.to_numpy(), return_inverse=True)
    own = unit(np.random.default_rng([seed, 1]).standard_normal((len(kinds), vectors.shape[1])))
    own[kinds < 0] = 0.0
    of_object = (
        np.where(row[:, None] >= 0, unit(vectors)[row], 0.0) if len(vectors) else np.zeros((len(row), own.shape[1]))
    )
    return unit(of_object + own[which]).astype(np.float32)


def moved(box: np.ndarray, moves: np.ndarray) -> np.ndarray:
    """Boxes ``(N, 4)`` moved by ``(N, 4)``: centre in box sizes, log size ratios."""
    centre = centres(box) + moves[:, SHIFT] * box[:, SIZE]
    return cxcywh_to_xywh(np.column_stack([centre, box[:, SIZE] * np.exp(np.clip(moves[:, GROWTH], -2, 2))]))


def moves_between(box: np.ndarray, other: np.ndarray) -> np.ndarray:
    """What :func:`moved` needs to turn boxes into others: ``(N, 4)`` each."""
    shift = (centres(other) - centres(box)) / box[:, SIZE]
    return np.column_stack([shift, np.log(other[:, SIZE] / box[:, SIZE])])


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


def _rows(frame: np.ndarray, box: np.ndarray, conf: np.ndarray) -> pd.DataFrame:
    table = pd.DataFrame(np.asarray(box, dtype=float).reshape(-1, 4), columns=["x", "y", "w", "h"])
    return table.assign(frame=frame, conf=np.clip(conf, 0, 1), **{_OBJECT: -1, _FALSE: -1})


def _place(kind: FalsePositives, count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Four numbers and a confidence for each of so many false positives."""
    *places, confidence = rng.random((count, 5)).T
    place = np.column_stack([np.interp(draws, LEVELS, table) for draws, table in zip(places, kind.place, strict=True)])
    return place, np.interp(confidence, LEVELS, kind.confidence)


def _lives(starts: np.ndarray, survival: float, rng: np.random.Generator) -> np.ndarray:
    """How many frames each lasts."""
    return rng.geometric(1 - survival, len(starts)) if survival > 0 else np.ones(len(starts), dtype=int)


def _beside(truth: Sequence, occlusion: np.ndarray, kind: FalsePositives, rng: np.random.Generator) -> pd.DataFrame:
    """False positives that follow an object for a while."""
    rate = np.array(kind.rates)[occlusion]
    starts = np.flatnonzero(rng.random(len(truth)) < rate * (1 - kind.survival))
    place, conf = _place(kind, len(starts), rng)
    lives = _lives(starts, kind.survival, rng)
    order = np.lexsort([truth.frames, truth.boxes["id"].to_numpy()])
    where = np.empty(len(order), dtype=int)
    where[order] = np.arange(len(order))
    source = np.repeat(np.arange(len(starts)), lives)
    step = np.arange(len(source)) - np.repeat(np.cumsum(lives) - lives, lives)
    at = where[starts][source] + step
    rows = order[np.minimum(at, len(order) - 1)] if len(order) else np.zeros(0, dtype=int)
    identity = truth.boxes["id"].to_numpy()
    same = (at < len(order)) & (identity[rows] == identity[starts[source]])
    rows, source = rows[same], source[same]
    boxes = _rows(truth.frames[rows], moved(truth.xywh[rows], place[source]), conf[source])
    return boxes.assign(**{_OBJECT: rows, _FALSE: 2 * source})


def _background(truth: Sequence, kind: FalsePositives, rng: np.random.Generator) -> pd.DataFrame:
    """False positives that stand still for a while."""
    count = rng.poisson(kind.rates[0] * (1 - kind.survival) * truth.length)
    first = rng.integers(1, max(truth.length, 1) + 1, count)
    place, conf = _place(kind, count, rng)
    lives = _lives(first, kind.survival, rng)
    source = np.repeat(np.arange(count), lives)
    step = np.arange(len(source)) - np.repeat(np.cumsum(lives) - lives, lives)
    image = np.array([truth.width, truth.height])
    box = cxcywh_to_xywh(np.column_stack([place[:, CENTRE] * image, np.exp(place[:, SIZE]) * image]))
    return _rows(first[source] + step, box[source], conf[source]).assign(**{_FALSE: 2 * source + 1})
