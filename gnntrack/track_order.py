"""The rows of a video by track and time, a few whole tracks at a time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gnntrack.compiled import compiled
from gnntrack.scratch import Scratch, release


def whole_tracks(track: np.ndarray, scratch: Scratch) -> Iterator[np.ndarray]:
    """The rows of a few tracks after the other, whole ones, by track and time.

    Args:
        track: ``(N,)`` of each row, from 1; below 1: none, and such rows are left out.
        scratch: says how many rows are worked on at once.

    Example:
        >>> [rows.tolist() for rows in whole_tracks(np.array([2, 1, 0, 2, 1]), Scratch(rows=2))]
        [[1, 4], [0, 3]]
    """
    yield from few_tracks(*rows_by_track(track, scratch), scratch)


def few_tracks(order: np.ndarray, edges: np.ndarray, scratch: Scratch) -> Iterator[np.ndarray]:
    """The same of rows that are in order already, see :func:`rows_by_track`."""
    first = 0
    while first < len(edges) - 1:
        stop = max(first + 1, int(np.searchsorted(edges, edges[first] + scratch.rows, side="right")) - 1)
        if edges[stop] > edges[first]:
            yield order[edges[first] : edges[stop]].copy()
            release()
        first = stop


def rows_by_track(track: np.ndarray, scratch: Scratch) -> tuple[np.ndarray, np.ndarray]:
    """The rows ``(M,)`` that have a track, by track and time, and where those of each track from 0 on begin.

    Args:
        track: ``(N,)`` of each row, from 1; below 1: none.
        scratch: makes the arrays.
    """
    counts, size = np.zeros(1, dtype=np.int64), scratch.rows
    for first in range(0, len(track), size):
        here = np.bincount(np.maximum(track[first : first + size], 0), minlength=len(counts))
        here[: len(counts)] += counts
        counts = here
        release()
    counts[0] = 0
    edges = np.append(0, np.cumsum(counts))
    order, place = scratch.empty(int(edges[-1]), np.int64), edges.copy()
    for first in range(0, len(track), size):
        _sort(track[first : first + size], first, place, order)
        release()
    return order, edges


@compiled
def _sort(track: np.ndarray, first: int, place: np.ndarray, order: np.ndarray) -> None:
    """Puts rows behind those of their tracks: fills ``order``, changes ``place``."""
    for row in range(len(track)):
        if track[row] > 0:
            order[place[track[row]]] = first + row
            place[track[row]] += 1
