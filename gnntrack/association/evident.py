"""Links that are evident without a network."""

from __future__ import annotations

import numpy as np

from gnntrack.association.feature_columns import PAIR
from gnntrack.association.nearest import FIRST, SECOND
from gnntrack.association.predictions import MIDDLE
from gnntrack.compiled import compiled

#: A link is evident where boxes of consecutive frames overlap so much (IoU), and rivals on both sides are so much
#: farther away (heights).
EVIDENT_OVERLAP, EVIDENT_MARGIN = 0.3, 1.9


@compiled
def evident(pairs: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Which links ``(E,)`` are evident: the boxes overlap, one frame apart, and no other candidate is near.

    These need no network, and a network that was not trained on such objects may score them low. Lost tracks do not
    count as competitors: they may be earlier pieces of the same object.

    Args:
        pairs: ``(E, PAIR_FEATURES)``.
        ends: ``(2, E)`` track and detection of each.
    """
    result = np.empty(len(pairs), dtype=np.bool_)
    last = 0
    for link in range(len(pairs)):
        last = max(last, ends[1, link])
    nearest, which = np.full((last + 1, 2), np.inf, dtype=np.float32), np.full(last + 1, -1)
    for link in range(len(pairs)):  # the two nearest tracks of each detection that are not lost
        if pairs[link, PAIR.gap] != 0.0:
            continue
        near, detection = _near(pairs, link), ends[1, link]
        if near < nearest[detection, SECOND]:
            nearest[detection, SECOND] = max(nearest[detection, FIRST], near)
            if near < nearest[detection, FIRST]:
                nearest[detection, FIRST], which[detection] = near, link
    for link in range(len(pairs)):
        alone = pairs[link, PAIR.track_margin] <= -EVIDENT_MARGIN and pairs[link, PAIR.gap] == 0.0
        result[link] = alone and max(pairs[link, PAIR.iou], pairs[link, PAIR.iou_short]) >= EVIDENT_OVERLAP
        if result[link]:
            rival = nearest[ends[1, link], SECOND if which[ends[1, link]] == link else FIRST]
            result[link] = rival >= _near(pairs, link) + EVIDENT_MARGIN
    return result


@compiled
def _near(pairs: np.ndarray, link: int) -> float:
    """Distance, about, from a track to a detection: from where it was, or from where it should be."""
    return min(np.exp(pairs[link, PAIR.distance]), np.exp(pairs[link, PAIR.missed_distance + MIDDLE]))
