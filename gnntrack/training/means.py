"""Means of figures over an epoch."""

from __future__ import annotations

from collections.abc import Iterable


class Means:
    """Weighted means of named figures.

    Example:
        >>> means = Means()
        >>> means.add({"loss": 1.0}, weight=3)
        >>> means.add({"loss": 5.0})
        >>> means.values()
        {'loss': 2.0}
    """

    def __init__(self, sums: dict[str, list[float]] | None = None) -> None:
        self.sums = sums or {}

    def add(self, figures: dict[str, float], weight: float = 1.0) -> None:
        """Adds figures that count ``weight`` times."""
        for name, value in figures.items():
            total = self.sums.setdefault(name, [0.0, 0.0])
            total[0] += float(value) * weight
            total[1] += weight

    def values(self) -> dict[str, float]:
        """The mean of each; of what never counted there is none."""
        return {name: total / count for name, (total, count) in self.sums.items() if count}

    @classmethod
    def merged(cls, parts: Iterable[dict[str, list[float]]]) -> Means:
        """Means over several processes, of their ``sums``.

        Example:
            >>> Means.merged([{"loss": [6.0, 3.0]}, {"loss": [2.0, 1.0]}]).values()
            {'loss': 2.0}
        """
        whole: dict[str, list[float]] = {}
        for sums in parts:
            for name, (total, count) in sums.items():
                before = whole.get(name, [0.0, 0.0])
                whole[name] = [before[0] + total, before[1] + count]
        return cls(whole)
