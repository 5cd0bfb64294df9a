"""Measuring a detector on videos that have both detections and annotations."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from scipy.special import ndtri
from scipy.stats import rankdata

from gnntrack.datasets.matching import match_frame
from gnntrack.datasets.synthetic.detector import copula, levels
from gnntrack.datasets.synthetic.detector_model import (
    COVER_BOUNDS,
    LEVELS,
    SIZE_BOUNDS,
    DetectorModel,
    FalsePositives,
    Table,
)
from gnntrack.errors import DataError
from gnntrack.formats.classes import with_classes
from gnntrack.formats.raw import ReadingOptions
from gnntrack.formats.registry import read_pairs
from gnntrack.geometry import iou_matrix
from gnntrack.sequence import Sequence

#: Memories of misses that are tried, by simulation.
_MEMORIES = (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99)
#: False positives that overlap an object by more than this belong to it.
_BESIDE = 0.1


class _Measured:
    """One video, matched."""

    def __init__(self, truth: Sequence, detections: Sequence) -> None:
        self.truth = truth.take(truth.boxes["conf"].to_numpy() > 0)
        self.detections = detections
        self.match = np.full(len(self.truth), -1)
        boxes, found = self.truth.xywh, detections.xywh
        self.nearest = np.full(len(detections), -1)
        self.overlap = np.zeros(len(detections))
        for frame, rows in detections.by_frame():
            known = self.truth.rows_of(frame)
            if known.start == known.stop:
                continue
            a, b = match_frame(boxes[known], found[rows])
            self.match[known.start + a] = rows.start + b
            table = iou_matrix(found[rows], boxes[known])
            self.nearest[rows] = known.start + table.argmax(1)
            self.overlap[rows] = table.max(1)
        self.found = self.match >= 0
        self.false = np.setdiff1d(np.arange(len(detections)), self.match[self.found])
        self.occlusion, self.size = levels(self.truth)
        self.moves = _moves(boxes[self.found], found[self.match[self.found]])
        self.conf = detections.boxes["conf"].to_numpy()[self.match[self.found]]


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
    measured = [_Measured(truth, detections) for truth, detections in pairs]
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
    correlation[1:, 1:] = _correlation(normal)
    return DetectorModel(
        description=description,
        recall=tuple(tuple(row) for row in recall.round(4).tolist()),
        direction=tuple(tuple(_quantiles(values[rows, index]) for index in range(4)) for rows in groups),
        distance=tuple(_quantiles(distance[rows]) for rows in groups),
        confidence=tuple(_quantiles(conf[rows]) for rows in groups),
        memory=tuple(round(float(value), 4) for value in memory),
        correlation=tuple(tuple(row) for row in correlation.round(4).tolist()),
        beside=_beside(measured),
        background=_background(measured),
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
        for pair in read_pairs(source, ReadingOptions(detections=detections, sequences=sequences))
        if pair.annotations is not None and pair.detections is not None
    ]
    if not pairs:
        raise DataError("no sequence has annotations and detections", remedy="give videos that have both", path=source)
    return pairs


def _moves(truth: np.ndarray, found: np.ndarray) -> np.ndarray:
    """What turns one box into another: centre in box sizes, log size ratios. ``(N, 4)`` each."""
    shift = found[:, :2] + found[:, 2:] / 2 - truth[:, :2] - truth[:, 2:] / 2
    return np.column_stack([shift / truth[:, 2:], np.log(found[:, 2:] / truth[:, 2:])])


def _group(occlusion: np.ndarray, level: int, least: int = 50) -> np.ndarray:
    """The rows of one level; where they are few, those of the nearest levels too."""
    for reach in range(len(COVER_BOUNDS) + 1):
        rows = np.abs(occlusion - level) <= reach
        if rows.sum() >= least:
            return rows
    return np.ones(len(occlusion), dtype=bool)


def _quantiles(values: np.ndarray) -> tuple[float, ...]:
    """The table of a distribution; its ends are clipped, so that one outlier does not set them."""
    ends = np.array([*LEVELS])
    ends[0], ends[-1] = 0.001, 0.999
    return tuple(np.quantile(values, ends).round(5).tolist()) if len(values) else (0.0,) * len(LEVELS)


def _recall(measured: list[_Measured]) -> np.ndarray:
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


def _memory(measured: list[_Measured], normal: np.ndarray) -> np.ndarray:
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
    return np.array([_correlation(pair)[0, 1] for pair in pairs]).clip(0, 0.999)


def _correlation(values: np.ndarray) -> np.ndarray:
    """Correlation of columns; one that never changes (confidences of 1 throughout) goes with none."""
    with np.errstate(invalid="ignore", divide="ignore"):
        result = np.nan_to_num(np.corrcoef(values.T))
    np.fill_diagonal(result, 1.0)
    return result


def _miss_memory(measured: list[_Measured], recall: np.ndarray) -> float:
    """The memory with which simulated misses are followed by a miss as often as real ones."""
    real = _runs([(item.truth, item.found) for item in measured])
    errors = []
    for memory in _MEMORIES:
        random = np.random.default_rng(0)
        drawn = []
        for item in measured:
            normal = copula(item.truth, np.array([memory]), np.eye(1), random)[:, 0]
            drawn.append((item.truth, normal < ndtri(recall[item.occlusion, item.size])))
        errors.append(abs(_runs(drawn) - real))
    return _MEMORIES[int(np.argmin(errors))]


def _runs(items: list[tuple[Sequence, np.ndarray]]) -> float:
    """Share of misses that are followed by a miss in the track's next box."""
    again = missed = 0
    for truth, found in items:
        order = np.lexsort([truth.frames, truth.boxes["id"].to_numpy()])
        identity, lost = truth.boxes["id"].to_numpy()[order], ~found[order]
        pairs = (identity[1:] == identity[:-1]) & lost[:-1]
        missed += int(pairs.sum())
        again += int((pairs & lost[1:]).sum())
    return again / missed if missed else 0.0


def _survival(measured: list[_Measured], beside: bool) -> float:
    """Share of false positives that overlap one of the next frame by half."""
    again = count = 0
    for item in measured:
        rows = item.false[(item.overlap[item.false] > _BESIDE) == beside]
        frames, boxes = item.detections.frames[rows], item.detections.xywh[rows]
        count += len(rows)
        for frame in np.unique(frames):
            here, there = boxes[frames == frame], boxes[frames == frame + 1]
            again += len(match_frame(here, there)[0])
    return round(min(again / count, 0.99), 4) if count else 0.0


def _beside(measured: list[_Measured]) -> FalsePositives:
    places, conf = [np.zeros((0, 4))], [np.zeros(0)]
    count, chances = np.zeros(len(COVER_BOUNDS) + 1), np.zeros(len(COVER_BOUNDS) + 1)
    for item in measured:
        rows = item.false[item.overlap[item.false] > _BESIDE]
        count += np.bincount(item.occlusion[item.nearest[rows]], minlength=len(count))
        chances += np.bincount(item.occlusion, minlength=len(count))
        places.append(_moves(item.truth.xywh[item.nearest[rows]], item.detections.xywh[rows]))
        conf.append(item.detections.boxes["conf"].to_numpy()[rows])
    mean = count.sum() / chances.sum()
    rates = (count + 100 * mean) / (chances + 100)
    return _false_positives(np.concatenate(places), np.concatenate(conf), rates, _survival(measured, True))


def _background(measured: list[_Measured]) -> FalsePositives:
    places, conf = [np.zeros((0, 4))], [np.zeros(0)]
    for item in measured:
        rows = item.false[item.overlap[item.false] <= _BESIDE]
        size = np.array([item.truth.width, item.truth.height])
        box = item.detections.xywh[rows]
        places.append(np.column_stack([(box[:, :2] + box[:, 2:] / 2) / size, np.log(box[:, 2:] / size)]))
        conf.append(item.detections.boxes["conf"].to_numpy()[rows])
    frames = sum(item.truth.length for item in measured)
    found = np.concatenate(places)
    rates = np.array([len(found) / max(frames, 1)])
    return _false_positives(found, np.concatenate(conf), rates, _survival(measured, False))


def _false_positives(places: np.ndarray, conf: np.ndarray, rates: np.ndarray, survival: float) -> FalsePositives:
    table: Table = tuple(_quantiles(column) for column in places.T)
    rounded = tuple(rates.round(5).tolist())
    return FalsePositives(rates=rounded, survival=survival, confidence=_quantiles(conf), place=table)


def measure_jitter(truth: Sequence, detections: Sequence) -> dict[str, float]:
    """Standard deviations of position and size, mean confidence of hits, and how often a miss follows a miss."""
    item = _Measured(truth, detections)
    return {
        "jitter_position": round(float(item.moves[:, :2].std()), 5) if len(item.moves) else 0.0,
        "jitter_size": round(float(item.moves[:, 2:].std()), 5) if len(item.moves) else 0.0,
        "confidence": round(float(item.conf.mean()), 5) if len(item.conf) else 0.0,
        "miss_follows_miss": round(_runs([(item.truth, item.found)]), 5),
    }
