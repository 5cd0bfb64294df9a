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
from gnntrack.scratch import Scratch, release
from gnntrack.sequence import View
from gnntrack.tracking.replay import find_links, score_links
from gnntrack.tracking.row_links import RowLinks, tracks_of_links


def chain(
    detections: np.ndarray,
    view: View,
    network: CompiledNetworks,
    settings: TrackingSettings,
    rounding: Rounding = "exact",
    groups: np.ndarray | None = None,
    camera: CameraMotion | None = None,
    scratch: Scratch | None = None,
) -> np.ndarray:
    """The track ``(N,)`` of each box of a video, from 1; 0: it is linked to no other.

    Gaps are closed first. Then the tracklet network, if there is one, corrects identity switches after crossings.

    Args:
        detections: ``(N, 6 + A)`` observations, sorted by frame.
        view: of the video.
        network: scores candidates.
        settings: thresholds and gaps.
        rounding: ``exact`` or ``greedy``.
        groups: ``(N,)`` only boxes of one group are linked; None: all are of one.
        camera: its motion, if it is known.
        scratch: makes the arrays.
    """
    scratch = scratch or Scratch()
    links, probability = closed(detections, view, network, settings, rounding, groups, camera, scratch)
    track = tracks_of_links(links, scratch)
    if network.tracklets is None:
        return track
    del links
    return relink(
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
        scratch=scratch,
    )


def closed(
    detections: np.ndarray,
    view: View,
    network: CompiledNetworks,
    settings: TrackingSettings,
    rounding: Rounding = "exact",
    groups: np.ndarray | None = None,
    camera: CameraMotion | None = None,
    scratch: Scratch | None = None,
) -> tuple[RowLinks, np.ndarray]:
    """The links before identities are corrected, and the probability ``(N,)`` of the link into each box.

    First the network tracks as it would online. Then, ``offline.revisions`` times, every candidate is scored again
    with the tracks before and after it, and all links are chosen again, exactly. Last, for each gap of
    ``offline.gaps``, ends of tracklets are scored against beginnings, and the best links are added. Arguments are
    those of :func:`chain`.
    """
    scratch = scratch or Scratch()
    sure = _sure(detections, settings.births.confidence, scratch)
    links, _, probability = find_links(detections, view, network, settings, groups, camera, scratch)
    margin = settings.links.margin
    for _ in range(settings.offline.revisions):
        threshold = settings.offline.revision_threshold
        least = -1.0 if margin else threshold  # with a margin, improbable rivals count
        about = links, sure, groups, camera
        scored = score_links(detections, view, network, settings, *about, least=least, scratch=scratch)
        chosen = round_links(scored.candidates, scored.probability, threshold, rounding)
        chosen &= clear_of_rivals(scored.candidates, scored.probability, chosen, margin)
        links = RowLinks.nothing(len(detections), scratch)
        links.add(scored.candidates[:, chosen])
        probability[scored.candidates[1, chosen]] = scored.probability[chosen]
    frame = detections[:, FRAME]
    for longest in settings.offline.gaps:
        patient, gap = _patient(settings, longest), longest.frames(view.frame_rate)
        threshold = settings.offline.gap_threshold
        least = -1.0 if margin else threshold
        about = links, sure, groups, camera
        scored = score_links(detections, view, network, patient, *about, joins=True, least=least, scratch=scratch)
        source, target = scored.candidates
        possible = frame[target] - frame[source] <= gap
        joins, scores = scored.candidates[:, possible], scored.probability[possible]
        chosen = round_links(joins, scores, threshold, rounding)
        chosen &= clear_of_rivals(joins, scores, chosen, margin)
        links.add(joins[:, chosen])
        probability[joins[1, chosen]] = scores[chosen]
        release()
    return links, probability


def _sure(detections: np.ndarray, confidence: float, scratch: Scratch) -> np.ndarray:
    """Which rows ``(N,)`` may be tracks of their own."""
    result = scratch.empty(len(detections), np.bool_)
    for first in range(0, len(detections), scratch.rows):
        rows = slice(first, first + scratch.rows)
        result[rows] = detections[rows, CONFIDENCE] >= confidence
        release()
    return result


def _patient(settings: TrackingSettings, memory: Duration) -> TrackingSettings:
    """The settings with another memory, and tracks that count at once."""
    births = settings.births.model_copy(update={"confirm": 1})
    links = settings.links.model_copy(update={"memory": memory})
    return settings.model_copy(update={"births": births, "links": links})
