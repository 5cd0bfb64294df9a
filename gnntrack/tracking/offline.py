"""The offline tracker: uses the whole sequence, rounds exactly, closes gaps, interpolates, smooths boxes."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gnntrack.association.rounding import Rounding
from gnntrack.errors import DataError
from gnntrack.models import ModelRecipe
from gnntrack.scalars import whole_number
from gnntrack.scratch import ROWS_AT_ONCE, Scratch, release
from gnntrack.sequence import DETECTION, Sequence
from gnntrack.tracking.class_groups import Classes, groups_in
from gnntrack.tracking.finishing import finished
from gnntrack.tracking.stages import Compilable, stages_of

if TYPE_CHECKING:
    from gnntrack.tracking.scoring import LinkScorer


def track_offline(
    detections: Sequence,
    model: Compilable | LinkScorer,
    recipe: ModelRecipe,
    rounding: Rounding | None = None,
    classes: Classes = "together",
    chunk_size: int = ROWS_AT_ONCE,
) -> Sequence:
    """Gives every detection of a sequence an identity.

    Args:
        detections: the boxes; their ids are not used.
        model: an association network (:func:`gnntrack.models.load_for_tracking`), or a link scorer of window graphs.
        recipe: what the model was trained with: graphs, thresholds, shortest track, longest gap that is filled.
        rounding: ``exact`` or ``greedy``; None: exact.
        classes: ``together``: a track's boxes may be of any class; ``separate``: boxes of two classes are never linked;
            or groups of classes, by number or name, such as ``[["car", "van"], ["pedestrian"]]``.
        chunk_size: boxes that are worked on at once. The tracks do not depend on it: a smaller one takes less memory.

    Returns:
        The tracks, with the column ``detection``: the row of ``detections`` that each box came from, −1 where it was
        interpolated. With weights that hold a smoothing network, boxes are moved a little (``boxes.smooth``). The class
        is the track's: most of its detections have it, each counted as much as it is confident.

    Raises:
        DataError: ``classes`` name none of the sequence, or ``chunk_size`` is no whole number above 0.
    """
    settings, scratch = recipe.tracking, Scratch(_checked(chunk_size))
    apart = groups_in(detections, classes)
    rows = _rows(detections.boxes["conf"].to_numpy(), settings.links.minimum_confidence, scratch)
    if not len(rows):
        used = detections.take(rows)
        return replace(used, boxes=used.boxes.assign(**{DETECTION: rows}))
    stages, groups = stages_of(model, recipe), None
    if apart.apart:
        groups = apart.numbers(scratch.gathered(detections.boxes["class_id"].to_numpy(), rows))
    track = stages.tracks(detections, rows, rounding or "exact", groups, scratch)
    return finished(detections, rows, track, stages, settings, scratch)


def _checked(chunk_size: Any) -> int:
    number = whole_number(chunk_size, "chunk_size")
    if number < 1:
        raise DataError(f"chunk_size {number}", remedy="give boxes, 1 or more")
    return min(number, sys.maxsize // 2)  # of more, positions would overflow


def _rows(confidence: np.ndarray, least: float, scratch: Scratch) -> np.ndarray:
    """Positions of the boxes that are tracked."""
    result, count = scratch.empty(len(confidence), np.int64), 0
    for first in range(0, len(confidence), scratch.rows):
        found = first + np.flatnonzero(confidence[first : first + scratch.rows] >= least)
        result[count : count + len(found)] = found
        count += len(found)
        release()
    return result[:count]
