"""How much more one tracker reaches than another: the mean over videos, with its interval."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

#: Bootstrap draws of the intervals, and the share of them inside.
DRAWS, LEVEL = 10_000, 0.95


@dataclass(frozen=True)
class Gain:
    """A mean over videos, each of which counts the same.

    Attributes:
        mean: of the differences.
        low: lower end of its 95 % interval, from draws of videos; None: there is only one video.
        high: its upper end.
        videos: how many there are.
    """

    mean: float
    low: float | None
    high: float | None
    videos: int

    @property
    def sure(self) -> bool:
        """Whether the whole interval lies above zero."""
        return self.low is not None and self.low > 0

    def __str__(self) -> str:
        interval = "" if self.low is None else f" [{self.low:+.1f}, {self.high:+.1f}]"
        return f"{self.mean:+.1f}{interval}"


def gain_of(differences: np.ndarray) -> Gain | None:
    """The mean of differences ``(V,)``, one a video; None where there is no video.

    Example:
        >>> print(gain_of(np.array([1.0, 3.0, 2.0])), gain_of(np.array([1.0])), gain_of(np.zeros(0)))
        +2.0 [+1.0, +3.0] +1.0 None
    """
    count = len(differences)
    if not count:
        return None
    low = high = None
    if count > 1:
        drawn = differences[np.random.default_rng(0).integers(0, count, (DRAWS, count))].mean(1)
        low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]).tolist()
    return Gain(float(differences.mean()), low, high, count)


def best_of(scores: Iterable[np.ndarray]) -> np.ndarray:
    """The highest score on each video ``(V,)``, of several trackers: which of them has it may differ."""
    return np.max(list(scores), axis=0)
