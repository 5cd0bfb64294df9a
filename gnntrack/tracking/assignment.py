"""Which candidate links are made in one frame."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment


def assign(links: np.ndarray, probability: np.ndarray, threshold: float) -> np.ndarray:
    """The links that maximise Σ (p − threshold), at most one a track and one a detection.

    Args:
        links: ``(2, E)`` track and detection of each candidate.
        probability: ``(E,)``.
        threshold: links of a lower probability are never made.

    Returns:
        Positions in ``links``.

    Example:
        >>> assign(np.array([[0, 0, 1], [0, 1, 0]]), np.array([0.9, 0.6, 0.8]), 0.5).tolist()
        [1, 2]
    """
    likely = np.flatnonzero(probability > threshold)
    track, detection = links[0, likely], links[1, likely]
    if len(np.unique(track)) == len(track) and len(np.unique(detection)) == len(detection):
        return likely  # nobody competes
    rows, track = np.unique(track, return_inverse=True)
    columns, detection = np.unique(detection, return_inverse=True)
    gain = np.zeros((len(rows), len(columns)))
    place = np.full(gain.shape, -1)
    gain[track, detection] = probability[likely] - threshold
    place[track, detection] = likely
    chosen = place[linear_sum_assignment(gain, maximize=True)]
    return np.sort(chosen[chosen >= 0])
