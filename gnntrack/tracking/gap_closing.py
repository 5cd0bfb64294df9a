"""From detections to tracklets to tracks: the same network joins ever longer pieces over ever longer gaps."""

from __future__ import annotations

import numpy as np

from gnntrack.association.histories import CONFIDENCE, FRAME
from gnntrack.association.rounding import Rounding, round_links
from gnntrack.durations import Duration
from gnntrack.models.bundle import AssociationNetwork
from gnntrack.models.tracking_settings import TrackingSettings
from gnntrack.relinking.offline import relink
from gnntrack.sequence import View
from gnntrack.tracking.replay import (
    NONE,
    find_links,
    links_of_tracks,
    score_links,
    tracks_of_links,
)


def chain(
    seen: np.ndarray,
    view: View,
    network: AssociationNetwork,
    settings: TrackingSettings,
    rounding: Rounding = "exact",
) -> np.ndarray:
    """The links ``(2, L)`` that make tracks of a video's boxes.

    Gaps are closed first; then, where tracks have crossed, the tracklet network, if there is one, decides anew who is
    who.

    Args:
        seen: ``(N, 6 + A)`` observations, sorted by frame.
        view: of the video.
        network: scores candidates.
        settings: thresholds and gaps.
        rounding: ``exact`` or ``greedy``.
    """
    links, probability = closed(seen, view, network, settings, rounding)
    if network.tracklets is None:
        return links
    track = tracks_of_links(links, len(seen))
    relinked = relink(seen, track, probability, view, network.tracklets, settings.relinking, rounding)
    return links_of_tracks(relinked)


def closed(
    seen: np.ndarray, view: View, network: AssociationNetwork, settings: TrackingSettings, rounding: Rounding = "exact"
) -> tuple[np.ndarray, np.ndarray]:
    """The links ``(2, L)`` before anything is linked anew, and the probability ``(N,)`` of the link into each box.

    First the network tracks as it would online. Then, ``offline.revisions`` times, every candidate is scored again
    with all that happened before and after it, and the links are chosen anew, exactly. Last, for each gap of
    ``offline.gaps``, ends of tracklets are scored against beginnings, and the best joins are made. Arguments are those
    of :func:`chain`.
    """
    sure = seen[:, CONFIDENCE] >= settings.births.confidence
    count = len(seen)
    scored = find_links(seen, view, network, settings)
    probability = scored.chance
    follows = _follows(scored.made, count)
    for _ in range(settings.offline.revisions):
        scored = score_links(seen, view, network, settings, follows, sure)
        chosen = round_links(scored.links, scored.probability, settings.offline.revision_threshold, rounding)
        follows = _follows(scored.links[:, chosen], count)
        probability[scored.links[1, chosen]] = scored.probability[chosen]
    frame = seen[:, FRAME]
    for longest in settings.offline.gaps:
        patient, gap = _patient(settings, longest), longest.frames(view.frame_rate)
        scored = score_links(seen, view, network, patient, follows, sure)
        source, target = scored.links
        begins = np.ones(count, dtype=bool)
        begins[follows[follows >= 0]] = False
        possible = (follows[source] == NONE) & begins[target] & (frame[target] - frame[source] <= gap)
        links, chances = scored.links[:, possible], scored.probability[possible]
        chosen = round_links(links, chances, settings.offline.gap_threshold, rounding)
        follows[links[0, chosen]] = links[1, chosen]
        probability[links[1, chosen]] = chances[chosen]
    source = (follows >= 0).nonzero()[0]
    return np.stack([source, follows[source]]), probability


def _patient(settings: TrackingSettings, memory: Duration) -> TrackingSettings:
    """The settings with another memory, and tracks that count at once."""
    births = settings.births.model_copy(update={"confirm": 1})
    links = settings.links.model_copy(update={"memory": memory})
    return settings.model_copy(update={"births": births, "links": links})


def _follows(links: np.ndarray, count: int) -> np.ndarray:
    """The row that each row ``(count,)`` is followed by, −1: none."""
    follows = np.full(count, NONE)
    follows[links[0]] = links[1]
    return follows
