"""Where labels stand: beside their boxes, inside the image, not upon each other."""

from __future__ import annotations

import numpy as np

#: Share of a label that another may cover; where more would be hidden, a label is left out.
MOST_COVERED = 0.35

_X, _Y, _LOW, _HIGH = 0, 1, slice(0, 2), slice(2, 4)


def place_labels(
    boxes: np.ndarray, sizes: np.ndarray, width: float, height: float, most_covered: float = MOST_COVERED
) -> np.ndarray:
    """Left upper corners ``(N, 2)`` of labels; nan where there is no room for one.

    A label stands above its box, else inside at the top, below, or at a side. Earlier boxes choose first.

    Args:
        boxes: ``(N, 4)`` left, top, width, height.
        sizes: ``(N, 2)`` width and height of the labels.
        width: of the image.
        height: likewise.
        most_covered: share of a label that others may cover.

    Example:
        >>> place_labels(np.array([[10, 30, 20, 40.0], [12, 30, 20, 40]]), np.full((2, 2), 12.0), 100, 100).tolist()
        [[10.0, 18.0], [12.0, 30.0]]
    """
    room = np.array([width, height])
    result = np.full((len(boxes), 2), np.nan)
    taken = np.zeros((len(boxes), 4))  # corners
    count = 0
    for place, (box, size) in enumerate(zip(boxes, sizes, strict=True)):
        corner = np.clip(_candidates(box, size), 0, np.maximum(room - size, 0))
        rectangles = np.hstack([corner, corner + size])
        covered = _overlap(rectangles, taken[:count]).sum(axis=1) / max(size[_X] * size[_Y], 1e-9)
        best = int(covered.argmin())  # the first of equals
        if covered[best] <= most_covered:
            result[place] = corner[best]
            taken[count] = rectangles[best]
            count += 1
    return result


def _candidates(box: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Left upper corners ``(K, 2)``, the best first."""
    left, top, width, height = box
    right, bottom, (wide, high) = left + width, top + height, size
    return np.array(
        [
            (left, top - high),
            (left, top),
            (right - wide, top - high),
            (right - wide, top),
            (left, bottom),
            (right, top),
            (left - wide, top),
            (left, bottom - high),
            (right - wide, bottom),
        ]
    )


def _overlap(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Areas ``(K, N)`` that rectangles ``(K, 4)`` and ``(N, 4)`` share."""
    low = np.maximum(one[:, None, _LOW], other[None, :, _LOW])
    high = np.minimum(one[:, None, _HIGH], other[None, :, _HIGH])
    result: np.ndarray = np.prod(np.maximum(high - low, 0), axis=2)
    return result
