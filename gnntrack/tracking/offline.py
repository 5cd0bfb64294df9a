"""The offline tracker: uses the whole sequence, rounds exactly, closes gaps, interpolates, smooths boxes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gnntrack.association.rounding import Rounding, identities_from_links
from gnntrack.models import ModelRecipe
from gnntrack.sequence import DETECTION, Sequence
from gnntrack.tracking.class_groups import Classes, groups_in
from gnntrack.tracking.class_votes import elected
from gnntrack.tracking.interpolation import interpolate
from gnntrack.tracking.stages import Compilable, stages_of

if TYPE_CHECKING:
    from gnntrack.tracking.scoring import LinkScorer


def track_offline(
    detections: Sequence,
    model: Compilable | LinkScorer,
    recipe: ModelRecipe,
    rounding: Rounding | None = None,
    classes: Classes = "together",
) -> Sequence:
    """Gives every detection of a sequence an identity.

    Args:
        detections: the boxes; their ids are not used.
        model: an association network (:func:`gnntrack.models.load_for_tracking`), or a link scorer of window graphs.
        recipe: what the model was trained with: graphs, thresholds, shortest track, longest gap that is filled.
        rounding: ``exact`` or ``greedy``; None: exact.
        classes: ``together``: a track's boxes may be of any class; ``separate``: boxes of two classes are never linked;
            or groups of classes, by number or name, such as ``[["car", "van"], ["pedestrian"]]``.

    Returns:
        The tracks, with the column ``detection``: the row of ``detections`` that each box came from, −1 where it was
        interpolated. With weights that hold a smoothing network, boxes are moved a little (``boxes.smooth``). The class
        is the track's: most of its detections have it, each counted as much as it is confident.
    """
    settings, rounding = recipe.tracking, rounding or "exact"
    apart = groups_in(detections, classes)
    rows = np.flatnonzero(detections.boxes["conf"].to_numpy() >= settings.links.minimum_confidence)
    used = detections.take(rows)
    if not len(used):
        return replace(used, boxes=used.boxes.assign(**{DETECTION: rows}))
    stages = stages_of(model, recipe)
    kind, confidence = used.boxes["class_id"].to_numpy(), used.boxes["conf"].to_numpy()
    links = stages.links(used, rounding, apart.numbers(kind))
    identity = identities_from_links(links, len(used))
    confident = np.zeros(identity.max() + 1, dtype=bool)
    confident[identity[confidence >= settings.births.confidence]] = True
    kept = (np.bincount(identity) >= settings.offline.minimum_length)[identity] & confident[identity]
    voted = elected(identity, kind, confidence)
    table = used.boxes.assign(id=identity, class_id=voted, **{DETECTION: rows})[kept]
    tracks = interpolate(
        replace(used, boxes=table, embeddings=None), settings.boxes.interpolate.frames(used.frame_rate)
    )
    return stages.smooth(tracks)
