"""Box algebra: conversions, IoU, GIoU.

Every function takes numpy arrays or torch tensors whose last axis holds the four coordinates, and
returns the same kind. ``xywh`` means left, top, width, height; ``xyxy`` means the two corners.
"""

from __future__ import annotations

import sys
from typing import Any, TypeVar

import numpy as np

Array = TypeVar("Array")  # numpy.ndarray or torch.Tensor; the box axis is last

#: Columns of ``xywh``.
LEFT, TOP, WIDTH, HEIGHT = range(4)
#: The first two columns, a point (of ``xywh`` and ``xyxy`` the upper left corner, of ``cxcywh`` the centre), and the
#: other two: the size.
CORNER = CENTRE = slice(0, 2)
SIZE = slice(2, 4)
#: Areas are divided by no less.
EPSILON = 1e-9


def _namespace(array: Any) -> Any:
    """Numpy or torch, whichever made ``array``; torch is never imported for numpy users."""
    return np if isinstance(array, np.ndarray) else sys.modules["torch"]


def xywh_to_xyxy(boxes: Array) -> Array:
    """Left, top, width, height to corners, shape ``(..., 4)``.

    Example:
        >>> xywh_to_xyxy(np.array([[10.0, 20.0, 5.0, 8.0]])).tolist()
        [[10.0, 20.0, 15.0, 28.0]]
    """
    b: Any = boxes
    xp = _namespace(b)
    result: Array = xp.stack([b[..., 0], b[..., 1], b[..., 0] + b[..., 2], b[..., 1] + b[..., 3]], -1)
    return result


def xyxy_to_xywh(boxes: Array) -> Array:
    """Corners to left, top, width, height, shape ``(..., 4)``."""
    b: Any = boxes
    xp = _namespace(b)
    result: Array = xp.stack([b[..., 0], b[..., 1], b[..., 2] - b[..., 0], b[..., 3] - b[..., 1]], -1)
    return result


def centres(boxes: Array) -> Array:
    """Centres ``(..., 2)`` of ``xywh`` boxes ``(..., 4)``."""
    b: Any = boxes
    result: Array = b[..., :2] + 0.5 * b[..., 2:]
    return result


def xywh_to_cxcywh(boxes: Array) -> Array:
    """Left, top, width, height to centre, width, height, shape ``(..., 4)``."""
    b: Any = boxes
    result: Array = _namespace(b).concatenate((centres(b), b[..., SIZE]), -1)
    return result


def cxcywh_to_xywh(boxes: Array) -> Array:
    """Centre, width, height to left, top, width, height, shape ``(..., 4)``.

    Example:
        >>> cxcywh_to_xywh(np.array([10.0, 20.0, 5.0, 8.0])).tolist()
        [7.5, 16.0, 5.0, 8.0]
    """
    b: Any = boxes
    result: Array = _namespace(b).concatenate((b[..., CENTRE] - 0.5 * b[..., SIZE], b[..., SIZE]), -1)
    return result


def _overlap(a: Any, b: Any) -> tuple[Any, Any, Any, Any]:
    """Intersection and union areas of xywh boxes, and the corner blocks they were made from."""
    xp = _namespace(a)
    a, b = xywh_to_xyxy(a), xywh_to_xyxy(b)
    sides = (xp.minimum(a[..., 2:], b[..., 2:]) - xp.maximum(a[..., :2], b[..., :2])).clip(min=0)
    intersection = sides[..., 0] * sides[..., 1]
    area_a = (a[..., 2] - a[..., 0]).clip(min=0) * (a[..., 3] - a[..., 1]).clip(min=0)
    area_b = (b[..., 2] - b[..., 0]).clip(min=0) * (b[..., 3] - b[..., 1]).clip(min=0)
    return intersection, area_a + area_b - intersection, a, b


def iou(a: Array, b: Array) -> Array:
    """Intersection over union of ``xywh`` boxes, element by element: ``(..., 4)`` to ``(...)``.

    Two empty boxes have IoU 0. Shapes broadcast, so ``iou(a[:, None], b[None])`` is the matrix.

    Example:
        >>> iou(np.array([0.0, 0.0, 2.0, 2.0]), np.array([1.0, 0.0, 2.0, 2.0])).round(3).item()
        0.333
    """
    intersection, union, _, _ = _overlap(a, b)
    result: Array = intersection / union.clip(min=EPSILON)
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
    intersection, _, corners, _ = _overlap(a, b)
    area = (corners[..., 2:] - corners[..., :2]).clip(min=0)
    result: Array = intersection / (area[..., 0] * area[..., 1]).clip(min=EPSILON)
    return result


def giou(a: Array, b: Array) -> Array:
    """Generalised IoU (Rezatofighi et al., CVPR 2019) of ``xywh`` boxes, in [−1, 1]: ``(..., 4)`` to ``(...)``.

    Example:
        >>> giou(np.array([0.0, 0.0, 1.0, 1.0]), np.array([2.0, 0.0, 1.0, 1.0])).round(3).item()
        -0.333
    """
    intersection, union, a_corners, b_corners = _overlap(a, b)
    xp = _namespace(a)
    hull = xp.maximum(a_corners[..., 2:], b_corners[..., 2:]) - xp.minimum(a_corners[..., :2], b_corners[..., :2])
    hull_area = hull[..., 0] * hull[..., 1]
    result: Array = intersection / union.clip(min=EPSILON) - (hull_area - union) / hull_area.clip(min=EPSILON)
    return result
