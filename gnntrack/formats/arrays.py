"""Appearance vectors in ``.npy`` files: beside a text file, a row a line, or with the boxes in their first ten columns.

The second form is DeepSORT's (Wojke et al., "Simple Online and Realtime Tracking with a Deep Association Metric", ICIP
2017): ten columns of MOTChallenge detections, then the vector, so ``(N, 138)`` with its network.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from gnntrack.errors import DataError
from gnntrack.loaders.npy import read_npy
from gnntrack.sequence import BOX

BOX_COLUMNS = ["frame", "id", *BOX, "conf", "X", "Y", "Z"]


def holds_boxes(array: np.ndarray) -> bool:
    """Whether the first ten columns read like detections: whole frames, sizes above 0, no world coordinates.

    Example:
        >>> holds_boxes(np.array([[1, -1, 5, 5, 10, 20, 0.9, -1, -1, -1, 0.3, 0.7]])), holds_boxes(np.ones((4, 128)))
        (True, False)
    """
    if array.ndim != 2 or array.shape[1] <= len(BOX_COLUMNS) or not len(array):
        return False
    boxes = _boxes(array)
    frame, sizes, world = boxes["frame"], boxes[["w", "h"]], boxes[["X", "Y", "Z"]]
    whole = (frame >= 0) & (frame == np.floor(frame))
    return bool(whole.all() and (sizes > 0).all(axis=None) and (world == -1).all(axis=None))


def is_box_array(path: Path) -> bool:
    """Whether a file is such an array."""
    try:
        return holds_boxes(read_npy(path))
    except DataError:
        return False


def _boxes(array: np.ndarray) -> pd.DataFrame:
    """The first columns by name."""
    return pd.DataFrame(np.asarray(array[:, : len(BOX_COLUMNS)], dtype=float), columns=BOX_COLUMNS)


def read_boxes(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Boxes ``(N, 10)`` and vectors ``(N, D)`` of an array that holds both.

    Raises:
        DataError: it is no such array.
    """
    array = read_npy(path)
    if not holds_boxes(array):
        problem = f"an array of shape {array.shape} without boxes in its first ten columns"
        raise DataError(problem, remedy="expected frame,id,x,y,w,h,conf,-1,-1,-1 and a vector in each row", path=path)
    return _boxes(array).to_numpy(), array[:, len(BOX_COLUMNS) :]


def read_vectors(path: Path, rows: np.ndarray) -> np.ndarray | None:
    """The appearance vectors ``(N, D)`` beside a text file; None where there are none.

    Args:
        path: of the array.
        rows: ``(N, C)`` the numbers of the text file.

    Raises:
        DataError: they are not one vector a row.
    """
    if not path.is_file():
        return None
    array = read_npy(path)
    if array.ndim != 2 or len(array) != len(rows):
        problem = f"vectors of shape {array.shape} for {len(rows)} boxes"
        raise DataError(problem, remedy="give one row a line", path=path)
    if not holds_boxes(array):
        return array
    compared = ["frame", "id", *BOX]
    boxes, text = _boxes(array), pd.DataFrame(rows[:, : len(compared)], columns=compared)
    near = ((boxes[BOX] - text[BOX]).abs() <= 1.0).all(axis=1)  # pixels: some tools round
    odd = np.flatnonzero(~((boxes["frame"] == text["frame"]) & near))
    if len(odd):
        problem = f"row {odd[0]} holds another box than the text file beside it"
        raise DataError(problem, remedy="give the boxes in the same order, or the vectors alone", path=path)
    return array[:, len(BOX_COLUMNS) :]
