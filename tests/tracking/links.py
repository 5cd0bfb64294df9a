"""Tracks as links."""

from __future__ import annotations

import numpy as np


def links_of_tracks(track: np.ndarray) -> np.ndarray:
    """The links ``(2, L)`` between the boxes of every track from 1, rows in order of time."""
    order = np.flatnonzero(track > 0)
    order = order[np.argsort(track[order], kind="stable")]
    same = track[order[1:]] == track[order[:-1]]
    return np.stack([order[:-1][same], order[1:][same]])
