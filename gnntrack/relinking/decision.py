"""Which tracklets may be linked, and which are: the best of the links that a network scored."""

from __future__ import annotations

import numpy as np

from gnntrack.association.histories import FRAME
from gnntrack.association.rivals import clear_of_rivals
from gnntrack.association.rounding import Rounding, round_links
from gnntrack.relinking.candidates import Settled
from gnntrack.relinking.tracklets import Tracklets
from gnntrack.scratch import Scratch


def open_ends(
    tracklets: Tracklets, detections: np.ndarray, track: np.ndarray, crowd: int, scratch: Scratch | None = None
) -> tuple[np.ndarray, Settled]:
    """The tracker's links ``(2, L)`` that begin or end in a crowded frame and stay, and what these settle.

    Args:
        tracklets: T of them.
        detections: ``(N, 6 + A)`` observations, sorted by frame.
        track: ``(N,)`` of each, from 1; below 1: none.
        crowd: largest number of tracks in a frame that is not crowded.
        scratch: of the arrays.
    """
    frames = np.unique(np.concatenate([tracklets.tail.frame, tracklets.head.frame]))
    view = np.zeros(len(frames), dtype=np.int64)
    for part in (scratch or Scratch()).parts(detections[:, FRAME]):
        here, count = np.unique(detections[part, FRAME][track[part] > 0], return_counts=True)
        asked = np.isin(here, frames)
        view[np.searchsorted(frames, here[asked])] = count[asked]
    tail, head = (view[np.searchsorted(frames, end.frame)] > crowd for end in (tracklets.tail, tracklets.head))
    goes_on = np.flatnonzero(tracklets.following >= 0)
    goes_on = goes_on[tail[goes_on] | head[tracklets.following[goes_on]]]
    own = np.stack([goes_on, tracklets.following[goes_on]])
    tail[own[0]] = head[own[1]] = True
    return own, Settled(tail, head)


def choose(
    candidates: np.ndarray, logit: np.ndarray, threshold: float, rounding: Rounding = "exact", margin: float = 0.0
) -> np.ndarray:
    """The links ``(2, L)`` that are made.

    Args:
        candidates: ``(2, E)`` pairs of tracklets.
        logit: ``(E,)`` of each, see :mod:`.scoring`.
        threshold: probability that a link must have.
        rounding: ``exact`` or ``greedy``.
        margin: how much more probable a link must be than the others of its two tracklets.
    """
    if not candidates.shape[1]:
        return candidates
    probability = 1.0 / (1.0 + np.exp(-logit))
    chosen = round_links(candidates, probability, threshold, rounding)
    return candidates[:, clear_of_rivals(candidates, probability, chosen, margin)]
