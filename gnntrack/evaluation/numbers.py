"""Numbers for names: 0, 1, 2 … in the order of the values that occur."""

from __future__ import annotations

import numpy as np


def numbered(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The values that occur, ascending, and the position of each one's value among them.

    The same as ``np.unique(values, return_inverse=True)``, without sorting where the values lie close together.

    Example:
        >>> numbered(np.array([7, 9, 7]))
        (array([7, 9]), array([0, 1, 0]))
    """
    if len(values):
        low, span = int(values.min()), int(values.max()) - int(values.min()) + 1
        if span <= 8 * len(values) + 1024:
            there = np.zeros(span, dtype=bool)
            there[values - low] = True
            return np.flatnonzero(there) + low, (np.cumsum(there) - 1)[values - low]
    order = np.argsort(values, kind="stable")
    first = np.diff(values[order], prepend=values[order[:1]] - 1) != 0
    number = np.empty(len(values), dtype=np.int64)
    number[order] = np.cumsum(first) - 1
    return values[order][first], number
