"""Smoothing the boxes of tracks, depending on the noise of the detector; identities do not change.

The boxes before and after reduce the noise of a box, if the object moves evenly. How much each box is smoothed is
decided by a network.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from gnntrack.association.compiled_layers import TwoLayers
from gnntrack.association.histories import FRAME, NEWEST
from gnntrack.association.life_cycle import TrackPool
from gnntrack.checks import LARGEST_COORDINATE
from gnntrack.compiled import compiled
from gnntrack.geometry import CORNER, WIDTH, cxcywh_to_xywh, xywh_to_cxcywh
from gnntrack.geometry.camera_motion import CameraMotion, moved, undone
from gnntrack.scratch import Scratch, release
from gnntrack.sequence import BOX, DETECTION, Sequence
from gnntrack.smoothing.compiled_network import mix
from gnntrack.smoothing.feature_columns import STRETCHES
from gnntrack.smoothing.features import AS_DETECTED, FAR, REACH, Smoothed, smoothed
from gnntrack.smoothing.online_features import newest_features, newest_versions

#: Boxes of a track, before and after, on which a smoothed one depends: the features are means over versions, which are
#: on lines through boxes. A track has one box a frame at most.
DEPENDS = int(REACH * (FAR + STRETCHES.max()))
#: Boxes that are smoothed at once; a multiple of what the network computes together, so that the number of all boxes
#: changes nothing.
AT_ONCE = 64 * 128


class TrackedBoxes(NamedTuple):
    """N boxes of finished tracks, by track and time.

    Attributes:
        box: ``(N, 4)`` xywh.
        frame: ``(N,)``.
        confidence: ``(N,)``.
        detected: ``(N,)`` whether it was detected; otherwise it was interpolated.
        edges: ``(T + 1,)`` first row of every track, and N.
        frame_rate: frames a second.
        to_first: ``(F, 2, 3)`` from every frame to the first image, where the camera's motion is known.
    """

    box: np.ndarray
    frame: np.ndarray
    confidence: np.ndarray
    detected: np.ndarray
    edges: np.ndarray
    frame_rate: float
    to_first: np.ndarray | None = None

    @classmethod
    def of(cls, tracks: Sequence) -> tuple[np.ndarray, TrackedBoxes]:
        """The rows of a sequence by track and time, and their boxes."""
        table = tracks.boxes
        identity = table["id"].to_numpy()
        order = np.lexsort([tracks.frames, identity])
        edges = np.append(np.flatnonzero(np.diff(identity[order], prepend=identity[order][:1] - 1)), len(order))
        found = table[DETECTION].to_numpy()[order] >= 0 if DETECTION in table else np.ones(len(order), dtype=bool)
        to_first = None if tracks.camera is None else CameraMotion(tracks.camera).to_first()
        confidence = table["conf"].to_numpy()[order]
        return order, cls(
            tracks.xywh[order], tracks.frames[order], confidence, found, edges, tracks.frame_rate, to_first
        )

    def pieces(self, size: int) -> Iterator[tuple[slice, slice, TrackedBoxes]]:
        """A few boxes after the other with all that they depend on: their rows, their places in the piece, the piece.

        Args:
            size: of a piece, at most.
        """
        for first in range(0, len(self.frame), size):
            stop = min(first + size, len(self.frame))
            one, other = np.searchsorted(self.edges, [first, stop - 1], side="right")
            begin = max(int(self.edges[one - 1]), first - DEPENDS)
            end = min(int(self.edges[other]), stop + DEPENDS)
            edges = np.concatenate([[begin], self.edges[one:other], [end]]) - begin
            rows = slice(begin, end)
            piece = self._replace(
                box=self.box[rows],
                frame=self.frame[rows],
                confidence=self.confidence[rows],
                detected=self.detected[rows],
                edges=edges,
            )
            yield slice(first, stop), slice(first - begin, stop - begin), piece

    def smoothed(self) -> Smoothed:
        """Versions and features of all.

        Where the camera's motion is known, lines are fitted to the boxes as a camera that stands still would see them.
        """
        box = xywh_to_cxcywh(self.box)
        to_first = None if self.to_first is None else self.to_first[self.frame - 1]
        still = box if to_first is None else moved(box, to_first)
        made = smoothed(still, self.frame, self.confidence, self.detected, self.edges, self.frame_rate)
        if to_first is None:
            return made
        versions = moved(made.versions, undone(to_first)[:, None])
        versions[:, AS_DETECTED] = box
        return made._replace(versions=versions)


def smoothed_boxes(boxes: TrackedBoxes, layers: TwoLayers, result: np.ndarray, scratch: Scratch | None = None) -> None:
    """Smooths the boxes of finished tracks.

    Args:
        boxes: N of them.
        layers: of the network that decides how much.
        result: ``(N, 4)`` is filled with the smoothed boxes, xywh.
        scratch: of the arrays.
    """
    scratch = scratch or Scratch()
    for rows, mine, piece in boxes.pieces(AT_ONCE):
        made = piece.smoothed()
        result[rows] = _from_centre(mix(made.features[mine], made.versions[mine], layers))
        release()


def smooth(tracks: Sequence, layers: TwoLayers) -> Sequence:
    """Smooths the boxes of finished tracks; those whose ``detection`` is −1 count as interpolated."""
    order, boxes = TrackedBoxes.of(tracks)
    result, sides = np.empty(boxes.box.shape), np.empty(boxes.box.shape)
    smoothed_boxes(boxes, layers, result)
    sides[order] = result
    return replace(tracks, boxes=tracks.boxes.assign(**dict(zip(BOX, sides.T, strict=True))), embeddings=None)


def _from_centre(box: np.ndarray) -> np.ndarray:
    """Centre boxes ``(N, 4)`` as xywh, none farther out than a box may be."""
    result = cxcywh_to_xywh(box)
    result[:, CORNER] = np.clip(result[:, CORNER], -LARGEST_COORDINATE, LARGEST_COORDINATE)
    return result


def versions_of(tracks: Sequence) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The rows of a sequence by track and time, and what :func:`gnntrack.smoothing.features.smoothed` makes of them."""
    order, boxes = TrackedBoxes.of(tracks)
    return order, *boxes.smoothed()


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
