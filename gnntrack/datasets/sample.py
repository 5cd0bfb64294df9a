"""The sample: two short street scenes with annotations and boxes."""

from __future__ import annotations

from gnntrack.formats.options import Content
from gnntrack.formats.sample import SAMPLES, TRAINING, VALIDATION
from gnntrack.reading import read
from gnntrack.sequence import Sequence

__all__ = ["SAMPLES", "TRAINING", "VALIDATION", "sample"]


def sample(name: str, content: Content) -> Sequence:
    """A sequence of the sample, found inside the installed motmetrics package.

    Args:
        name: ``TUD-Stadtmitte`` (179 frames) or ``TUD-Campus`` (71 frames), both 640 × 480 at 25 frames a second.
        content: ``annotations``, ``tracks`` (a tracker's result) or ``detections`` (its boxes without their ids).

    Example:
        >>> detections = sample("TUD-Campus", "detections")
        >>> len(detections), detections.length, set(detections.boxes["id"])
        (222, 71, {-1})
    """
    return read(name, content, format="sample")[0]
