"""Pairs of numbers, such as frame and identity, in order."""

from __future__ import annotations

import numpy as np

#: Float64 holds whole numbers exactly up to here.
LARGEST_WHOLE = 2**53


def pair_key(major: np.ndarray, minor: np.ndarray) -> np.ndarray | None:
    """One number a pair (``minor`` from −1), ordered as the pairs are; None where numbers are too large for that.

    Example:
        >>> pair_key(np.array([1, 1, 2]), np.array([3, -1, 0])).tolist()
        [9, 5, 11]
    """
    span = int(minor.max(initial=-1)) + 2
    if int(major.max(initial=0)) * span > LARGEST_WHOLE:
        return None
    key: np.ndarray = major.astype(np.int64) * span + minor.astype(np.int64) + 1
    return key


def increasing(major: np.ndarray, minor: np.ndarray) -> bool:
    """Whether the pairs are strictly increasing, ``major`` first: then there is nothing to sort and no duplicate."""
    step = np.diff(major)
    return bool(((step > 0) | ((step == 0) & (np.diff(minor) > 0))).all())
