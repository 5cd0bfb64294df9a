"""Camera motion that is known: matrices ``(2, 3)`` that map pixels of the previous image to pixels of this one.

A point (x, y) of what stands still is seen at ``matrix @ (x, y, 1)`` one frame later. Trackers use them to bring what
they remember into the newest image: so all is seen by a camera that stands still. Where no matrix is known, the step of
the camera is estimated from the boxes (:mod:`gnntrack.geometry.camera`).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from gnntrack.checks import LARGEST_COORDINATE
from gnntrack.errors import DataError
from gnntrack.geometry.boxes import CENTRE, SIZE, cxcywh_to_xywh, xywh_to_cxcywh

#: A camera that stands still.
STILL = np.eye(2, 3)
#: The turning and scaling part of a matrix, and the shift.
LINEAR, SHIFT = np.s_[..., :2, :2], np.s_[..., :2, 2]
#: Nothing grows or shrinks more than this from a frame to the next.
LARGEST_ZOOM = 4.0
#: Boxes that are moved are no smaller, in pixels.
SMALLEST_SIZE = 1e-6
#: Over a whole video an image may be zoomed this much, as a logarithm; float64 is not exact beyond.
LARGEST_LOG_ZOOM = 23.0
REMEDY = "give a 2×3 matrix of pixels, previous frame to this frame; 1 0 0 0 1 0 where the camera stood still"


def moved(boxes: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Boxes ``(..., 4)``, centre x, centre y, width, height, where they are seen after the camera has moved.

    Boxes stay upright: they are scaled, not turned.

    Args:
        boxes: of the previous frame.
        matrix: ``(2, 3)``, or one a box ``(..., 2, 3)``.

    Example:
        >>> moved(np.array([[10.0, 20, 4, 8]]), np.array([[2.0, 0, 1], [0, 2, -1]])).tolist()
        [[21.0, 39.0, 8.0, 16.0]]
    """
    linear = matrix[LINEAR]
    result = np.empty(boxes.shape)
    centre = (linear @ boxes[..., CENTRE, None]).squeeze(-1) + matrix[SHIFT]
    result[..., CENTRE] = np.clip(centre, -LARGEST_COORDINATE, LARGEST_COORDINATE)
    scale = np.sqrt((linear * linear).sum(-2))  # of a step to the right, and of one down
    result[..., SIZE] = np.clip(boxes[..., SIZE] * scale, SMALLEST_SIZE, LARGEST_COORDINATE)
    return result


def moved_xywh(boxes: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """The same for left, top, width, height."""
    return cxcywh_to_xywh(moved(xywh_to_cxcywh(boxes), matrix))


def followed(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """One motion ``(..., 2, 3)``, then another.

    Example:
        >>> right, twice = np.array([[1.0, 0, 5], [0, 1, 0]]), np.array([[2.0, 0, 0], [0, 2, 0]])
        >>> followed(right, twice).tolist()
        [[2.0, 0.0, 10.0], [0.0, 2.0, 0.0]]
    """
    result: np.ndarray = second[LINEAR] @ first
    result[SHIFT] += second[SHIFT]
    return result


def undone(matrix: np.ndarray) -> np.ndarray:
    """The way back ``(..., 2, 3)``: from this frame to the previous one."""
    result = np.empty(matrix.shape)
    result[LINEAR] = np.linalg.inv(matrix[LINEAR])
    result[SHIFT] = -(result[LINEAR] @ matrix[SHIFT][..., None]).squeeze(-1)
    return result


def seen_through(matrix: np.ndarray, before: np.ndarray, now: np.ndarray) -> np.ndarray:
    """A motion ``(..., 2, 3)`` between images that were changed: flipped, scaled, shifted.

    Args:
        matrix: between the images as they were.
        before: what changed pixels of the previous image, ``(..., 2, 3)``.
        now: what changed those of this one.
    """
    return followed(followed(undone(before), matrix), now)


def checked_motion(values: Any, what: str) -> np.ndarray:
    """A matrix ``(2, 3)`` as float64, never the caller's own.

    Raises:
        DataError: it is something else, is not finite, cannot be undone, or moves more than a camera does.
    """
    try:
        matrix = np.array(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise DataError(f"{what} is no matrix of numbers", remedy=REMEDY) from None
    if matrix.shape != (2, 3):
        raise DataError(f"{what} of shape {matrix.shape}", remedy=REMEDY)
    wrong = implausible(matrix[None])
    if wrong is not None:
        raise DataError(f"{what}: {wrong[1]}", remedy=REMEDY)
    return matrix


def implausible(matrices: np.ndarray) -> tuple[int, str] | None:
    """The first of F matrices ``(F, 2, 3)`` that no camera's motion can be, and why; None: there is none.

    Example:
        >>> implausible(np.array([[[1.0, 0, 0], [0, 1, 0]], [[1.0, 0, 0], [0, 0, 0]]]))
        (1, 'the matrix 1 0 0 0 0 0 cannot be undone')
    """
    finite = np.isfinite(matrices).all(axis=(1, 2))
    linear = np.where(finite[:, None, None], matrices[LINEAR], np.eye(2))
    with np.errstate(over="ignore", invalid="ignore"):
        determinant = np.linalg.det(linear)
        inside = np.clip(linear, -LARGEST_COORDINATE, LARGEST_COORDINATE)
        most, least = np.linalg.svd(inside, compute_uv=False).T
    problems = (
        (~finite, "is not finite"),
        (np.abs(least) < 1e-9, "cannot be undone"),
        (determinant < 0, "mirrors the image"),
        ((most > LARGEST_ZOOM) | (least < 1 / LARGEST_ZOOM), f"zooms more than {LARGEST_ZOOM:g} times"),
        ((np.abs(matrices[SHIFT]) > LARGEST_COORDINATE).any(1), "shifts beyond all images"),
    )
    wrong = [(int(mask.argmax()), order) for order, (mask, _) in enumerate(problems) if mask.any()]
    if not wrong:
        return None
    place, order = min(wrong)
    text = " ".join(f"{value + 0.0:g}" for value in matrices[place].ravel())
    return place, f"the matrix {text} {problems[order][1]}"


@dataclass(frozen=True)
class CameraMotion:
    """The camera's motion through a video.

    Attributes:
        steps: ``(F, 2, 3)`` for frames 1 to F: the motion from the frame before; the first is not used.
    """

    steps: np.ndarray

    @classmethod
    def of(cls, steps: np.ndarray | None) -> CameraMotion | None:
        """The motion, if it is known: see :attr:`gnntrack.sequence.Sequence.camera`."""
        return None if steps is None else cls(steps)

    def between(self, before: int, frame: int) -> np.ndarray:
        """From one frame to a later one, ``(2, 3)``.

        Example:
            >>> right = np.array([[1.0, 0, 5], [0, 1, 0]])
            >>> CameraMotion(np.stack([right] * 4)).between(1, 4).tolist()
            [[1.0, 0.0, 15.0], [0.0, 1.0, 0.0]]
        """
        result = STILL
        for step in self.steps[before:frame]:
            result = followed(result, step)
        return result

    def among(self, frames: np.ndarray) -> CameraMotion:
        """The motion of a video of these frames alone, ascending; those after the last stand still."""
        pairs = pairwise(frames.tolist())
        return CameraMotion(np.stack([STILL, *(self.between(before, frame) for before, frame in pairs)]))

    def seen_through(self, changes: np.ndarray) -> CameraMotion:
        """The motion of the video after its images were changed: flipped, scaled, shifted.

        Args:
            changes: of pixels, ``(2, 3)``, or one a frame, ``(F, 2, 3)``.
        """
        changes = np.broadcast_to(changes, self.steps.shape)
        steps = self.steps.copy()
        steps[1:] = seen_through(steps[1:], changes[:-1], changes[1:])
        return CameraMotion(steps)

    def backwards(self, last: int) -> CameraMotion:
        """The same played backwards from frame ``last``, which becomes frame 1."""
        return CameraMotion(np.concatenate([STILL[None], undone(self.steps[1:last])[::-1]]))

    def to_first(self) -> np.ndarray:
        """From every frame back to the first, ``(F, 2, 3)``: into one image that holds all that stands still.

        Raises:
            DataError: the video is zoomed so much that numbers do not suffice.
        """
        zoom = np.cumsum(0.5 * np.log(np.linalg.det(self.steps[1:][LINEAR])))
        if np.ptp(np.append(zoom, 0.0)) > LARGEST_LOG_ZOOM:
            problem = f"the camera zooms by a factor of {np.exp(np.ptp(zoom)):.0e} over the video"
            raise DataError(problem, remedy="track online, or cut the video in parts")
        back = undone(self.steps)
        result = np.empty(self.steps.shape)
        path = STILL
        for number in range(len(result)):
            path = followed(back[number], path) if number else path
            result[number] = path
        return result
