"""Augmentation of training windows: errors of detectors and motion of cameras."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from gnntrack.association.appearance import unit
from gnntrack.geometry import CENTRE, CORNER, HEIGHT, LEFT, SIZE, WIDTH
from gnntrack.geometry.camera_motion import SHIFT, STILL, CameraMotion
from gnntrack.models.augmentation_settings import AugmentationSettings, WindowAugmentationSettings

#: Errors of a poor detector: centre across and down, width and height, in box sizes and logs of them; Student's t of so
#: many degrees of freedom, at most so much.
ROUGH, ROUGH_TAIL, ROUGH_LIMIT = np.array([0.10, 0.04, 0.13, 0.07]), 3, 0.6

#: How an object moves unlike it did, a frame: columns to the right and down, and growth.
MOTION, GROWTH, RATES = slice(0, 2), slice(2, 3), 3


@dataclass(frozen=True)
class Boxes:
    """The labelled boxes of a window, sorted by frame.

    Attributes:
        box: ``(N, 4)`` xywh.
        frame: ``(N,)``.
        conf: ``(N,)``.
        identity: ``(N,)``, −1 for false positives.
        embeddings: ``(N, A)`` appearance vectors; A is 0 where there are none.
        camera: how it moves, from frame 1 on; None: it is not known.
    """

    box: np.ndarray
    frame: np.ndarray
    conf: np.ndarray
    identity: np.ndarray
    embeddings: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    camera: CameraMotion | None = None

    def __post_init__(self) -> None:
        if len(self.embeddings) != len(self.box):
            object.__setattr__(self, "embeddings", np.zeros((len(self.box), 0)))

    def take(self, rows: np.ndarray) -> Boxes:
        """Only these rows."""
        parts = self.box[rows], self.frame[rows], self.conf[rows], self.identity[rows], self.embeddings[rows]
        return Boxes(*parts, camera=self.camera)

    def beside(self, other: Boxes) -> Boxes:
        """Both, sorted by frame, under the camera of this one."""
        pairs = [
            (getattr(self, name), getattr(other, name)) for name in ("box", "frame", "conf", "identity", "embeddings")
        ]
        box, frame, conf, identity, embeddings = (np.concatenate(pair) for pair in pairs)
        joined = Boxes(box, frame, conf, identity, embeddings, self.camera)
        return joined.take(np.argsort(joined.frame, kind="stable"))


def augment(boxes: Boxes, width: int, settings: WindowAugmentationSettings, rng: np.random.Generator) -> Boxes:
    """A changed copy: dropped boxes, occlusions, false positives, jitter, flips.

    Args:
        boxes: a window.
        width: of the image, pixels.
        settings: how much of each.
        rng: the random generator; the same state gives the same copy.
    """
    boxes = boxes.take(rng.random(len(boxes.box)) >= rng.uniform(0, settings.drop))
    boxes = _occlude(boxes, settings.drop_run, rng)
    boxes = _add_spurious(boxes, settings.spurious, rng)
    box = _jitter(_drift(boxes, settings.drift, rng), rng.uniform(0, settings.jitter), rng)
    if settings.rough and rng.random() < settings.rough:
        box = _roughen(box, rng.uniform(0, 1), rng)
    path, camera = _camera_path(boxes, settings.pan, rng), boxes.camera
    first = int(boxes.frame.min()) if len(boxes.frame) else 1
    box[:, CORNER] += path[boxes.frame - first]
    if camera is not None:
        camera = camera.seen_through(_shifts(path, first, len(camera.steps)))
    if rng.random() < settings.flip:
        box[:, LEFT] = width - box[:, LEFT] - box[:, WIDTH]
        camera = None if camera is None else camera.seen_through(np.array([[-1.0, 0.0, width], [0.0, 1.0, 0.0]]))
    conf = boxes.conf * rng.uniform(1.0 - settings.doubt, 1.0, len(box))
    return replace(boxes, box=box, conf=conf, camera=camera)


def _drift(boxes: Boxes, amount: float, rng: np.random.Generator) -> np.ndarray:
    """Boxes ``(N, 4)`` of objects that move and grow at another, constant rate than they did; each has its own."""
    if not len(boxes.box):
        return boxes.box
    names, inverse = np.unique(boxes.identity, return_inverse=True)
    rate = rng.normal(0, amount, (len(names), RATES)) * (names >= 0)[:, None]
    frames = (boxes.frame - boxes.frame.mean())[:, None]
    box, size, height = boxes.box.copy(), boxes.box[:, SIZE], boxes.box[:, [HEIGHT]]
    grown = size * np.exp(np.clip(rate[inverse][:, GROWTH] * frames, -1.0, 1.0))
    box[:, CORNER] += rate[inverse][:, MOTION] * frames * height + 0.5 * (size - grown)
    box[:, SIZE] = grown
    return box


def _jitter(box: np.ndarray, deviation: float, rng: np.random.Generator) -> np.ndarray:
    """Moves the sides of each box as an inexact detector does."""
    noisy = box + rng.normal(0, deviation, box.shape) * np.tile(box[:, SIZE], 2)
    noisy[:, SIZE] = np.maximum(noisy[:, SIZE], 0.25 * box[:, SIZE])
    return noisy


def _roughen(box: np.ndarray, amount: float, rng: np.random.Generator) -> np.ndarray:
    """Errors as a poor detector makes them: mostly across, now and then large."""
    error = np.clip(rng.standard_t(ROUGH_TAIL, box.shape) * ROUGH * amount, -ROUGH_LIMIT, ROUGH_LIMIT)
    size = box[:, SIZE] * np.exp(error[:, SIZE])
    centre = box[:, CORNER] + (0.5 + error[:, CENTRE]) * box[:, SIZE]
    return np.concatenate([centre - 0.5 * size, size], axis=1)


def _camera_path(boxes: Boxes, pan: float, rng: np.random.Generator) -> np.ndarray:
    """Displacement ``(F, 2)`` by a camera that drifts and shakes, from the first frame with boxes to the last.

    Half of the windows have none.
    """
    if not len(boxes.box):
        return np.zeros((1, 2))
    frames = int(boxes.frame.max() - boxes.frame.min()) + 1
    if rng.random() < 0.5:
        return np.zeros((frames, 2))
    drift = rng.normal(0, pan, 2) + rng.normal(0, pan, (frames, 2))
    path: np.ndarray = np.cumsum(drift, axis=0) * float(np.median(boxes.box[:, HEIGHT]))
    return path


def _shifts(path: np.ndarray, first: int, frames: int) -> np.ndarray:
    """A displacement ``(F, 2)`` from frame ``first`` on as matrices ``(frames, 2, 3)`` from frame 1 on."""
    result = np.tile(STILL, (frames, 1, 1))
    result[SHIFT] = path[np.clip(np.arange(1, frames + 1) - first, 0, len(path) - 1)]
    return result


def _occlude(boxes: Boxes, probability: float, rng: np.random.Generator) -> Boxes:
    """Hides some identities for a run of frames in the middle of the window."""
    names, inverse = np.unique(boxes.identity, return_inverse=True)
    if not len(names):
        return boxes
    first, last = boxes.frame.min(), boxes.frame.max()
    start = rng.integers(first, last + 1, len(names))
    length = rng.integers(2, max(3, (last - first) // 2 + 1), len(names))
    hidden = (rng.random(len(names)) < probability) & (names >= 0)
    inside = (boxes.frame >= start[inverse]) & (boxes.frame < (start + length)[inverse])
    return boxes.take(~(hidden[inverse] & inside))


def _add_spurious(boxes: Boxes, share: float, rng: np.random.Generator) -> Boxes:
    """Adds false positives: boxes of the window, moved aside within their frame."""
    count = int(rng.uniform(0, share) * len(boxes.box))
    if not count:
        return boxes
    rows = rng.integers(0, len(boxes.box), count)
    box = boxes.box[rows].copy()
    box[:, CORNER] += rng.normal(0, 1.0, (count, 2)) * box[:, [HEIGHT]]
    box[:, SIZE] *= rng.uniform(0.6, 1.4, (count, 1))
    conf = boxes.conf[rows] * rng.uniform(0.5, 1.0, count)
    embeddings = boxes.embeddings[rows]
    if embeddings.shape[1]:  # half of what is seen there is something else
        embeddings = unit(embeddings) + unit(rng.normal(size=embeddings.shape))
    return boxes.beside(Boxes(box, boxes.frame[rows], conf, np.full(count, -1), embeddings))


def blurred(embeddings: np.ndarray, settings: AugmentationSettings, rng: np.random.Generator) -> np.ndarray:
    """Embeddings ``(N, A)`` as a worse appearance model gives them, or, in a share of all calls, none (zeros)."""
    if not embeddings.shape[1]:
        return embeddings
    if rng.random() < settings.blind:
        return np.zeros_like(embeddings)
    noise = rng.normal(0, rng.uniform(0, settings.blur), embeddings.shape) / np.sqrt(embeddings.shape[1])
    result: np.ndarray = unit(embeddings) + noise * embeddings.any(1, keepdims=True)
    return result
