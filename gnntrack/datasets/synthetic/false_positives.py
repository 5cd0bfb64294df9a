"""False positives of a detector, measured: beside objects, and in the background."""

from __future__ import annotations

import numpy as np

from gnntrack.datasets.matching import match_frame
from gnntrack.datasets.synthetic.detector_model import COVER_BOUNDS, LEVELS, FalsePositives, Table
from gnntrack.datasets.synthetic.measuring import Measured
from gnntrack.datasets.synthetic.moves import moves_between
from gnntrack.geometry import SIZE, centres

#: False positives that overlap an object by more than this belong to it.
BESIDE = 0.1


def quantiles(values: np.ndarray) -> tuple[float, ...]:
    """The table of a distribution; its ends are clipped, so that one outlier does not set them."""
    ends = np.array([*LEVELS])
    ends[0], ends[-1] = 0.001, 0.999
    return tuple(np.quantile(values, ends).round(5).tolist()) if len(values) else (0.0,) * len(LEVELS)


def _survival(measured: list[Measured], beside: bool) -> float:
    """Share of false positives that overlap one of the next frame by half."""
    again = count = 0
    for item in measured:
        rows = item.false[(item.overlap[item.false] > BESIDE) == beside]
        frames, boxes = item.detections.frames[rows], item.detections.xywh[rows]
        count += len(rows)
        for frame in np.unique(frames):
            here, there = boxes[frames == frame], boxes[frames == frame + 1]
            again += len(match_frame(here, there)[0])
    return round(min(again / count, 0.99), 4) if count else 0.0


def beside_objects(measured: list[Measured]) -> FalsePositives:
    """Those that overlap an object, by its level of occlusion."""
    places, conf = [np.zeros((0, 4))], [np.zeros(0)]
    count, objects = np.zeros(len(COVER_BOUNDS) + 1), np.zeros(len(COVER_BOUNDS) + 1)
    for item in measured:
        rows = item.false[item.overlap[item.false] > BESIDE]
        count += np.bincount(item.occlusion[item.nearest[rows]], minlength=len(count))
        objects += np.bincount(item.occlusion, minlength=len(count))
        places.append(moves_between(item.truth.xywh[item.nearest[rows]], item.detections.xywh[rows]))
        conf.append(item.detections.boxes["conf"].to_numpy()[rows])
    mean = count.sum() / objects.sum()
    rates = (count + 100 * mean) / (objects + 100)
    return _false_positives(np.concatenate(places), np.concatenate(conf), rates, _survival(measured, True))


def in_background(measured: list[Measured]) -> FalsePositives:
    """The others."""
    places, conf = [np.zeros((0, 4))], [np.zeros(0)]
    for item in measured:
        rows = item.false[item.overlap[item.false] <= BESIDE]
        size = np.array([item.truth.width, item.truth.height])
        box = item.detections.xywh[rows]
        places.append(np.column_stack([centres(box) / size, np.log(box[:, SIZE] / size)]))
        conf.append(item.detections.boxes["conf"].to_numpy()[rows])
    frames = sum(item.truth.length for item in measured)
    found = np.concatenate(places)
    rates = np.array([len(found) / max(frames, 1)])
    return _false_positives(found, np.concatenate(conf), rates, _survival(measured, False))


def _false_positives(places: np.ndarray, conf: np.ndarray, rates: np.ndarray, survival: float) -> FalsePositives:
    table: Table = tuple(quantiles(column) for column in places.T)
    rounded = tuple(rates.round(5).tolist())
    return FalsePositives(rates=rounded, survival=survival, confidence=quantiles(conf), place=table)
