"""What an explanation of a box says."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Difference:
    """A feature in which a link differs from the first of its side, ``spread`` standard deviations apart."""

    feature: str
    first: float
    here: float
    spread: float


@dataclass
class Link:
    """A candidate link into, or out of, the box that is explained.

    Attributes:
        frame: of the box at its other end.
        track: of the box at its other end, −1: none.
        gap: frames that it spans.
        score: its probability.
        chosen: whether the tracker made it.
        true: whether it leads to the next detection of the same object; None without ground truth.
        differences: from the first link of its side, the largest first, in the features that the model saw.
        terms: how the loss would change, term by term, if this link were made instead.
    """

    frame: int
    track: int
    gap: int
    score: float
    chosen: bool
    true: bool | None
    differences: list[Difference] = field(default_factory=list)
    terms: dict[str, float] = field(default_factory=dict)


@dataclass
class Side:
    """One side of a box: where it came from, or where it goes."""

    links: list[Link]  # the chosen one first, then the best of every track by score
    candidates: int
    truth: str
    verdict: str


@dataclass
class Explanation:
    """Everything about one box; :func:`to_text` and :func:`to_dict` show it."""

    sequence: str
    frame: int
    track: int
    box: tuple[float, float, float, float]
    confidence: float
    identity: int | None
    came_from: Side
    goes_to: Side


def to_dict(explanation: Explanation) -> dict[str, Any]:
    """The explanation as JSON can hold it."""
    return asdict(explanation)
