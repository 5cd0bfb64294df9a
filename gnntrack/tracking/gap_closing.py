"""Gap closing: links ends of tracklets to beginnings, over short gaps first, then over longer ones."""

from __future__ import annotations

import numpy as np

from gnntrack.association.histories import CONFIDENCE, FRAME
from gnntrack.association.rivals import clear_of_rivals
from gnntrack.association.rounding import Rounding, round_links
from gnntrack.durations import Duration
from gnntrack.geometry.camera_motion import CameraMotion
from gnntrack.models.compiled_bundle import CompiledNetworks
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
    detections: np.ndarray,
    view: View,
    network: CompiledNetworks,
    settings: TrackingSettings,
    rounding: Rounding = "exact",
    groups: np.ndarray | None = None,
    camera: CameraMotion | None = None,
) -> np.ndarray:
    """The links ``(2, L)`` that make tracks of a video's boxes.

    Gaps are closed first. Then the tracklet network, if there is one, corrects identity switches after crossings.

    Args:
        detections: ``(N, 6 + A)`` observations, sorted by frame.
        view: of the video.
        network: scores candidates.
        settings: thresholds and gaps.
        rounding: ``exact`` or ``greedy``.
        groups: ``(N,)`` only boxes of one group are linked; None: all are of one.
        camera: its motion, if it is known.
    """
    links, probability = closed(detections, view, network, settings, rounding, groups, camera)
    if network.tracklets is None:
        return links
    track = tracks_of_links(links, len(detections))
    relinked = relink(
        detections,
        track,
        probability,
        view,
        network.tracklets,
        settings.relinking,
        rounding,
        groups,
        camera,
        margin=settings.links.margin,
    )
    return links_of_tracks(relinked)


def closed(
    detections: np.ndarray,
    view: View,
    network: CompiledNetworks,
    settings: TrackingSettings,
    rounding: Rounding = "exact",
    groups: np.ndarray | None = None,
    camera: CameraMotion | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """The links ``(2, L)`` before identities are corrected, and the probability ``(N,)`` of the link into each box.

    First the network tracks as it would online. Then, ``offline.revisions`` times, every candidate is scored again
    with the tracks before and after it, and all links are chosen again, exactly. Last, for each gap of
    ``offline.gaps``, ends of tracklets are scored against beginnings, and the best links are added. Arguments are
    those of :func:`chain`.
    """
    sure = detections[:, CONFIDENCE] >= settings.births.confidence
    count = len(detections)
    scored = find_links(detections, view, network, settings, groups, camera)
    probability = scored.link_probability
    follows = _follows(scored.links, count)
    for _ in range(settings.offline.revisions):
        scored = score_links(detections, view, network, settings, follows, sure, groups, camera)
        chosen = round_links(scored.candidates, scored.probability, settings.offline.revision_threshold, rounding)
        chosen &= clear_of_rivals(scored.candidates, scored.probability, chosen, settings.links.margin)
        follows = _follows(scored.candidates[:, chosen], count)
        probability[scored.candidates[1, chosen]] = scored.probability[chosen]
    frame = detections[:, FRAME]
    for longest in settings.offline.gaps:
        patient, gap = _patient(settings, longest), longest.frames(view.frame_rate)
        scored = score_links(detections, view, network, patient, follows, sure, groups, camera, joins=True)
        source, target = scored.candidates
        begins = np.ones(count, dtype=bool)
        begins[follows[follows >= 0]] = False
        possible = (follows[source] == NONE) & begins[target] & (frame[target] - frame[source] <= gap)
        links, scores = scored.candidates[:, possible], scored.probability[possible]
        chosen = round_links(links, scores, settings.offline.gap_threshold, rounding)
        chosen &= clear_of_rivals(links, scores, chosen, settings.links.margin)
        follows[links[0, chosen]] = links[1, chosen]
        probability[links[1, chosen]] = scores[chosen]
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
