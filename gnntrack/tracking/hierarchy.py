"""From detections to tracklets to tracks: the same network joins ever longer pieces over ever longer gaps."""

from __future__ import annotations

import numpy as np

from gnntrack.graphs.association import View
from gnntrack.graphs.histories import FRAME
from gnntrack.models.association_network import AssociationNetwork
from gnntrack.models.settings import AssociationSettings
from gnntrack.tracking.replay import NONE, replay
from gnntrack.tracking.rounding import Rounding, round_links


def chain(
    seen: np.ndarray,
    view: View,
    network: AssociationNetwork,
    settings: AssociationSettings,
    rounding: Rounding = "exact",
) -> np.ndarray:
    """The links ``(2, L)`` that make tracks of a video's boxes.

    First the network tracks in both directions and links that both like become tracklets. Then, for each gap of
    ``settings.join_gaps``, the sequence is tracked again with these tracklets as they are, ends of tracklets are scored
    against beginnings, now with their longer histories, and the best joins are made.

    Args:
        seen: ``(N, 6)`` observations, sorted by frame.
        view: of the video.
        network: scores candidates.
        settings: thresholds and gaps.
        rounding: ``exact`` or ``greedy``.
    """
    scored = replay(seen, view, network, settings)
    chosen = round_links(scored.links, scored.probability, settings.link_threshold, rounding)
    follows = np.full(len(seen), NONE)
    follows[scored.links[0, chosen]] = scored.links[1, chosen]
    frame = seen[:, FRAME]
    for gap in settings.join_gaps:
        patient = settings.model_copy(update={"memory": gap, "confirm": 1})
        (source, target), probability = replay(seen, view, network, patient, follows)
        begins = np.ones(len(seen), dtype=bool)
        begins[follows[follows >= 0]] = False
        open_ends = (follows[source] == NONE) & begins[target] & (frame[target] - frame[source] <= gap)
        links = np.stack([source, target])[:, open_ends]
        chosen = round_links(links, probability[open_ends], settings.join_threshold, rounding)
        follows[links[0, chosen]] = links[1, chosen]
    source = (follows >= 0).nonzero()[0]
    return np.stack([source, follows[source]])
