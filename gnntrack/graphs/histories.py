"""What is remembered of each track: its last observations, newest first."""

from __future__ import annotations

import numpy as np

#: Observations kept of a track.
LENGTH = 32
#: Columns of an observation: centre x, centre y, width, height (pixels), frame, confidence.
COLUMNS = 6
CENTRE, SIZE, BOX, FRAME, CONFIDENCE = slice(0, 2), slice(2, 4), slice(0, 4), 4, 5


def observations(boxes: np.ndarray, confidence: np.ndarray, frame: int | np.ndarray) -> np.ndarray:
    """Boxes ``(N, 4)`` xywh as observations ``(N, COLUMNS)``.

    Example:
        >>> observations(np.array([[10.0, 10, 4, 8]]), np.array([0.9]), 3).tolist()
        [[12.0, 14.0, 4.0, 8.0, 3.0, 0.9]]
    """
    seen = np.empty((len(boxes), COLUMNS))
    seen[:, CENTRE] = boxes[:, :2] + 0.5 * boxes[:, 2:]
    seen[:, SIZE], seen[:, FRAME], seen[:, CONFIDENCE] = boxes[:, 2:], frame, confidence
    return seen


class Histories:
    """The last :data:`LENGTH` observations of T tracks, as arrays.

    A track with fewer observations repeats its oldest one, so no mask is needed: the time between the newest and an
    observation that is not there is the track's age.

    Attributes:
        observations: ``(T, LENGTH, COLUMNS)`` float64, newest first.
        count: ``(T,)`` observations so far, also those that are forgotten.
        surprise: ``(T,)`` running mean of how far, in box heights, the track was from where its motion pointed.
        camera: ``(T, 2)`` where the camera stood, in pixels, when each track was last seen.

    Example:
        >>> histories = Histories()
        >>> histories.add(np.array([[5.0, 5, 2, 4, 1, 0.9]]), np.zeros(2))
        >>> histories.extend(np.array([0]), np.array([[6.0, 5, 2, 4, 2, 0.8]]), np.zeros(2))
        >>> histories.newest[:, 0].tolist(), histories.observations[0, :3, 0].tolist(), histories.count.tolist()
        ([6.0], [6.0, 5.0, 5.0], [2])
    """

    def __init__(self) -> None:
        self.observations = np.zeros((0, LENGTH, COLUMNS))
        self.count = np.zeros(0, dtype=np.int64)
        self.surprise = np.zeros(0)
        self.camera = np.zeros((0, 2))

    def __len__(self) -> int:
        """Number of tracks."""
        return len(self.count)

    @property
    def newest(self) -> np.ndarray:
        """``(T, COLUMNS)`` the last observation of each track."""
        return self.observations[:, 0]

    def add(self, seen: np.ndarray, camera: np.ndarray) -> None:
        """Begins a track with each of the observations ``(N, COLUMNS)``."""
        if not len(seen):
            return
        self.observations = np.concatenate([self.observations, np.repeat(seen[:, None], LENGTH, axis=1)])
        self.count = np.concatenate([self.count, np.ones(len(seen), dtype=np.int64)])
        self.surprise = np.concatenate([self.surprise, np.zeros(len(seen))])
        self.camera = np.concatenate([self.camera, np.broadcast_to(camera, (len(seen), 2))])

    def extend(self, tracks: np.ndarray, seen: np.ndarray, camera: np.ndarray) -> None:
        """Continues ``tracks (N,)`` with the observations ``(N, COLUMNS)``."""
        if not len(tracks):
            return
        old = self.observations[tracks]
        span = np.maximum(old[:, 0, FRAME] - old[:, 4, FRAME], 1)
        ahead = np.minimum(seen[:, FRAME] - old[:, 0, FRAME], 10)
        predicted = old[:, 0, CENTRE] + (old[:, 0, CENTRE] - old[:, 4, CENTRE]) * (ahead / span)[:, None]
        off = np.abs(seen[:, CENTRE] - predicted).sum(1) / old[:, 0, 3]
        share = np.maximum(0.1, 1.0 / self.count[tracks])
        self.surprise[tracks] += share * (np.minimum(off, 2.0) - self.surprise[tracks])
        self.observations[tracks, 1:] = old[:, :-1]
        self.observations[tracks, 0] = seen
        self.count[tracks] += 1
        self.camera[tracks] = camera

    def keep(self, mask: np.ndarray) -> None:
        """Forgets the other tracks; ``mask (T,)``."""
        self.observations, self.count = self.observations[mask], self.count[mask]
        self.surprise, self.camera = self.surprise[mask], self.camera[mask]
