"""Clips: some frames of a labelled video, changed, as the tracker will see them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from gnntrack.association.histories import observations
from gnntrack.datasets.labelled import Labelled
from gnntrack.geometry import CORNER, HEIGHT, SIZE, TOP, centres, iou_matrix
from gnntrack.geometry.camera_motion import CameraMotion
from gnntrack.models.augmentation_settings import AugmentationSettings
from gnntrack.sequence import View
from gnntrack.training.augmentation import Boxes, augment, blurred
from gnntrack.training.merging import merge

#: Videos with fewer boxes are not used.
FEWEST_BOXES = 20
#: Share of the clips with only flips and frame skipping.
CLEAN = 0.3
#: Share of the clips whose network is told how the camera moves, where that is known: it must do without, too.
TOLD = 0.5
_STRENGTHS = ("jitter", "drift", "pan", "doubt", "drop", "drop_run", "spurious")


@dataclass(frozen=True)
class Clip:
    """Some frames of a video.

    Attributes:
        detections: ``(N, 6 + A)`` observations, sorted by frame.
        identity: ``(N,)`` identity of each, −1: a false positive.
        starts: ``(F + 1,)`` first row of every frame that has boxes, and the number of rows.
        view: image and frame rate.
        camera: how it moves; None: the network is not told.
    """

    detections: np.ndarray
    identity: np.ndarray
    starts: np.ndarray
    view: View
    camera: CameraMotion | None = None


class ClipSource:
    """Draws changed clips from labelled sequences; long sequences more often, by the root of their length.

    Args:
        labelled: sequences with the identity of every box.
        settings: largest strength of augmentation; each clip draws its own.
        length: frames of a clip.
        reverse: share of clips that run backwards.
        minimum_confidence: boxes below are left out.
        appearance: whether the network uses embeddings.
    """

    def __init__(
        self,
        labelled: list[Labelled],
        settings: AugmentationSettings,
        length: int = 100,
        reverse: float = 0.5,
        minimum_confidence: float = 0.1,
        appearance: bool = False,
    ) -> None:
        self.settings, self.length, self.reverse = settings, length, reverse
        self.minimum_confidence, self.appearance = minimum_confidence, appearance
        self.items = [item for item in labelled if len(item.sequence) >= FEWEST_BOXES]
        share = np.sqrt([float(item.sequence.frames[-1]) for item in self.items])
        self._share = share / share.sum()

    def __len__(self) -> int:
        """Number of sequences that clips are drawn from."""
        return len(self.items)

    def draw(self, rng: np.random.Generator) -> Clip:
        """A new clip with at least two boxes."""
        while True:
            boxes, view = self._changed(rng)
            if rng.random() < self.settings.overlay:
                boxes = overlay(boxes, self._changed(rng)[0], rng)
            if self.settings.merge and rng.random() < self.settings.merge:
                boxes = merge(boxes, rng)
            boxes, view = stretch(boxes, view, self.settings.stretch, rng)
            usable = (boxes.conf >= self.minimum_confidence) & (boxes.box[:, SIZE] > 1e-3).all(1)
            boxes = boxes.take(usable.nonzero()[0])
            if len(boxes.box) > 1:
                starts = np.append(np.flatnonzero(np.diff(boxes.frame, prepend=-1)), len(boxes.frame))
                embeddings = blurred(boxes.embeddings, self.settings, rng) if boxes.embeddings.shape[1] else None
                camera = boxes.camera if boxes.camera is not None and rng.random() < TOLD else None
                detections = observations(boxes.box, boxes.conf, boxes.frame, embeddings)
                return Clip(detections, boxes.identity, starts, view, camera)

    def _changed(self, rng: np.random.Generator) -> tuple[Boxes, View]:
        item = self.items[rng.choice(len(self.items), p=self._share)]
        sequence = item.sequence
        skip = int(rng.integers(1, self.settings.skip + 1)) if rng.random() < 0.5 else 1
        span = self.length * skip
        first = int(rng.integers(1, max(2, int(sequence.frames[-1]) - span + 2)))
        low, high = np.searchsorted(sequence.frames, [first, first + span])
        rows = np.arange(low, high)
        rows = rows[(sequence.frames[rows] - first) % skip == 0]
        frame = (sequence.frames[rows] - first) // skip + 1
        camera = None
        if sequence.camera is not None:
            camera = CameraMotion(sequence.camera).among(np.arange(first, first + span, skip))
        if rng.random() < self.reverse:
            rows, frame = rows[::-1], (self.length + 1 - frame)[::-1]
            camera = None if camera is None else camera.backwards(self.length)
        embeddings = np.zeros((len(rows), 0))
        if self.appearance and sequence.embeddings is not None:
            embeddings = sequence.embeddings[rows]
        confidence = sequence.boxes["conf"].to_numpy()[rows]
        boxes = Boxes(sequence.xywh[rows], frame, confidence, item.identity[rows], embeddings, camera)
        strength = max(0.0, rng.uniform(-CLEAN / (1.0 - CLEAN), 1.0))
        changed = {name: strength * getattr(self.settings, name) for name in _STRENGTHS}
        boxes = augment(boxes, sequence.width, self.settings.model_copy(update=changed), rng)
        return boxes, View(sequence.width, sequence.height, sequence.frame_rate / skip)


def stretch(boxes: Boxes, view: View, deviation: float, rng: np.random.Generator) -> tuple[Boxes, View]:
    """Random scale and aspect of boxes, of the scene and of the image borders.

    Distances are measured in box heights, so this changes how fast and how dense everything is.
    """
    across, wide, high, image = np.exp(rng.normal(0, deviation, 4)).tolist()
    box = boxes.box.copy()
    centre = centres(box) * [across, 1.0]
    box[:, SIZE] *= [wide, high]
    margin = (image - 1.0) * np.array([view.width * across, view.height]) * rng.random(2)
    box[:, CORNER] = centre - 0.5 * box[:, SIZE] + np.maximum(margin, 0.0)
    grown = max(image, 1.0)
    camera = boxes.camera
    if camera is not None:
        right, down = np.maximum(margin, 0.0)
        camera = camera.seen_through(np.array([[across, 0.0, right], [0.0, 1.0, down]]))
    return replace(boxes, box=box, camera=camera), View(
        view.width * across * grown, view.height * grown, view.frame_rate
    )


def overlay(one: Boxes, other: Boxes, rng: np.random.Generator) -> Boxes:
    """Two clips in one image: the second is scaled to the boxes of the first and laid over it.

    Where two boxes overlap much, the one that ends higher up is farther away and is mostly not detected. Two cameras
    are none that is known.
    """
    if not len(one.box) or not len(other.box):
        return one
    box = other.box * (np.median(one.box[:, HEIGHT]) / np.median(other.box[:, HEIGHT]))
    shift = np.median(_ends(one.box), axis=0) - np.median(_ends(box), axis=0)
    box[:, CORNER] += shift + rng.normal(0, 0.5, 2) * np.median(one.box[:, HEIGHT])
    identity = np.where(other.identity >= 0, other.identity + one.identity.max() + 1, -1)
    # vectors of two appearance models cannot be compared: each has columns of its own, the other's are 0
    first, second = one.embeddings.shape[1], other.embeddings.shape[1]
    apart = first != second
    mine = np.pad(one.embeddings, ((0, 0), (0, second if apart else 0)))
    theirs = np.pad(other.embeddings, ((0, 0), (first if apart else 0, 0)))
    joined = replace(one, embeddings=mine, camera=None).beside(Boxes(box, other.frame, other.conf, identity, theirs))
    limit, missed = rng.uniform(0.5, 0.9), rng.uniform(0.6, 1.0)
    kept = np.ones(len(joined.box), dtype=bool)
    starts = np.append(np.flatnonzero(np.diff(joined.frame, prepend=-1)), len(joined.frame))
    for first, stop in pairwise(starts.tolist()):
        here = joined.box[first:stop]
        bottom = here[:, TOP] + here[:, HEIGHT]
        behind = ((iou_matrix(here, here) > limit) & (bottom[:, None] < bottom[None])).any(1)
        kept[first:stop] = ~(behind & (rng.random(len(here)) < missed))
    return joined.take(kept.nonzero()[0])


def _ends(box: np.ndarray) -> np.ndarray:
    """The lower right corners ``(N, 2)`` of ``xywh`` boxes."""
    corners: np.ndarray = box[:, CORNER] + box[:, SIZE]
    return corners
