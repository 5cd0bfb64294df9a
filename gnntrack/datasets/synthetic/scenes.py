"""Synthetic scenes: walkers that cross, stop and go, dancing groups, a moving camera, births and deaths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gnntrack.datasets.synthetic.embeddings import directions, noisy
from gnntrack.datasets.synthetic.motion import Actors, CameraPath
from gnntrack.datasets.synthetic.settings import SceneSettings
from gnntrack.geometry import CORNER, LEFT, SIZE
from gnntrack.geometry.camera_motion import LINEAR, SHIFT, STILL, moved_xywh
from gnntrack.sequence import Sequence

#: Frames of a chunk: what a streaming writer holds in memory.
CHUNK = 500


@dataclass(frozen=True)
class Chunk:
    """Some frames of a scene.

    Attributes:
        first: first frame.
        last: last frame.
        boxes: the table's columns, frames counted from the scene's start.
        embeddings: ``(len(boxes), D)`` or None.
        camera: its motion in these frames, ``(frames, 2, 3)``; None: the scene does not say.
    """

    first: int
    last: int
    boxes: pd.DataFrame
    embeddings: np.ndarray | None
    camera: np.ndarray | None = None


def scene_chunks(settings: SceneSettings, length: int = CHUNK) -> Iterator[Chunk]:
    """Yields a scene piece by piece; memory does not grow with its length, and the pieces do not change it.

    Args:
        settings: what happens.
        length: frames of a piece.

    Example:
        >>> settings = SceneSettings(objects=3, frames=40)
        >>> [(chunk.first, chunk.last) for chunk in scene_chunks(settings, 25)]
        [(1, 25), (26, 40)]
    """
    rng = np.random.default_rng([settings.seed, 1])
    noise = np.random.default_rng([settings.seed, 2])
    actors, camera = Actors(settings, rng), CameraPath(settings)
    for first in range(1, settings.frames + 1, length):
        last = min(first + length - 1, settings.frames)
        parts, motion = [], []
        for frame in range(first, last + 1):
            if frame > 1:
                actors.step()
            camera.step()
            motion.append(camera.motion)
            parts.append(_visible(frame, actors, camera.seen, settings))
        boxes = pd.DataFrame(np.concatenate(parts), columns=["frame", "id", "x", "y", "w", "h", "visibility"])
        boxes = boxes.astype({"frame": "int64", "id": "int64"})
        known = np.stack(motion) if settings.camera_known else None
        yield Chunk(first, last, boxes, _embeddings(boxes, settings, noise), known)


def make_scene(settings: SceneSettings, name: str = "synthetic") -> Sequence:
    """A whole scene as a sequence of annotations.

    Example:
        >>> scene = make_scene(SceneSettings(objects=5, frames=50, embedding_dimension=8))
        >>> scene.length, scene.embeddings.shape == (len(scene), 8)
        (50, True)
    """
    chunks = list(scene_chunks(settings))
    vectors = [chunk.embeddings for chunk in chunks if chunk.embeddings is not None]
    motion = [chunk.camera for chunk in chunks if chunk.camera is not None]
    return Sequence(
        name,
        pd.concat([chunk.boxes for chunk in chunks], ignore_index=True),
        settings.width,
        settings.height,
        settings.frame_rate,
        settings.frames,
        embeddings=np.concatenate(vectors) if vectors else None,
        camera=np.concatenate(motion) if motion else None,
    )


def _visible(frame: int, actors: Actors, seen: np.ndarray, settings: SceneSettings) -> np.ndarray:
    """The rows of one frame, by identity: objects whose centre is in the image."""
    x, y, w, h = _through(actors.boxes(), seen).T
    centre_x, centre_y = x + w / 2, y + h / 2
    inside = (centre_x > 0) & (centre_x < settings.width) & (centre_y > 0) & (centre_y < settings.height)
    rows = np.flatnonzero(inside)
    rows = rows[np.argsort(actors.identity[rows])]
    box = np.column_stack([x, y, w, h])[rows].round(2)
    shown = 1.0 - _covered(box)
    return np.column_stack([np.full(len(rows), frame), actors.identity[rows], box, shown.round(3)])


def _through(boxes: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Boxes ``(N, 4)`` xywh of the scene as the camera sees them."""
    if (seen[LINEAR] == STILL[LINEAR]).all():  # shifted, and not rounded any further
        return np.concatenate([boxes[:, CORNER] + seen[SHIFT], boxes[:, SIZE]], axis=1)
    return moved_xywh(boxes, seen)


def _covered(box: np.ndarray) -> np.ndarray:
    """The largest share of each box behind one box in front of it: ``(N,)``."""
    if len(box) < 2:
        return np.zeros(len(box))
    order = np.argsort(box[:, LEFT])
    x, y, w, h = box[order].T
    covered = np.zeros(len(box))
    right, lower = x + w, y + h
    for step in range(1, len(box)):  # neighbours to the right, nearest first; boxes are narrow, so this ends soon
        a, b = slice(0, len(box) - step), slice(step, None)
        across = np.minimum(right[a], right[b]) - x[b]
        if x[step:].size and (x[b] - x[a]).min() > w.max():
            break
        shared = across.clip(min=0) * (np.minimum(lower[a], lower[b]) - np.maximum(y[a], y[b])).clip(min=0)
        front = lower[a] > lower[b]
        np.maximum(covered[b], np.where(front, shared / (w * h)[b], 0.0), out=covered[b])
        np.maximum(covered[a], np.where(front, 0.0, shared / (w * h)[a]), out=covered[a])
    result = np.empty(len(box))
    result[order] = covered.clip(0, 1)
    return result


def _embeddings(boxes: pd.DataFrame, settings: SceneSettings, noise: np.random.Generator) -> np.ndarray | None:
    """Unit vectors: the identity's own direction plus noise, more of it where the object is hidden."""
    size = settings.embedding_dimension
    if not size:
        return None
    identities, which = np.unique(boxes["id"], return_inverse=True)
    own = [directions(np.random.default_rng([settings.seed, 4, identity]), 1, size) for identity in identities.tolist()]
    prototype = np.array(own).reshape(-1, size)
    return noisy(prototype[which.reshape(-1)], settings.separability * boxes["visibility"].to_numpy(), noise)
