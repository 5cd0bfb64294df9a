"""What happens to each object along its frames: gaps, restarts, the first switch; and how tracks are mixed."""

from __future__ import annotations

import numpy as np

from gnntrack.evaluation.matches import Matches
from gnntrack.evaluation.numbers import numbered


def gaps(matches: Matches) -> np.ndarray:
    """The first missed annotation of every gap: missed between two matches of its object. Rows, by object."""
    rows = matches.by_object
    item, found = matches.object[rows], matches.clear[rows] >= 0
    positions = np.flatnonzero(found)
    jump = (np.diff(positions) > 1) & (np.diff(item[positions]) == 0)
    return rows[positions[:-1][jump] + 1]


def restarts(matches: Matches) -> int:
    """How often an object is found that was not in the frame before, without the first time (TrackEval's Frag).

    Frames where either side has no box do not count as frames.
    """
    layout = matches.layout
    active = (layout.truth_counts > 0) & (layout.track_counts > 0)
    number = np.repeat(np.cumsum(active), layout.truth_counts)
    rows = matches.by_object[matches.clear[matches.by_object] >= 0]
    return int(((np.diff(matches.object[rows]) == 0) & (np.diff(number[rows]) > 1)).sum())


def times_to_first_switch(matches: Matches) -> np.ndarray:
    """Frames from each object's first match to its first switch; where it has none, to its last annotation.

    Objects that are never matched have no entry.
    """
    rows = matches.by_object
    item, frame = matches.object[rows], matches.truth.frames[rows]
    found, switched = matches.clear[rows] >= 0, matches.switched[rows]
    last = np.append(np.diff(item) != 0, True) if len(item) else np.zeros(0, dtype=bool)
    end = frame[last].copy()
    late, first = np.unique(item[switched], return_index=True)
    end[late] = frame[switched][first]
    seen, first = np.unique(item[found], return_index=True)
    return end[seen] - frame[found][first]


def lengths(matches: Matches) -> np.ndarray:
    """Boxes of each track ``(T,)``."""
    return np.bincount(matches.name, minlength=len(matches.names))


def purity(matches: Matches) -> tuple[int, int]:
    """Matched boxes on their track's most frequent object, and matched boxes with their object's main track."""
    found = np.flatnonzero(matches.clear >= 0)
    if not len(found):
        return 0, 0
    width = len(matches.names)
    keys, number = numbered(matches.object[found] * width + matches.name[matches.clear[found]])
    count = np.bincount(number)
    by_track, by_object = np.zeros(width, np.int64), np.zeros(len(matches.objects), np.int64)
    np.maximum.at(by_track, keys % width, count)
    np.maximum.at(by_object, keys // width, count)
    return int(by_track.sum()), int(by_object.sum())
