"""How close simulated detections come to the real ones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from gnntrack.datasets.statistics import detection_quality
from gnntrack.datasets.synthetic.crossings import Crossings, by_track, find_crossings
from gnntrack.datasets.synthetic.detector import Detector, simulate
from gnntrack.datasets.synthetic.measuring import Measured, measure_jitter
from gnntrack.datasets.synthetic.moves import SHIFT
from gnntrack.sequence import Sequence

#: Overlap of a box with another, by which figures are told apart, and what figures are called.
OVERLAPS = {"to_0.3": (-1.0, 0.3), "to_0.5": (0.3, 0.5), "to_0.7": (0.5, 0.7), "above_0.7": (0.7, 2.0)}
#: Crossings whose boxes overlap by less at most are not counted.
_LEAST_IOU = 0.3
#: The figures of which means are given.
KEYS = (
    *("recall", "precision", "mean_iou", "jitter_position", "jitter_size", "miss_follows_miss", "confidence"),
    *(f"recall_{name}" for name in OVERLAPS),
    *(f"jitter_{name}" for name in OVERLAPS),
    *("error_change", "crossings_found"),
)


def compare(pairs: Iterable[tuple[Sequence, Sequence]], detector: Detector, seed: int = 0) -> dict[str, Any]:
    """Figures of real and simulated detections, on videos that the fit should not have seen.

    Args:
        pairs: annotations and real detections.
        detector: the simulated one.
        seed: of the simulation.

    Returns:
        ``sequences``: real and simulated figures of each, see :func:`measure`; ``mean_real``, ``mean_simulated`` and
        ``mean_absolute_difference`` over sequences.
    """
    rows: list[dict[str, Any]] = []
    for number, (truth, found) in enumerate(pairs):
        made = simulate(truth, detector, seed * 1_000_003 + number)
        rows.append({"name": truth.name, "real": measure(truth, found), "simulated": measure(truth, made)})
    differences = [
        {key: abs(row["real"][key] - row["simulated"][key]) for key in row["real"].keys() & row["simulated"].keys()}
        for row in rows
    ]
    return {
        "sequences": rows,
        "mean_real": mean([row["real"] for row in rows]),
        "mean_simulated": mean([row["simulated"] for row in rows]),
        "mean_absolute_difference": mean(differences),
    }


def mean(figures: list[dict[str, float]]) -> dict[str, float]:
    """Means over sequences, of each figure over those that have it.

    Example:
        >>> mean([{"recall": 0.5}, {"recall": 1.0, "recall_above_0.7": 0.25}])
        {'recall': 0.75, 'recall_above_0.7': 0.25}
    """
    values = {key: [row[key] for row in figures if key in row] for key in KEYS}
    return {key: round(float(np.mean(found)), 4) for key, found in values.items() if found}


def measure(truth: Sequence, detections: Sequence) -> dict[str, float]:
    """What matters of detections, matched with annotations frame by frame.

    Returns:
        ``recall``, ``precision``, ``mean_iou``; ``jitter_position`` and ``jitter_size``, the standard deviations of
        the centre's offset and of the log size ratio, in box sizes; ``confidence`` of hits; ``miss_follows_miss``;
        ``recall_…`` and ``jitter_…`` (of the centre) of boxes that overlap another by so much (:data:`OVERLAPS`);
        ``error_change``: how much the centre's offset changes from a frame to the next, root mean square;
        ``crossings_found``: share of the crossings of which both objects are found in every frame. What no box
        or crossing says anything about is left out.
    """
    item = Measured(truth, detections)
    return detection_quality(detections, truth) | measure_jitter(item) | _in_crowds(item, *find_crossings(item.truth))


def _in_crowds(item: Measured, crossings: Crossings, overlap: np.ndarray) -> dict[str, float]:
    figures: dict[str, float] = {}
    moves = np.full((len(item.truth), 4), np.nan)
    moves[item.found] = item.moves
    for name, (above, to) in OVERLAPS.items():
        rows = (overlap > above) & (overlap <= to)
        if rows.any():
            figures[f"recall_{name}"] = float(item.found[rows].mean())
        if (rows & item.found).any():
            figures[f"jitter_{name}"] = float(moves[rows & item.found, SHIFT].std())
    order = by_track(item.truth)
    identity, frame = item.truth.boxes["id"].to_numpy()[order], item.truth.frames[order]
    step = np.diff(moves[order, SHIFT], axis=0)[(np.diff(identity) == 0) & (np.diff(frame) == 1)]
    if np.isfinite(step).any():
        figures["error_change"] = float(np.sqrt(np.nanmean(step**2)))
    misses = np.append(0, np.cumsum(~item.found[order]))
    lost = (misses[crossings.last] - misses[crossings.first]).sum(1)
    counted = crossings.overlap > _LEAST_IOU
    if counted.any():
        figures["crossings_found"] = float((lost[counted] == 0).mean())
    return {name: round(value, 5) for name, value in figures.items()}
