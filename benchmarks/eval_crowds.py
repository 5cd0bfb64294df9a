"""Made videos of many boxes, and results that miss some of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from eval_scenes import as_sequence

from gnntrack.sequence import Sequence

COLUMNS = ["frame", "id", "x", "y", "w", "h"]


def crowd(frames: int, count: int) -> Sequence:
    """Boxes that drift through a image of 1920 × 1080, and come back on the other side."""
    rng = np.random.default_rng(0)
    size, speed = rng.uniform(30, 120, count), rng.normal(0, 3, (count, 2))
    place = rng.uniform(0, [1920, 1080], (count, 2))
    tables = []
    for frame in range(1, frames + 1):
        place = (place + speed) % [1920, 1080]
        tables.append(np.column_stack([np.full(count, frame), np.arange(count), place, size, 2 * size]))
    return as_sequence(pd.DataFrame(np.concatenate(tables), columns=COLUMNS), frames)


def disturbed(truth: Sequence, cut: float) -> Sequence:
    """Five in a hundred boxes missing, as many false, the others moved; a share ``cut`` begins a new identity."""
    rng = np.random.default_rng(1)
    table = truth.boxes[COLUMNS]
    table = table[rng.random(len(table)) > 0.05].sort_values(["id", "frame"])
    for corner, size in (("x", "w"), ("y", "h")):
        table[corner] += rng.normal(0, 0.05, len(table)) * table[size]
    table["id"] = np.cumsum((rng.random(len(table)) < cut) | (np.diff(table["id"], prepend=-1) != 0))
    false = table.sample(frac=0.05, random_state=1)
    false = false.assign(id=table["id"].max() + 1 + np.arange(len(false)) // 50, x=false["x"] + 0.6 * false["w"])
    false = false.drop_duplicates(["frame", "id"])
    return as_sequence(pd.concat([table, false]), truth.length)
