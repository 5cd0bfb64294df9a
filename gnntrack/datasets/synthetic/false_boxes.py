"""False positives, drawn from tables: beside objects, and in the background."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gnntrack.datasets.synthetic.detector_model import LEVELS, FalsePositives
from gnntrack.datasets.synthetic.moves import moved
from gnntrack.datasets.synthetic.simulated import FALSE, OBJECT, box_table
from gnntrack.errors import DataError
from gnntrack.geometry import CENTRE, SIZE, cxcywh_to_xywh
from gnntrack.sequence import Sequence

#: False positives that are drawn for one video, about, at most.
MOST_FALSE = 10_000_000


def _place(kind: FalsePositives, count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Four numbers and a confidence for each of so many false positives."""
    *places, confidence = rng.random((count, 5)).T
    place = np.column_stack([np.interp(draws, LEVELS, table) for draws, table in zip(places, kind.place, strict=True)])
    return place, np.interp(confidence, LEVELS, kind.confidence)


def _lives(starts: np.ndarray, survival: float, rng: np.random.Generator) -> np.ndarray:
    """How many frames each lasts."""
    return rng.geometric(1 - survival, len(starts)) if survival > 0 else np.ones(len(starts), dtype=int)


def draw_beside(truth: Sequence, occlusion: np.ndarray, kind: FalsePositives, rng: np.random.Generator) -> pd.DataFrame:
    """False positives that follow an object for a while; ``occlusion`` is the level ``(N,)`` of every object."""
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
    boxes = box_table(truth.frames[rows], moved(truth.xywh[rows], place[source]), conf[source])
    return boxes.assign(**{OBJECT: rows, FALSE: 2 * source})


def draw_background(truth: Sequence, kind: FalsePositives, rng: np.random.Generator) -> pd.DataFrame:
    """False positives that stand still for a while, with odd numbers.

    Raises:
        DataError: the video is so long that they would not fit into memory.
    """
    if kind.rates[0] * truth.length > MOST_FALSE:
        problem = f"{truth.name}: {truth.length} frames, each with false positives"
        raise DataError(problem, remedy="simulate for shorter videos")
    count = rng.poisson(kind.rates[0] * (1 - kind.survival) * truth.length)
    first = rng.integers(1, max(truth.length, 1) + 1, count)
    place, conf = _place(kind, count, rng)
    lives = _lives(first, kind.survival, rng)
    source = np.repeat(np.arange(count), lives)
    step = np.arange(len(source)) - np.repeat(np.cumsum(lives) - lives, lives)
    image = np.array([truth.width, truth.height])
    box = cxcywh_to_xywh(np.column_stack([place[:, CENTRE] * image, np.exp(place[:, SIZE]) * image]))
    return box_table(first[source] + step, box[source], conf[source]).assign(**{FALSE: 2 * source + 1})
