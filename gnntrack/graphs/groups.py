"""Sums over groups of rows, in numpy."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

#: Up to this size a plain matrix is faster than a sparse one.
DENSE = 20_000


class Groups:
    """Rows that belong together: which rows each group has is found once, sums are taken often.

    Args:
        index: ``(M,)`` group of each row, in ``[0, size)``.
        size: number of groups.
        rows: ``(M,)`` which row of the summed array each entry stands for; else entry i is row i.
        count: rows of the summed array, where ``rows`` is given.

    Example:
        >>> Groups(np.array([2, 0, 2]), 4).sum(np.array([1.0, 2.0, 4.0], dtype=np.float32)).tolist()
        [2.0, 0.0, 5.0, 0.0]
    """

    def __init__(self, index: np.ndarray, size: int, rows: np.ndarray | None = None, count: int | None = None) -> None:
        count = len(index) if count is None else count
        rows = np.arange(len(index)) if rows is None else rows
        self._size = np.bincount(index, minlength=size)
        if size * count <= DENSE:
            self._matrix = np.zeros((size, count), np.float32)
            self._matrix[index, rows] = 1.0
        else:
            self._matrix = csr_array((np.ones(len(index), np.float32), (index, rows)), (size, count))

    def sum(self, values: np.ndarray) -> np.ndarray:
        """``(·, …)`` to ``(size, …)``; 0 where a group is empty."""
        total: np.ndarray = self._matrix @ values
        return total

    def mean(self, values: np.ndarray) -> np.ndarray:
        """The same divided by the number of rows."""
        share = (1.0 / np.maximum(self._size, 1)).astype(values.dtype)
        return self.sum(values) * share.reshape(-1, *[1] * (values.ndim - 1))
