"""What is remembered of each track: its last observations, newest first."""

from __future__ import annotations

import numpy as np

from gnntrack.association.appearance import unit
from gnntrack.compiled import compiled
from gnntrack.geometry.boxes import HEIGHT, xywh_to_cxcywh
from gnntrack.sequence import Sequence

#: Observations kept of a track.
LENGTH = 32
#: Columns of an observation: centre x, centre y, width, height (pixels), frame, confidence. Its appearance follows, in
#: as many columns as the embeddings have, if there are any.
COLUMNS = 6
FRAME, CONFIDENCE = 4, 5
BOX = slice(0, 4)
#: Place of a track's last observation.
NEWEST = 0
#: Observations back from which a track's present speed is taken, and frames ahead that it is trusted.
SPEED, FARTHEST = 4, 10.0
#: Share of a track's appearance that remains after another observation.
REMEMBERED = 0.9


def observations(
    boxes: np.ndarray, confidence: np.ndarray, frame: int | np.ndarray, embeddings: np.ndarray | None = None
) -> np.ndarray:
    """Boxes as observations ``(N, COLUMNS + A)``.

    Args:
        boxes: ``(N, 4)`` xywh.
        confidence: ``(N,)``.
        frame: of all, or ``(N,)``.
        embeddings: ``(N, A)`` appearance vectors, of any length; zeros: not known.

    Example:
        >>> observations(np.array([[10.0, 10, 4, 8]]), np.array([0.9]), 3).tolist()
        [[12.0, 14.0, 4.0, 8.0, 3.0, 0.9]]
    """
    seen = np.empty((len(boxes), COLUMNS + (0 if embeddings is None else embeddings.shape[1])))
    seen[:, BOX], seen[:, FRAME], seen[:, CONFIDENCE] = xywh_to_cxcywh(boxes), frame, confidence
    if embeddings is not None:
        seen[:, COLUMNS:] = unit(embeddings)
    return seen


def observed(detections: Sequence, appearance: bool = False) -> np.ndarray:
    """All boxes of a video as observations ``(N, COLUMNS + A)``; A is 0 unless ``appearance`` is looked at."""
    vectors = detections.embeddings if appearance else None
    return observations(detections.xywh, detections.boxes["conf"].to_numpy(), detections.frames, vectors)


class Histories:
    """The last :data:`LENGTH` observations of T tracks, as arrays.

    A track with fewer observations repeats its oldest one, so no mask is needed: the time between the newest and an
    observation that is not there is the track's age.

    Args:
        noise: columns of the noise; 0 where boxes are not smoothed.

    Attributes:
        observations: ``(T, LENGTH, COLUMNS)`` float64, newest first.
        count: ``(T,)`` observations so far, also those that are forgotten.
        surprise: ``(T,)`` running mean of how far, in box heights, the track was from where its motion pointed.
        camera: ``(T, 2)`` where the camera stood, in pixels, when each track was last seen.
        noise: ``(T, 2, noise)`` running means, near and far, of how far smoothed boxes are from those seen; whoever
            smooths boxes keeps them here.
        appearance: ``(T, A)`` decaying sum of the vectors of each track, those of sure detections more; A is 0 until
            observations have vectors.

    Example:
        >>> histories = Histories()
        >>> histories.add(np.array([[5.0, 5, 2, 4, 1, 0.9]]), np.zeros(2))
        >>> histories.extend(np.array([0]), np.array([[6.0, 5, 2, 4, 2, 0.8]]), np.zeros(2))
        >>> histories.newest[:, 0].tolist(), histories.observations[0, :3, 0].tolist(), histories.count.tolist()
        ([6.0], [6.0, 5.0, 5.0], [2])
    """

    def __init__(self, noise: int = 0) -> None:
        self.observations = np.zeros((0, LENGTH, COLUMNS))
        self.count = np.zeros(0, dtype=np.int64)
        self.surprise = np.zeros(0)
        self.camera = np.zeros((0, 2))
        self.noise = np.zeros((0, 2, noise))
        self.appearance = np.zeros((0, 0))

    def __len__(self) -> int:
        """Number of tracks."""
        return len(self.count)

    @property
    def newest(self) -> np.ndarray:
        """``(T, COLUMNS)`` the last observation of each track."""
        return self.observations[:, NEWEST]

    def add(self, seen: np.ndarray, camera: np.ndarray) -> None:
        """Begins a track with each of the observations ``(N, COLUMNS + A)``."""
        if not len(seen):
            return
        looks = self._looks(seen)
        self.appearance = np.concatenate([self.appearance, looks])
        self.observations = np.concatenate([self.observations, np.repeat(seen[:, None, :COLUMNS], LENGTH, axis=1)])
        self.count = np.concatenate([self.count, np.ones(len(seen), dtype=np.int64)])
        self.surprise = np.concatenate([self.surprise, np.zeros(len(seen))])
        self.camera = np.concatenate([self.camera, np.broadcast_to(camera, (len(seen), 2))])
        self.noise = np.concatenate([self.noise, np.zeros((len(seen), 2, self.noise.shape[2]))])

    def extend(self, tracks: np.ndarray, seen: np.ndarray, camera: np.ndarray) -> None:
        """Continues ``tracks (N,)`` with the observations ``(N, COLUMNS + A)``."""
        if not len(tracks):
            return
        looks = self._looks(seen)
        self.appearance[tracks] = REMEMBERED * self.appearance[tracks] + looks
        _extend(self.observations, self.count, self.surprise, self.camera, tracks, seen, np.asarray(camera, float))

    def keep(self, mask: np.ndarray) -> None:
        """Forgets the other tracks; ``mask (T,)``."""
        self.observations, self.count = self.observations[mask], self.count[mask]
        self.surprise, self.camera, self.noise = self.surprise[mask], self.camera[mask], self.noise[mask]
        self.appearance = self.appearance[mask]

    def _looks(self, seen: np.ndarray) -> np.ndarray:
        """The vectors of observations, weighted by confidence; makes room where the first ones come."""
        missing = seen.shape[1] - COLUMNS - self.appearance.shape[1]
        if missing > 0:
            self.appearance = np.pad(self.appearance, ((0, 0), (0, missing)))
        looks: np.ndarray = seen[:, COLUMNS:] * seen[:, CONFIDENCE, None]
        return looks if missing >= 0 else np.pad(looks, ((0, 0), (0, -missing)))


@compiled
def _extend(
    past: np.ndarray,
    count: np.ndarray,
    surprise: np.ndarray,
    cameras: np.ndarray,
    tracks: np.ndarray,
    seen: np.ndarray,
    camera: np.ndarray,
) -> None:
    """Puts a new observation in front of each of the tracks, and notes how far off their motion was."""
    for row in range(len(tracks)):
        track = tracks[row]
        newest, earlier = past[track, NEWEST], past[track, SPEED]
        span = max(newest[FRAME] - earlier[FRAME], 1.0)
        ahead = min(seen[row, FRAME] - newest[FRAME], FARTHEST)
        off = 0.0
        for side in range(2):
            predicted = newest[side] + (newest[side] - earlier[side]) * (ahead / span)
            off += abs(seen[row, side] - predicted)
        share = max(0.1, 1.0 / count[track])
        surprise[track] += share * (min(off / newest[HEIGHT], 2.0) - surprise[track])
        for step in range(past.shape[1] - 1, 0, -1):
            past[track, step] = past[track, step - 1]
        past[track, NEWEST] = seen[row, : past.shape[2]]
        count[track] += 1
        cameras[track] = camera
