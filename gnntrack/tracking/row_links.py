"""Links between the boxes of a video, as the row that each row follows, and the tracks that they make."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gnntrack.compiled import compiled
from gnntrack.scratch import Scratch, release

#: The row of a link that is not there.
NONE = -1


class RowLinks(NamedTuple):
    """Links between N rows, at most one into each and one out of each.

    Attributes:
        before: ``(N,)`` the row that each follows, −1: none.
        after: ``(N,)`` the row that follows each, −1: none.

    Example:
        >>> links = RowLinks.nothing(5, Scratch())
        >>> links.add(np.array([[0, 1], [2, 3]]))
        >>> links.before.tolist(), links.after.tolist(), links.pairs().tolist()
        ([-1, -1, 0, 1, -1], [2, 3, -1, -1, -1], [[0, 1], [2, 3]])
        >>> tracks_of_links(links).tolist()
        [1, 2, 1, 2, 0]
    """

    before: np.ndarray
    after: np.ndarray

    @classmethod
    def nothing(cls, count: int, scratch: Scratch) -> RowLinks:
        """Links of rows that have none."""
        return cls(*(scratch.full(count, NONE, np.int64) for _ in cls._fields))

    @classmethod
    def of(cls, links: np.ndarray, count: int) -> RowLinks:
        """Pairs of rows ``(2, L)``, past to future."""
        result = cls.nothing(count, Scratch())
        result.add(links)
        return result

    def add(self, links: np.ndarray) -> None:
        """Makes links ``(2, L)``, past to future."""
        self.before[links[1]], self.after[links[0]] = links[0], links[1]

    def pairs(self) -> np.ndarray:
        """The links ``(2, L)``, past to future."""
        source = np.flatnonzero(self.after != NONE)
        return np.stack([source, self.after[source]])

    def backwards(self) -> Backwards:
        """The same links, time reversed."""
        return Backwards(self)

    def before_rows(self, rows: slice | np.ndarray) -> np.ndarray:
        """The row that each of these rows follows, −1: none."""
        return self.before[rows]

    def followed(self, rows: slice | np.ndarray) -> np.ndarray:
        """Whether a row follows each of these."""
        result: np.ndarray = self.after[rows] != NONE
        return result


class Backwards(NamedTuple):
    """Links as they are seen from the end of a video: rows are counted from the last.

    Example:
        >>> Backwards(RowLinks.of(np.array([[0], [3]]), 4)).before_rows(slice(0, 4)).tolist()
        [-1, -1, -1, 0]
    """

    links: RowLinks

    def before_rows(self, rows: slice | np.ndarray) -> np.ndarray:
        """As :meth:`RowLinks.before_rows`."""
        there = self.links.after[::-1][rows]
        return np.where(there == NONE, NONE, len(self.links.after) - 1 - there)

    def followed(self, rows: slice | np.ndarray) -> np.ndarray:
        """As :meth:`RowLinks.followed`."""
        result: np.ndarray = self.links.before[::-1][rows] != NONE
        return result


def tracks_of_links(links: RowLinks, scratch: Scratch | None = None) -> np.ndarray:
    """The track ``(N,)`` of each row, from 1 in order of first appearance; 0 where no link reaches or leaves it."""
    scratch = scratch or Scratch()
    track, number = scratch.empty(len(links.before), np.int64), 0
    for first in range(0, len(track), scratch.rows):
        number = _number(links.before, links.after, track, first, min(first + scratch.rows, len(track)), number)
        release()
    return track


@compiled
def _number(before: np.ndarray, after: np.ndarray, track: np.ndarray, first: int, stop: int, number: int) -> int:
    """The tracks of some rows, those before them known: fills ``track``; the last number."""
    for row in range(first, stop):
        if before[row] >= 0:
            track[row] = track[before[row]]
        else:
            number += after[row] >= 0
            track[row] = number if after[row] >= 0 else 0
    return number
