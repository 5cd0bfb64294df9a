"""Boxes with the identity of each, ready for training: annotations, or detections matched to them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gnntrack.datasets.matching import follow_identities
from gnntrack.sequence import Sequence


@dataclass(frozen=True)
class Labelled:
    """A sequence and what the ground truth says of it.

    Attributes:
        sequence: the boxes.
        identity: ``(len(sequence),)`` identity of every box, −1: a false positive.
        annotations: where objects truly are, if that is known.
    """

    sequence: Sequence
    identity: np.ndarray
    annotations: Sequence | None = None

    def take(self, rows: np.ndarray) -> Labelled:
        """The boxes of a mask ``(len(sequence),)``."""
        return replace(self, sequence=self.sequence.take(rows), identity=self.identity[rows])


def label_annotations(annotations: Sequence) -> Labelled:
    """The annotated boxes themselves; rows whose flag (``conf``) is 0 are left out."""
    kept = annotations.take(annotations.boxes["conf"].to_numpy() > 0)
    return Labelled(kept, kept.boxes["id"].to_numpy(), kept)


def label_detections(detections: Sequence, annotations: Sequence, overlap: float = 0.5) -> Labelled:
    """Detections with the identity of the annotation that each matches best, over several frames.

    Args:
        detections: the boxes to label.
        annotations: ground truth of the same video.
        overlap: smallest IoU of a match.
    """
    return Labelled(detections, follow_identities(detections, annotations, overlap), annotations)
