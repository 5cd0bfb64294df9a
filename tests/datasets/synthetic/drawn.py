"""Small videos of two who cross, and what detectors make of them."""

import numpy as np
import pandas as pd

from gnntrack import Sequence

FRAMES = 41


def two_cross(turned=False, apart=False, name="donor"):
    """``a`` stands in front, ``b`` passes behind from left to right (turned: from right to left), 41 frames.

        b →  ┌────┐         peak in frame 21, where b is 1 px to the right
             │ a  │
             └────┘         apart: b passes far away

    Boxes are 40 × 100, b 6 px higher, 4 px a frame.
    """
    frame = np.arange(1, FRAMES + 1)
    across = (4.0 * (frame - 21) + 1) * (-1 if turned else 1)
    a = pd.DataFrame({"frame": frame, "id": 1, "x": 300.0, "y": 200.0})
    b = pd.DataFrame({"frame": frame, "id": 2, "x": 300.0 + across, "y": 194.0 - 150 * apart})
    table = pd.concat([a, b], ignore_index=True).assign(w=40.0, h=100.0, conf=1)
    return Sequence(name, table, width=640, height=480, length=FRAMES)


def detected(truth, change=None):
    """Every object with confidence .9, but for what ``change`` makes of the table of boxes."""
    table = truth.boxes[["frame", "id", "x", "y", "w", "h"]].assign(conf=0.9)
    if change is not None:
        table = change(table)
    return Sequence(truth.name, table.assign(id=-1), truth.width, truth.height, length=truth.length)


def merged(table):
    """From frame 14 to 28 one box around both instead of two: ``b`` is lost, ``a`` grows over it.

    ┌──┬───┐      ┌──────┐
    └┬─┴──┐│  →   │      │
     └────┘       └──────┘
    """
    close = table["frame"].between(14, 28)
    a, b = (table[close & (table["id"] == number)].reset_index(drop=True) for number in (1, 2))
    left, top = np.minimum(a["x"], b["x"]), np.minimum(a["y"], b["y"])
    width, height = np.maximum(a["x"], b["x"]) + 40 - left, np.maximum(a["y"], b["y"]) + 100 - top
    return pd.concat([table[~close], a.assign(x=left, y=top, w=width, h=height)], ignore_index=True)


def halves(table):
    """From frame 14 to 28 two halves of ``a``, above each other, instead of one box."""
    split = table["frame"].between(14, 28) & (table["id"] == 1)
    upper = table[split].assign(h=48.0)
    lower = upper.assign(y=upper["y"] + 52, conf=0.6)
    return pd.concat([table[~split], upper, lower], ignore_index=True)
