"""Correcting identity switches after crossings, offline: tracks are cut where they overlap, and relinked."""

from __future__ import annotations

import numpy as np

from gnntrack.association.rounding import Rounding
from gnntrack.geometry.camera_motion import CameraMotion
from gnntrack.relinking.compiled_network import CompiledTrackletNetwork
from gnntrack.relinking.decision import choose, open_ends
from gnntrack.relinking.joining import join_tracklets
from gnntrack.relinking.scoring import score_tracklets
from gnntrack.relinking.settings import RelinkingSettings
from gnntrack.relinking.whole_video import tracklets_of_video
from gnntrack.scratch import Scratch
from gnntrack.sequence import View


def relink(
    detections: np.ndarray,
    track: np.ndarray,
    probability: np.ndarray,
    view: View,
    network: CompiledTrackletNetwork,
    settings: RelinkingSettings,
    rounding: Rounding = "exact",
    groups: np.ndarray | None = None,
    camera: CameraMotion | None = None,
    margin: float = 0.0,
    scratch: Scratch | None = None,
) -> np.ndarray:
    """Assigns the boxes of tracks to tracks again.

    Online, identities are decided frame by frame, while objects occlude each other. Offline, the paths on both sides
    of a crossing are known: the tracklets before and after it are linked at once, by motion, size and the
    probabilities of the tracker's links. Boxes in between stay where the tracker's link is kept; otherwise they go to
    the relinked track that is closest by linear interpolation.

    Args:
        detections: ``(N, 6 + A)`` observations, sorted by frame.
        track: ``(N,)`` the track of each, from 1; below 1: none.
        probability: ``(N,)`` of the link by which its track came to each.
        view: of the video.
        network: scores the links.
        settings: the threshold, and the number of tracks from which a frame is crowded.
        rounding: ``exact`` or ``greedy``.
        groups: ``(N,)`` only boxes of one group are linked; None: all are of one.
        camera: its motion, by which all boxes are brought into the first image, if it is known. (They are not
            turned: where the camera has turned, up is no longer up there.)
        margin: how much more probable a link must be than the others of its two tracklets.
        scratch: makes the arrays.

    Returns:
        ``(N,)`` the new track of each box, from 1; 0: none.
    """
    scratch = scratch or Scratch()
    detections, tracklets = tracklets_of_video(detections, track, probability, camera, groups=groups, scratch=scratch)
    if not len(tracklets):
        return scratch.full(len(detections), 0, np.int64)
    own, settled = open_ends(tracklets, detections, track, settings.crowd, scratch)
    links, logit = score_tracklets(tracklets, view, network, settled)
    chosen = choose(links, logit, settings.threshold, rounding, margin)
    made = np.concatenate([own, chosen], axis=1)
    return join_tracklets(detections, track, tracklets, made, groups, scratch)
