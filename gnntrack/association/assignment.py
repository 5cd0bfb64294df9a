"""Assignment: which candidate links are chosen in one frame."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment

from gnntrack.compiled import compiled

#: Links of a lower probability are never chosen.
LEAST = 0.1


def assign(links: np.ndarray, probability: np.ndarray, threshold: float) -> np.ndarray:
    """The links that maximise Σ p, at most one a track and one a detection, among those that are allowed.

    A link is allowed where the candidates of either end together have a probability above the threshold. If two lost
    tracks and two detections fit each other equally well (0.25 each), any pairing is better than four tracks.

    Args:
        links: ``(2, E)`` track and detection of each candidate.
        probability: ``(E,)``.
        threshold: probability of having a partner at all, above which an end gets one.

    Returns:
        Positions in ``links``.

    Example:
        >>> assign(np.array([[0, 0, 1], [0, 1, 0]]), np.array([0.9, 0.6, 0.8]), 0.5).tolist()
        [1, 2]
        >>> assign(np.array([[0, 0, 1, 1], [0, 1, 0, 1]]), np.array([0.26, 0.24, 0.24, 0.26]), 0.4).tolist()
        [0, 3]
    """
    if not len(probability):
        return np.zeros(0, dtype=np.int64)
    likely, competing = _likely(links, probability, threshold)
    if not competing:
        return likely
    track, detection = links[0, likely], links[1, likely]
    rows, track = np.unique(track, return_inverse=True)
    columns, detection = np.unique(detection, return_inverse=True)
    gain = np.zeros((len(rows), len(columns)))
    place = np.full(gain.shape, -1)
    gain[track, detection] = probability[likely]
    place[track, detection] = likely
    chosen = place[linear_sum_assignment(gain, maximize=True)]
    return np.sort(chosen[chosen >= 0])


@compiled
def _likely(links: np.ndarray, probability: np.ndarray, threshold: float) -> tuple[np.ndarray, bool]:
    """Links that are allowed, and whether two of them share an end."""
    last_track, last_detection = 0, 0
    for link in range(len(probability)):
        last_track, last_detection = max(last_track, links[0, link]), max(last_detection, links[1, link])
    tracks, detections = np.zeros(last_track + 1), np.zeros(last_detection + 1)
    for link in range(len(probability)):
        tracks[links[0, link]] += probability[link]
        detections[links[1, link]] += probability[link]
    likely = np.empty(len(probability), dtype=np.int64)
    count, competing = 0, False
    used_tracks, used_detections = np.zeros(len(tracks), np.bool_), np.zeros(len(detections), np.bool_)
    for link in range(len(probability)):
        track, detection = links[0, link], links[1, link]
        if probability[link] > LEAST and max(tracks[track], detections[detection]) > threshold:
            likely[count] = link
            count += 1
            competing |= used_tracks[track] or used_detections[detection]
            used_tracks[track] = used_detections[detection] = True
    return likely[:count], competing
