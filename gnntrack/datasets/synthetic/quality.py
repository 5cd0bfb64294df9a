"""How close simulated detections come to the real ones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from gnntrack.datasets.statistics import detection_quality
from gnntrack.datasets.synthetic.detector import simulate
from gnntrack.datasets.synthetic.detector_model import DetectorModel
from gnntrack.datasets.synthetic.measuring import measure_jitter
from gnntrack.sequence import Sequence


def compare(pairs: Iterable[tuple[Sequence, Sequence]], model: DetectorModel, seed: int = 0) -> dict[str, Any]:
    """Recall, precision and jitter of real and simulated detections, on videos that the fit should not have seen.

    Args:
        pairs: annotations and real detections.
        model: the simulated detector.
        seed: of the simulation.

    Returns:
        ``sequences``: real and simulated figures of each; ``mean_real``, ``mean_simulated`` and
        ``mean_absolute_difference`` over sequences. Jitter is the standard deviation of the centre's offset and of the
        log size ratio, in box sizes.
    """
    rows: list[dict[str, Any]] = []
    for number, (truth, found) in enumerate(pairs):
        made = simulate(truth, model, seed * 1_000_003 + number)
        rows.append(
            {
                "name": truth.name,
                "real": detection_quality(found, truth) | measure_jitter(truth, found),
                "simulated": detection_quality(made, truth) | measure_jitter(truth, made),
            }
        )
    keys = ("recall", "precision", "mean_iou", "jitter_position", "jitter_size", "miss_follows_miss", "confidence")

    def table(kind: str) -> np.ndarray:
        return np.array([[row[kind][key] for key in keys] for row in rows], dtype=float)

    real, simulated = table("real"), table("simulated")
    return {
        "sequences": rows,
        "mean_real": dict(zip(keys, real.mean(0).round(4).tolist(), strict=True)),
        "mean_simulated": dict(zip(keys, simulated.mean(0).round(4).tolist(), strict=True)),
        "mean_absolute_difference": dict(zip(keys, np.abs(real - simulated).mean(0).round(4).tolist(), strict=True)),
    }
