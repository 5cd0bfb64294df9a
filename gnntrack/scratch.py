"""Arrays of whole videos, worked on by parts: those too large for memory lie in temporary files."""

from __future__ import annotations

import mmap
import os
import tempfile
import weakref
from collections.abc import Iterator

import numpy as np
from numpy.typing import DTypeLike

from gnntrack.errors import DataError

#: Rows that are worked on at once. Results do not depend on it.
ROWS_AT_ONCE = 65_536
#: Arrays of more bytes lie in files.
LARGEST_IN_MEMORY = 2**24
_maps: weakref.WeakSet[mmap.mmap] = weakref.WeakSet()


def release() -> None:
    """Lets go of what was read or written of all arrays in files: it is there."""
    if hasattr(mmap, "MADV_DONTNEED"):
        for each in list(_maps):
            each.madvise(mmap.MADV_DONTNEED)


class Scratch:
    """Makes arrays that may be larger than memory.

    A large one is mapped from a temporary file without a name, in the folder that ``TMPDIR`` names: it goes when nobody
    uses the array any longer, however the process ends. What was read or written stays in memory until :func:`release`.

    Args:
        rows: that are worked on at once, see :func:`parts`.

    Example:
        >>> scratch = Scratch(rows=4)
        >>> squares = scratch.full(6, 0, np.int64)
        >>> for part in scratch.parts(np.arange(6)):
        ...     squares[part] = np.arange(6)[part] ** 2
        >>> squares.tolist()
        [0, 1, 4, 9, 16, 25]
    """

    def __init__(self, rows: int = ROWS_AT_ONCE) -> None:
        self.rows = rows

    def full(self, shape: int | tuple[int, ...], value: float, dtype: DTypeLike) -> np.ndarray:
        """An array that is ``value`` everywhere.

        Raises:
            DataError: there is no room for its file.
        """
        result = self.empty(shape, dtype)
        if value or _size(shape, dtype) <= LARGEST_IN_MEMORY:  # files begin as zeros
            for first in range(0, len(result), self.rows):
                result[first : first + self.rows] = value
                release()
        return result

    def empty(self, shape: int | tuple[int, ...], dtype: DTypeLike) -> np.ndarray:
        """An array of anything; otherwise as :meth:`full`."""
        size = _size(shape, dtype)
        if size <= LARGEST_IN_MEMORY:
            return np.empty(shape, dtype)
        folder = None
        try:
            folder = tempfile.gettempdir()
            with tempfile.TemporaryFile(dir=folder, prefix="gnntrack-") as file:
                if hasattr(os, "posix_fallocate"):
                    os.posix_fallocate(file.fileno(), 0, size)  # now, not when a full disk would end the process
                else:
                    file.truncate(size)
                found = mmap.mmap(file.fileno(), size)
        except OSError as error:
            problem = f"no room for {size / 2**20:.0f} MB of intermediate results: {error.strerror or error}"
            raise DataError(problem, remedy="set TMPDIR to a folder on a larger disk", path=folder) from None
        _maps.add(found)
        return np.frombuffer(found, dtype).reshape(shape)

    def gathered(
        self, values: np.ndarray, order: np.ndarray | None = None, dtype: DTypeLike | None = None
    ) -> np.ndarray:
        """A copy of an array, its rows in another order, or of another type.

        Args:
            values: ``(N, …)``.
            order: ``(M,)`` positions in it; None: as they are.
            dtype: None: that of ``values``.

        Example:
            >>> Scratch(rows=2).gathered(np.array([5, 6, 7]), np.array([2, 0, 0])).tolist()
            [7, 5, 5]
        """
        count = len(values) if order is None else len(order)
        result = self.empty((count, *values.shape[1:]), values.dtype if dtype is None else dtype)
        for first in range(0, count, self.rows):
            here = slice(first, first + self.rows)
            result[here] = values[here if order is None else order[here]]
            release()
        return result

    def parts(self, frame: np.ndarray) -> Iterator[slice]:
        """Slices of whole frames, of about ``rows`` rows each; lets go of what the last one used before the next.

        Args:
            frame: ``(N,)`` of every row, in order.

        Example:
            >>> list(Scratch(rows=2).parts(np.array([1, 1, 1, 2, 4])))
            [slice(0, 3, None), slice(3, 5, None)]
        """
        first = 0
        while first < len(frame):
            stop = min(first + self.rows, len(frame))
            while stop < len(frame) and frame[stop] == frame[stop - 1]:
                stop += 1
            yield slice(first, stop)
            release()
            first = stop


def _size(shape: int | tuple[int, ...], dtype: DTypeLike) -> int:
    """Bytes of an array."""
    return int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
