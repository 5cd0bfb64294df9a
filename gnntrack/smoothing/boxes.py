"""Smoothing the boxes of tracks, depending on the noise of the detector; identities do not change.

The boxes before and after reduce the noise of a box, if the object moves evenly. How much each box is smoothed is
decided by a network.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gnntrack.association.compiled_layers import TwoLayers
from gnntrack.association.histories import FRAME, NEWEST
from gnntrack.association.life_cycle import TrackPool
from gnntrack.checks import LARGEST_COORDINATE
from gnntrack.compiled import compiled
from gnntrack.geometry import CORNER, WIDTH, cxcywh_to_xywh, xywh_to_cxcywh
from gnntrack.geometry.camera_motion import CameraMotion, moved, undone
from gnntrack.sequence import BOX, DETECTION, Sequence
from gnntrack.smoothing.compiled_network import mix
from gnntrack.smoothing.features import AS_DETECTED, Smoothed, smoothed
from gnntrack.smoothing.online_features import newest_features, newest_versions


def smooth(tracks: Sequence, layers: TwoLayers) -> Sequence:
    """Smooths the boxes of finished tracks.

    Args:
        tracks: boxes with ids; those whose ``detection`` is −1 count as interpolated.
        layers: of the network that decides how much.
    """
    order, versions, features = versions_of(tracks)
    if not len(order):
        return tracks
    box = _from_centre(mix(features, versions, layers))
    table = tracks.boxes.iloc[order].assign(**dict(zip(BOX, box.T, strict=True)))
    return replace(tracks, boxes=table, embeddings=None)


def _from_centre(box: np.ndarray) -> np.ndarray:
    """Centre boxes ``(N, 4)`` as xywh, none farther out than a box may be."""
    result = cxcywh_to_xywh(box)
    result[:, CORNER] = np.clip(result[:, CORNER], -LARGEST_COORDINATE, LARGEST_COORDINATE)
    return result


def versions_of(tracks: Sequence) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The rows of a sequence by track and time, and what :func:`gnntrack.smoothing.features.smoothed` makes of them.

    Where the camera's motion is known, lines are fitted to the boxes as a camera that stands still would see them.
    """
    table = tracks.boxes
    identity = table["id"].to_numpy()
    order = np.lexsort([tracks.frames, identity])
    box = xywh_to_cxcywh(tracks.xywh[order])
    edges = np.append(np.flatnonzero(np.diff(identity[order], prepend=identity[order][:1] - 1)), len(order))
    found = table[DETECTION].to_numpy()[order] >= 0 if DETECTION in table else np.ones(len(order), dtype=bool)
    to_first = None if tracks.camera is None else CameraMotion(tracks.camera).to_first()[tracks.frames[order] - 1]
    still = box if to_first is None else moved(box, to_first)
    made: Smoothed = smoothed(
        still, tracks.frames[order], table["conf"].to_numpy()[order], found, edges, tracks.frame_rate
    )
    versions = made.versions
    if to_first is not None:
        versions = moved(versions, undone(to_first)[:, None])
        versions[:, AS_DETECTED] = box
    return order, versions, made.features


class BoxFilter:
    """Smooths the newest boxes of tracks, frame by frame, knowing those before.

    Args:
        layers: of the network that decides how much.
        frame_rate: frames a second.
        pool: the tracks, which have :data:`.feature_columns.NOISE_COLUMNS` columns for the noise of their boxes.
    """

    def __init__(self, layers: TwoLayers, frame_rate: float, pool: TrackPool) -> None:
        self.layers, self.frame_rate, self.pool = layers, float(frame_rate), pool

    def smooth(self, boxes: np.ndarray, frame: int) -> np.ndarray:
        """The boxes ``(D, 4)`` xywh of a new frame, those that belong to tracks smoothed; call it once a frame."""
        histories, rate = self.pool.histories, self.frame_rate
        past, count, noise, smoothed = histories.observations, histories.count, histories.noise, histories.smoothed
        return _smooth_newest(past, count, noise, smoothed, self.pool.last_detection, boxes, frame, rate, *self.layers)

    def versions(self, tracks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Versions and features of the newest boxes of these tracks ``(R,)``; updates their noise."""
        histories = self.pool.histories
        past, count = histories.observations, histories.count
        versions = newest_versions(past, count, tracks)
        return versions, newest_features(past, count, histories.noise, tracks, versions, self.frame_rate)


@compiled
def _smooth_newest(
    past: np.ndarray,
    count: np.ndarray,
    noise: np.ndarray,
    smoothed: np.ndarray,
    last_detection: np.ndarray,
    boxes: np.ndarray,
    frame: int,
    frame_rate: float,
    first: np.ndarray,
    first_bias: np.ndarray,
    second: np.ndarray,
    second_bias: np.ndarray,
) -> np.ndarray:
    """See :meth:`BoxFilter.smooth`: changes the noise of the tracks, and their boxes as they were smoothed."""
    tracks = np.flatnonzero(past[:, NEWEST, FRAME] == frame)
    result = boxes.copy()
    versions = newest_versions(past, count, tracks)
    features = newest_features(past, count, noise, tracks, versions, frame_rate)
    mixed = mix(features, versions, TwoLayers(first, first_bias, second, second_bias))
    for row in range(len(tracks)):
        for side in range(2):
            corner = mixed[row, side] - 0.5 * mixed[row, WIDTH + side]
            mixed[row, side] = min(max(corner, -LARGEST_COORDINATE), LARGEST_COORDINATE)
        for side in range(4):
            result[last_detection[tracks[row]], side] = smoothed[tracks[row], side] = mixed[row, side]
    return result
