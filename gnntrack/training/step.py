"""What a step finds: parts of its loss, and figures for the log, each a mean over what this process has of the batch.

A batch is shared out over the processes of a training, and its loss is no mean of theirs: one has more links than
another. So every mean says over how much it goes, and counts by its share of that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from torch import Tensor

from gnntrack.training.means import Means


@dataclass
class Step:
    """Parts and figures of one step; all processes have equally many, in the same order.

    Attributes:
        parts: of the loss, with their weights.
        figures: for the log, by name; means of those that have the same name.

    Example:
        >>> import torch
        >>> step = Step()
        >>> step.add(torch.tensor(2.0), count=30, figures={"link": 2.0})
        >>> step.add(torch.tensor(1.0), count=4)
        >>> step.counts
        [30, 4, 30]
    """

    parts: list[Tensor] = field(default_factory=list)
    figures: list[dict[str, float]] = field(default_factory=list)
    _of_parts: list[float | None] = field(default_factory=list)
    _of_figures: list[float | None] = field(default_factory=list)

    @property
    def counts(self) -> list[float | None]:
        """Over how much each part goes, then each of the figures; None: it is a sum."""
        return self._of_parts + self._of_figures

    def add(self, part: Tensor, count: float | None, figures: dict[str, float] | None = None) -> None:
        """Adds a part of the loss, and figures that are means over as much."""
        self.parts.append(part)
        self._of_parts.append(count)
        if figures:
            self.note(figures, count)

    def note(self, figures: dict[str, float], count: float | None) -> None:
        """Adds figures for the log."""
        self.figures.append(figures)
        self._of_figures.append(count)

    def log(self, means: Means, shares: Sequence[float]) -> None:
        """Adds the figures to means over an epoch.

        Args:
            means: of this process.
            shares: of this process in :attr:`counts`.
        """
        times = Counter(name for figures in self.figures for name in figures)
        for figures, share in zip(self.figures, shares[len(self.parts) :], strict=True):
            for name, value in figures.items():
                means.add({f"train/{name}": value}, share / times[name])


def weighted(parts: Sequence[Tensor], shares: Sequence[float]) -> Tensor:
    """What this process adds to the loss of the batch.

    Args:
        parts: of its step.
        shares: of this process in each.
    """
    first, *rest = (part * share for part, share in zip(parts, shares[: len(parts)], strict=True))
    return sum(rest, first)
