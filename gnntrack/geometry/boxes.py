"""Boxes in numpy and torch alike: columns, conversions, IoU, GIoU."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

Array = TypeVar("Array")  # numpy.ndarray or torch.Tensor; the box axis is last

#: Columns of ``xywh``.
LEFT, TOP, WIDTH, HEIGHT = range(4)
#: Of ``cxcywh``, whose sizes stand in the same columns.
X, Y = LEFT, TOP
#: The first two columns, a point (of ``xywh`` and ``xyxy`` the upper left corner, of ``cxcywh`` the centre), and the
#: other two: the size, or of ``xyxy`` the lower right corner.
CORNER = CENTRE = slice(0, 2)
SIZE = FAR_CORNER = slice(2, 4)
#: Areas are divided by no less.
EPSILON = 1e-9


def _namespace(array: Any) -> Any:
    """Numpy or torch, whichever made ``array``; torch is never imported for numpy users."""
    return np if isinstance(array, np.ndarray | np.generic) else sys.modules["torch"]


def _joined(first: Any, second: Any) -> Any:
    return _namespace(first).concatenate((first, second), -1)


def xywh_to_xyxy(boxes: Array) -> Array:
    """Left, top, width, height to corners, shape ``(..., 4)``.

    Example:
        >>> xywh_to_xyxy(np.array([[10.0, 20.0, 5.0, 8.0]])).tolist()
        [[10.0, 20.0, 15.0, 28.0]]
    """
    b: Any = boxes
    result: Array = _joined(b[..., CORNER], b[..., CORNER] + b[..., SIZE])
    return result


def xyxy_to_xywh(boxes: Array) -> Array:
    """Corners to left, top, width, height, shape ``(..., 4)``."""
    b: Any = boxes
    result: Array = _joined(b[..., CORNER], b[..., FAR_CORNER] - b[..., CORNER])
    return result


def xywh_to_cxcywh(boxes: Array) -> Array:
    """Left, top, width, height to centre, width, height, shape ``(..., 4)``."""
    b: Any = boxes
    result: Array = _joined(centres(b), b[..., SIZE])
    return result


def cxcywh_to_xywh(boxes: Array) -> Array:
    """Centre, width, height to left, top, width, height, shape ``(..., 4)``.

    Example:
        >>> cxcywh_to_xywh(np.array([10.0, 20.0, 5.0, 8.0])).tolist()
        [7.5, 16.0, 5.0, 8.0]
    """
    b: Any = boxes
    result: Array = _joined(b[..., CENTRE] - 0.5 * b[..., SIZE], b[..., SIZE])
    return result


def centres(boxes: Array) -> Array:
    """Centres ``(..., 2)`` of ``xywh`` boxes ``(..., 4)``."""
    b: Any = boxes
    result: Array = b[..., CORNER] + 0.5 * b[..., SIZE]
    return result


@dataclass(frozen=True, eq=False)
class Edges:
    """The edges of boxes and the area between them, an array or a tensor each; their shapes broadcast.

    Example:
        >>> a, b = (Edges.of(np.array(box)) for box in ([0.0, 0.0, 2.0, 2.0], [1.0, 0.0, 2.0, 2.0]))
        >>> a.shared(b).item(), a.iou(b).round(3).item()
        (2.0, 0.333)
    """

    left: Any
    top: Any
    right: Any
    bottom: Any
    area: Any

    @classmethod
    def of(cls, boxes: Any) -> Edges:
        """Those of ``xywh`` boxes ``(..., 4)``."""
        left, top = boxes[..., LEFT], boxes[..., TOP]
        right, bottom = left + boxes[..., WIDTH], top + boxes[..., HEIGHT]
        return cls(left, top, right, bottom, (right - left).clip(min=0) * (bottom - top).clip(min=0))

    def __getitem__(self, rows: Any) -> Edges:
        """Some of the boxes."""
        return Edges(self.left[rows], self.top[rows], self.right[rows], self.bottom[rows], self.area[rows])

    def shared(self, other: Edges) -> Any:
        """The area that lies in both."""
        xp = _namespace(self.area)
        width = xp.minimum(self.right, other.right) - xp.maximum(self.left, other.left)
        height = xp.minimum(self.bottom, other.bottom) - xp.maximum(self.top, other.top)
        return width.clip(min=0) * height.clip(min=0)

    def iou(self, other: Edges) -> Any:
        """Intersection over union."""
        shared = self.shared(other)
        return shared / (self.area + other.area - shared).clip(min=EPSILON)

    def hull(self, other: Edges) -> Any:
        """The area of the smallest box around both."""
        xp = _namespace(self.area)
        width = xp.maximum(self.right, other.right) - xp.minimum(self.left, other.left)
        return width * (xp.maximum(self.bottom, other.bottom) - xp.minimum(self.top, other.top))


def iou(a: Array, b: Array) -> Array:
    """Intersection over union of ``xywh`` boxes, element by element: ``(..., 4)`` to ``(...)``.

    Two empty boxes have IoU 0. Shapes broadcast, so ``iou(a[:, None], b[None])`` is the matrix.

    Example:
        >>> iou(np.array([0.0, 0.0, 2.0, 2.0]), np.array([1.0, 0.0, 2.0, 2.0])).round(3).item()
        0.333
    """
    result: Array = Edges.of(a).iou(Edges.of(b))
    return result


def iou_matrix(a: Array, b: Array) -> Array:
    """IoU of every pair: ``(N, 4)`` and ``(M, 4)`` xywh to ``(N, M)``."""
    x: Any = a
    y: Any = b
    result: Array = iou(x[:, None], y[None])
    return result


def share_inside(a: Array, b: Array) -> Array:
    """How much of each box ``a`` lies in ``b``, in [0, 1]: ``(..., 4)`` xywh to ``(...)``; of an empty box nothing.

    Example:
        >>> share_inside(np.array([0.0, 0.0, 2.0, 2.0]), np.array([1.0, -9.0, 90.0, 90.0])).round(3).item()
        0.5
    """
    edges = Edges.of(a)
    result: Array = edges.shared(Edges.of(b)) / edges.area.clip(min=EPSILON)
    return result


def giou(a: Array, b: Array) -> Array:
    """Generalised IoU (Rezatofighi et al., CVPR 2019) of ``xywh`` boxes, in [−1, 1]: ``(..., 4)`` to ``(...)``.

    Example:
        >>> giou(np.array([0.0, 0.0, 1.0, 1.0]), np.array([2.0, 0.0, 1.0, 1.0])).round(3).item()
        -0.333
    """
    first, second = Edges.of(a), Edges.of(b)
    shared, hull = first.shared(second), first.hull(second)
    union = first.area + second.area - shared
    result: Array = shared / union.clip(min=EPSILON) - (hull - union) / hull.clip(min=EPSILON)
    return result
