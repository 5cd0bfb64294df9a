"""Measuring a detector on videos that have both detections and annotations."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from scipy.special import ndtri
from scipy.stats import rankdata

from gnntrack.datasets.synthetic.detector_model import COVER_BOUNDS, SIZE_BOUNDS, DetectorModel
from gnntrack.datasets.synthetic.false_positives import beside_objects, in_background, quantiles
from gnntrack.datasets.synthetic.measuring import Measured, miss_runs
from gnntrack.datasets.synthetic.tables import DIRECTION, copula
from gnntrack.errors import DataError
from gnntrack.formats.classes import with_classes
from gnntrack.formats.options import ReadingOptions
from gnntrack.reading import iterate
from gnntrack.sequence import Sequence

#: Columns of a pair of frames.
NOW, NEXT = 0, 1
#: Memories of misses that are tried, by simulation.
_MEMORIES = (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99)


def fit_detector(pairs: Iterable[tuple[Sequence, Sequence]], description: str = "") -> DetectorModel:
    """Measures a detector: recall, jitter and confidence by occlusion, how long errors last, false positives.

    Args:
        pairs: annotations and detections of each video.
        description: kept in the model.

    Raises:
        DataError: nothing matches, so there is nothing to measure.

    Example:
        >>> from gnntrack.datasets.sample import sample
        >>> model = fit_detector([(sample("TUD-Campus", "annotations"), sample("TUD-Campus", "detections"))])
        >>> model.recall[0][-1] > model.recall[-1][-1]
        True
    """
    measured = [Measured(truth, detections) for truth, detections in pairs]
    if not measured or not sum(item.found.sum() for item in measured):
        raise DataError("no detection matches an annotation", remedy="give videos that have both")
    occlusion = np.concatenate([item.occlusion[item.found] for item in measured])
    moves, conf = np.concatenate([item.moves for item in measured]), np.concatenate([item.conf for item in measured])
    distance = np.sqrt((moves**2).mean(1)) + 1e-9
    values = np.column_stack([moves / distance[:, None], distance, conf])
    groups = [_group(occlusion, level) for level in range(len(COVER_BOUNDS) + 1)]
    normal = _normal_scores(values, occlusion)
    recall = _recall(measured)
    memory = (_miss_memory(measured, recall), *_memory(measured, normal))
    correlation = np.eye(7)
    own = slice(DIRECTION, None)  # misses have a memory of their own
    correlation[own, own] = _correlation(normal)
    return DetectorModel(
        description=description,
        recall=tuple(tuple(row) for row in recall.round(4).tolist()),
        direction=tuple(tuple(quantiles(values[rows, index]) for index in range(4)) for rows in groups),
        distance=tuple(quantiles(distance[rows]) for rows in groups),
        confidence=tuple(quantiles(conf[rows]) for rows in groups),
        memory=tuple(round(float(value), 4) for value in memory),
        correlation=tuple(tuple(row) for row in correlation.round(4).tolist()),
        beside=beside_objects(measured),
        background=in_background(measured),
    )


def read_both(
    source: str | Path,
    detections: str | None = None,
    sequences: tuple[str, ...] = (),
    classes: tuple[int | str, ...] = (),
) -> list[tuple[Sequence, Sequence]]:
    """Annotations and detections of every sequence that has both.

    Args:
        source: a folder of videos.
        detections: where detections lie, if not at the format's usual place.
        sequences: these alone; empty: all.
        classes: annotated classes, by number or name; empty: all.

    Raises:
        DataError: no sequence has both.
    """
    pairs = [
        (with_classes(pair.annotations, classes), pair.detections)
        for pair in iterate(source, "pairs", ReadingOptions(detections=detections, sequences=sequences))
        if pair.annotations is not None and pair.detections is not None
    ]
    if not pairs:
        raise DataError("no sequence has annotations and detections", remedy="give videos that have both", path=source)
    return pairs


def _group(occlusion: np.ndarray, level: int, least: int = 50) -> np.ndarray:
    """The rows of one level; where they are few, those of the nearest levels too."""
    for reach in range(len(COVER_BOUNDS) + 1):
        rows = np.abs(occlusion - level) <= reach
        if rows.sum() >= least:
            return rows
    return np.ones(len(occlusion), dtype=bool)


def _recall(measured: list[Measured]) -> np.ndarray:
    """Share found by level of occlusion and size; few samples lean on their level of occlusion."""
    occlusion = np.concatenate([item.occlusion for item in measured])
    size = np.concatenate([item.size for item in measured])
    found = np.concatenate([item.found for item in measured]).astype(float)
    shape = (len(COVER_BOUNDS) + 1, len(SIZE_BOUNDS) + 1)
    cell = occlusion * shape[1] + size
    count = np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape)
    hits = np.bincount(cell, found, minlength=shape[0] * shape[1]).reshape(shape)
    level = (hits.sum(1) + 5 * found.mean()) / (count.sum(1) + 5)
    return (hits + 20 * level[:, None]) / (count + 20)


def _normal_scores(values: np.ndarray, occlusion: np.ndarray) -> np.ndarray:
    """Each column as standard normal, within levels of occlusion."""
    normal = np.zeros_like(values)
    for level in np.unique(occlusion):
        rows = occlusion == level
        ranks = rankdata(values[rows], axis=0)
        normal[rows] = ndtri((ranks - 0.5) / rows.sum())
    return normal


def _memory(measured: list[Measured], normal: np.ndarray) -> np.ndarray:
    """Correlation from a frame to the next along tracks, of every column."""
    now, then = [], []
    start = 0
    for item in measured:
        scores = normal[start : start + len(item.moves)]
        start += len(item.moves)
        rows = np.flatnonzero(item.found)
        order = np.lexsort([item.truth.frames[rows], item.truth.boxes["id"].to_numpy()[rows]])
        identity, frame = item.truth.boxes["id"].to_numpy()[rows][order], item.truth.frames[rows][order]
        next_ = (identity[1:] == identity[:-1]) & (np.diff(frame) == 1)
        now.append(scores[order][:-1][next_])
        then.append(scores[order][1:][next_])
    first, second = np.concatenate(now), np.concatenate(then)
    if len(first) < 10:
        return np.zeros(normal.shape[1])
    pairs = [np.column_stack([a, b]) for a, b in zip(first.T, second.T, strict=True)]
    return np.array([_correlation(pair)[NOW, NEXT] for pair in pairs]).clip(0, 0.999)


def _correlation(values: np.ndarray) -> np.ndarray:
    """Correlation of columns; one that never changes (confidences of 1 throughout) goes with none."""
    with np.errstate(invalid="ignore", divide="ignore"):
        result = np.nan_to_num(np.corrcoef(values.T))
    np.fill_diagonal(result, 1.0)
    return result


def _miss_memory(measured: list[Measured], recall: np.ndarray) -> float:
    """The memory with which simulated misses are followed by a miss as often as real ones."""
    real = miss_runs([(item.truth, item.found) for item in measured])
    errors = []
    for memory in _MEMORIES:
        rng = np.random.default_rng(0)
        drawn = []
        for item in measured:
            normal = copula(item.truth, np.array([memory]), np.eye(1), rng).ravel()
            drawn.append((item.truth, normal < ndtri(recall[item.occlusion, item.size])))
        errors.append(abs(miss_runs(drawn) - real))
    return _MEMORIES[int(np.argmin(errors))]
