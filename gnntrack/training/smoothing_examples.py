"""Boxes of tracks with the annotated ones: the training data of smoothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from gnntrack import recipes
from gnntrack.association.histories import FRAME, observations
from gnntrack.datasets.labelled import Labelled
from gnntrack.datasets.matching import match_frame
from gnntrack.geometry import CENTRE, HEIGHT, SIZE, WIDTH, cxcywh_to_xywh, xywh_to_cxcywh
from gnntrack.geometry.camera_motion import CameraMotion
from gnntrack.models import AssociationNetwork, BoxMixer, ModelRecipe, SmoothingNetworkSettings
from gnntrack.sequence import BOX, Sequence, View
from gnntrack.smoothing.boxes import BoxFilter, versions_of
from gnntrack.smoothing.feature_columns import NOISE_COLUMNS, ONLINE_FEATURES
from gnntrack.smoothing.features import AS_DETECTED
from gnntrack.tracking import track_offline

#: Smallest IoU of a tracked box and the annotated one that it should have been.
OVERLAP = 0.3
#: Degrees of freedom of the noise that is added: some boxes are far off.
FREEDOM = 4


@dataclass(frozen=True)
class Examples:
    """N tracked boxes of a video that an annotated one belongs to; lengths in sizes of the annotated box.

    Attributes:
        features: ``(N, ·)``.
        versions: ``(N, VERSIONS, 4)`` centre x, centre y, width, height, from the centre of the annotated box.
        truth: ``(N, 2)`` width and height of the annotated box.
    """

    features: np.ndarray
    versions: np.ndarray
    truth: np.ndarray


#: How examples are kept by a run that is stopped.
CODEC = (lambda item: dict(vars(item))), (lambda values: Examples(**values))


@dataclass(frozen=True)
class Tracked:
    """N boxes that belong to tracks.

    Attributes:
        frame: ``(N,)`` ascending.
        versions: ``(N, VERSIONS, 4)`` centre x, centre y, width, height.
        features: ``(N, ·)``.
    """

    frame: np.ndarray
    versions: np.ndarray
    features: np.ndarray


@dataclass(frozen=True)
class Tracking:
    """Tracks videos, and computes the smoothing features of the boxes.

    Attributes:
        model: tracks.
        recipe: of the model.
        boxes_of: gives the boxes, :func:`offline` or :func:`online`.
        noise: standard deviation over copies of the noise on the sides of a box, in box sizes.
    """

    model: AssociationNetwork
    recipe: ModelRecipe
    boxes_of: Callable[[Sequence, AssociationNetwork, ModelRecipe], Tracked | None]
    noise: float = 0.0

    def examples(self, item: Labelled, copies: int, rng: np.random.Generator) -> list[Examples]:
        """The boxes of a video as the tracker tracks it, and in copies with more noise; none, if nothing was tracked.

        Args:
            item: the video; without annotations there is nothing to learn.
            copies: beside the video as it is.
            rng: the random generator of the noise.
        """
        if item.annotations is None or not len(item.sequence):
            return []
        examples = []
        for number in range(copies + 1):
            deviation = self.noise * abs(rng.standard_normal()) if number else 0.0
            tracked = self.boxes_of(noisy(item.sequence, deviation, rng), self.model, self.recipe)
            if tracked is None:
                continue
            rows, truth = _truth(tracked, item.annotations)
            if not len(rows):
                continue
            length = np.sqrt(truth[:, WIDTH] * truth[:, HEIGHT])[:, None]
            centre = np.zeros_like(truth)
            centre[:, CENTRE] = truth[:, CENTRE]
            away = (tracked.versions[rows] - centre[:, None]) / length[:, None]
            size = truth[:, SIZE] / length
            examples.append(Examples(tracked.features[rows], away.astype(np.float32), size.astype(np.float32)))
        return examples


def noisy(sequence: Sequence, deviation: float, rng: np.random.Generator) -> Sequence:
    """The same detections, less exact: noise with this deviation on every side, in box sizes, some of it far off."""
    if not deviation:
        return sequence
    box = sequence.xywh
    noise = np.clip(deviation * rng.standard_t(FREEDOM, box.shape), -0.5, 0.5) * np.tile(box[:, SIZE], 2)
    return replace(sequence, boxes=sequence.boxes.assign(**dict(zip(BOX, (box + noise).T, strict=True))))


def offline(detections: Sequence, model: AssociationNetwork, recipe: ModelRecipe) -> Tracked | None:
    """The boxes of tracks and their features, offline."""
    plain = recipes.changed(recipe, {"tracking.boxes.smooth": False})
    tracks = track_offline(detections, model, plain)
    if not len(tracks):
        return None
    rows, versions, features = versions_of(tracks)
    order = np.argsort(rows)
    return Tracked(tracks.frames, versions[order], features[order])


def online(detections: Sequence, model: AssociationNetwork, recipe: ModelRecipe) -> Tracked | None:
    """The boxes of tracks and their features, online: in the frame of each."""
    view = View(detections.width, detections.height, detections.frame_rate)
    linker = model.compiled().linker(recipe.tracking, view, NOISE_COLUMNS)
    confidence, boxes = detections.boxes["conf"].to_numpy(), detections.xywh
    any_network = BoxMixer(SmoothingNetworkSettings(), ONLINE_FEATURES)  # features do not depend on it
    smoother = BoxFilter(any_network.gathered(), detections.frame_rate, linker.pool)
    camera, before = CameraMotion.of(detections.camera), 0
    frames, versions, features = [], [], []
    for frame, rows in detections.by_frame():
        here = np.flatnonzero(confidence[rows] >= recipe.tracking.links.minimum_confidence) + rows.start
        motion = None if camera is None else camera.between(before, frame)
        before = frame
        linker.step(observations(boxes[here], confidence[here], frame), here, frame=frame, camera=motion)
        tracks = np.flatnonzero(linker.pool.histories.newest[:, FRAME] == frame)
        if len(tracks):
            known = smoother.versions(tracks)
            frames.append(np.full(len(tracks), frame))
            versions.append(known[0])
            features.append(known[1])
    if not frames:
        return None
    return Tracked(np.concatenate(frames), np.concatenate(versions), np.concatenate(features))


def _truth(tracked: Tracked, annotations: Sequence) -> tuple[np.ndarray, np.ndarray]:
    """The tracked boxes that match an annotated one, and that one: rows ``(M,)`` and centre boxes ``(M, 4)``."""
    rows, matched = [np.zeros(0, dtype=np.int64)], [np.zeros((0, 4))]
    frame, boxes = tracked.frame, cxcywh_to_xywh(tracked.versions.take(AS_DETECTED, axis=1))
    truth = annotations.xywh
    starts = np.append(np.flatnonzero(np.diff(frame, prepend=frame[0] - 1)), len(frame))
    for first, stop in pairwise(starts.tolist()):
        there = annotations.rows_of(int(frame[first]))
        found, known = match_frame(boxes[first:stop], truth[there], OVERLAP)
        rows.append(first + found)
        matched.append(truth[there][known])
    return np.concatenate(rows), xywh_to_cxcywh(np.concatenate(matched))
