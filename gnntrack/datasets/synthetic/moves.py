"""How far a detected box is off: its centre's shift in box sizes, and its growth as log size ratios."""

from __future__ import annotations

import numpy as np

from gnntrack.geometry import SIZE, centres, cxcywh_to_xywh

#: Columns of how far a box is off: in box sizes, and log size ratios.
SHIFT, GROWTH = slice(0, 2), slice(2, 4)
#: Its first column: to the right, in box widths.
RIGHT = 0


def moved(box: np.ndarray, moves: np.ndarray) -> np.ndarray:
    """Boxes ``(N, 4)`` moved by ``(N, 4)``: centre in box sizes, log size ratios."""
    centre = centres(box) + moves[:, SHIFT] * box[:, SIZE]
    return cxcywh_to_xywh(np.column_stack([centre, box[:, SIZE] * np.exp(np.clip(moves[:, GROWTH], -2, 2))]))


def moves_between(box: np.ndarray, other: np.ndarray) -> np.ndarray:
    """What :func:`moved` needs to turn boxes into others: ``(N, 4)`` each."""
    shift = (centres(other) - centres(box)) / box[:, SIZE]
    return np.column_stack([shift, np.log(other[:, SIZE] / box[:, SIZE])])
