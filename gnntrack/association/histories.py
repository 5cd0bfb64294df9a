"""Track histories: the last observations of each track, newest first."""

from __future__ import annotations

import numpy as np

from gnntrack.association.appearance import unit
from gnntrack.compiled import compiled
from gnntrack.geometry.boxes import HEIGHT, xywh_to_cxcywh
from gnntrack.geometry.camera_motion import LINEAR, moved, moved_xywh
from gnntrack.scratch import Scratch, release
from gnntrack.sequence import BOX as SIDES
from gnntrack.sequence import Sequence
from gnntrack.state import Layout, State, given_back, require, taken

#: Observations kept of a track.
LENGTH = 32
#: Columns of an observation: centre x, centre y, width, height (pixels), frame, confidence. Its appearance follows, in
#: as many columns as the embeddings have, if there are any.
COLUMNS = 6
FRAME, CONFIDENCE = 4, 5
BOX = slice(0, 4)
#: Place of a track's last observation.
NEWEST = 0
#: Lag, in observations, over which the current speed is measured; longest extrapolation with it, in frames.
SPEED_SPAN, TRUSTED_FRAMES = 4, 10.0
#: Decay of a track's appearance with every observation.
APPEARANCE_DECAY = 0.9


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
    detections = np.empty((len(boxes), COLUMNS + (0 if embeddings is None else embeddings.shape[1])))
    detections[:, BOX], detections[:, FRAME], detections[:, CONFIDENCE] = xywh_to_cxcywh(boxes), frame, confidence
    if embeddings is not None:
        detections[:, COLUMNS:] = unit(embeddings)
    return detections


def observed(
    detections: Sequence, appearance: bool = False, rows: np.ndarray | None = None, scratch: Scratch | None = None
) -> np.ndarray:
    """Boxes of a video as observations ``(N, COLUMNS + A)``.

    Args:
        detections: the video.
        appearance: whether embeddings are wanted; otherwise A is 0.
        rows: positions of the boxes that are wanted; None: all.
        scratch: makes the array.
    """
    scratch = scratch or Scratch()
    vectors = detections.embeddings if appearance else None
    *box, confidence, frame = (detections.boxes[name].to_numpy() for name in (*SIDES, "conf", "frame"))
    count = len(detections) if rows is None else len(rows)
    columns = COLUMNS + (0 if vectors is None else vectors.shape[1])
    result = scratch.empty((count, columns), np.float64)
    for first in range(0, count, scratch.rows):
        part = slice(first, min(first + scratch.rows, count))
        here = part if rows is None else rows[part]
        sides = np.column_stack([side[here] for side in box])
        about = confidence[here], frame[here], None if vectors is None else vectors[here]
        result[part] = observations(sides, *about)
        release()
    return result


#: The attributes of :class:`Histories`.
_LAYOUT: Layout = {
    "observations": ("f8", "T", LENGTH, COLUMNS),
    "count": ("i8", "T"),
    "prediction_error": ("f8", "T"),
    "camera": ("f8", "T", 2),
    "noise": ("f8", "T", 2, "noise"),
    "smoothed": ("f8", "T", 4),
    "appearance": ("f8", "T", "A"),
}


class Histories:
    """The last :data:`LENGTH` observations of T tracks, as arrays.

    A track with fewer observations repeats its oldest one, so no mask is needed.

    Args:
        noise: columns of the noise; 0 where boxes are not smoothed.

    Attributes:
        observations: ``(T, LENGTH, COLUMNS)`` float64, newest first.
        count: ``(T,)`` observations so far, also those that are no longer kept.
        prediction_error: ``(T,)`` running mean distance, in box heights, from the linear prediction.
        camera: ``(T, 2)`` position of the camera, in pixels, at the last observation of each track.
        noise: ``(T, 2, noise)`` running means, short and long, of the distance between smoothed and detected boxes;
            kept here for the smoothing network.
        smoothed: ``(T, 4)`` the newest box of each track, xywh, as it was smoothed, if boxes are smoothed.
        appearance: ``(T, A)`` decaying sum of the embeddings of each track, weighted by confidence; A is 0 until there
            are any.

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
        self.prediction_error = np.zeros(0)
        self.camera = np.zeros((0, 2))
        self.noise = np.zeros((0, 2, noise))
        self.smoothed = np.zeros((0, 4))
        self.appearance = np.zeros((0, 0))

    def __len__(self) -> int:
        """Number of tracks."""
        return len(self.count)

    @property
    def newest(self) -> np.ndarray:
        """``(T, COLUMNS)`` the last observation of each track."""
        return self.observations[:, NEWEST]

    def add(self, detections: np.ndarray, camera: np.ndarray) -> None:
        """Starts a track with each of the observations ``(N, COLUMNS + A)``."""
        if not len(detections):
            return
        appearance = self._weighted_appearance(detections)
        self.appearance = np.concatenate([self.appearance, appearance])
        self.observations = np.concatenate(
            [self.observations, np.repeat(detections[:, None, :COLUMNS], LENGTH, axis=1)]
        )
        self.count = np.concatenate([self.count, np.ones(len(detections), dtype=np.int64)])
        self.prediction_error = np.concatenate([self.prediction_error, np.zeros(len(detections))])
        self.camera = np.concatenate([self.camera, np.tile(camera, (len(detections), 1))])
        self.noise = np.concatenate([self.noise, np.zeros((len(detections), 2, self.noise.shape[2]))])
        self.smoothed = np.concatenate([self.smoothed, np.zeros((len(detections), 4))])

    def extend(self, tracks: np.ndarray, detections: np.ndarray, camera: np.ndarray) -> None:
        """Continues ``tracks (N,)`` with the observations ``(N, COLUMNS + A)``."""
        self.see(tracks, detections)
        known = self.observations, self.count, self.prediction_error, self.camera
        extend_histories(*known, tracks, np.arange(len(tracks)), detections, np.asarray(camera, float))

    def see(self, tracks: np.ndarray, detections: np.ndarray) -> None:
        """Adds the embeddings of observations ``(N, COLUMNS + A)`` to those of ``tracks (N,)``, if there are any."""
        if len(tracks) and (self.appearance.shape[1] or detections.shape[1] > COLUMNS):
            appearance = self._weighted_appearance(detections)
            self.appearance[tracks] = APPEARANCE_DECAY * self.appearance[tracks] + appearance

    def move(self, camera: np.ndarray, position: np.ndarray) -> None:
        """Brings all that is remembered into the next image, by the camera's motion ``(2, 3)``.

        The positions of the camera are counted from ``position (2,)`` then, so that they do not grow for ever.
        """
        self.camera = (self.camera - position) @ camera[LINEAR].T
        self.observations[..., BOX] = moved(self.observations[..., BOX], camera)
        self.smoothed = moved_xywh(self.smoothed, camera)

    def keep(self, mask: np.ndarray) -> None:
        """Drops the other tracks; ``mask (T,)``."""
        self.observations, self.count = self.observations[mask], self.count[mask]
        self.prediction_error, self.camera, self.noise = (
            self.prediction_error[mask],
            self.camera[mask],
            self.noise[mask],
        )
        self.appearance, self.smoothed = self.appearance[mask], self.smoothed[mask]

    def state(self) -> State:
        """What is remembered, see :mod:`gnntrack.state`."""
        return taken(self, _LAYOUT)

    def restore(self, state: State) -> None:
        """Takes back what :meth:`state` gave."""
        noise = self.noise.shape
        given_back(self, _LAYOUT, state)
        require(self.noise.shape[1:] == noise[1:], "noise of another smoothing network")

    def _weighted_appearance(self, detections: np.ndarray) -> np.ndarray:
        """Embeddings weighted by confidence; adds columns to ``appearance`` with the first ones."""
        missing = detections.shape[1] - COLUMNS - self.appearance.shape[1]
        if missing > 0:
            self.appearance = np.pad(self.appearance, ((0, 0), (0, missing)))
        appearance: np.ndarray = detections[:, COLUMNS:] * detections[:, CONFIDENCE, None]
        return appearance if missing >= 0 else np.pad(appearance, ((0, 0), (0, -missing)))


@compiled
def extend_histories(
    past: np.ndarray,
    count: np.ndarray,
    prediction_error: np.ndarray,
    cameras: np.ndarray,
    tracks: np.ndarray,
    matched: np.ndarray,
    detections: np.ndarray,
    camera: np.ndarray,
) -> None:
    """Adds a new observation in front of each of L tracks, and updates its prediction error.

    Args:
        past: ``(T, LENGTH, COLUMNS)``, changed, like the next three; see :class:`Histories`.
        count: ``(T,)``.
        prediction_error: ``(T,)``.
        cameras: ``(T, 2)``.
        tracks: ``(L,)`` which.
        matched: ``(L,)`` the detections that they get.
        detections: ``(D, ≥ COLUMNS)`` observations.
        camera: ``(2,)`` where it is now.
    """
    for link in range(len(tracks)):
        track, row = tracks[link], matched[link]
        height = past[track, NEWEST, HEIGHT]
        span = max(past[track, NEWEST, FRAME] - past[track, SPEED_SPAN, FRAME], 1.0)
        ahead = min(detections[row, FRAME] - past[track, NEWEST, FRAME], TRUSTED_FRAMES)
        off = 0.0
        for side in range(2):
            here = past[track, NEWEST, side]
            off += abs(detections[row, side] - (here + (here - past[track, SPEED_SPAN, side]) * (ahead / span)))
        share = max(0.1, 1.0 / count[track])
        prediction_error[track] += share * (min(off / height, 2.0) - prediction_error[track])
        for step in range(past.shape[1] - 1, 0, -1):
            for column in range(past.shape[2]):
                past[track, step, column] = past[track, step - 1, column]
        for column in range(past.shape[2]):
            past[track, NEWEST, column] = detections[row, column]
        count[track] += 1
        for side in range(2):
            cameras[track, side] = camera[side]
