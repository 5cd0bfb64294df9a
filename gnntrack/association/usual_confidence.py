"""The confidence that objects of a video usually have: births go by it, since detectors differ in theirs."""

from __future__ import annotations

import numpy as np

from gnntrack.association.histories import CONFIDENCE
from gnntrack.association.settings import BirthSettings
from gnntrack.compiled import compiled
from gnntrack.state import State, checked

#: The prior, which counts as one detection; its decay a frame.
USUAL_CONFIDENCE, USUAL_DECAY = 0.85, 0.98
#: Below this weight the mean no longer matters against one detection, and frames without boxes do not decay it.
LEAST_SURE = 1e-9
#: The highest confidence that the usual one can demand of a birth.
HIGHEST_NEEDED = 0.92
#: The group of all detections, where there is one; the sums to begin with.
ALL, PRIOR = 0.0, (USUAL_CONFIDENCE, 1.0)


class UsualConfidence:
    """A running mean in which the sure detections count most, in every group by itself.

    Attributes:
        sums: by group: decaying sums of cubes, and of squares.

    Example:
        >>> usual = UsualConfidence()
        >>> for _ in range(100):
        ...     now = usual.of(np.array([0.6, 0.6, 0.1]))  # the unsure one hardly counts
        >>> round(now, 2)
        0.59
    """

    def __init__(self) -> None:
        self.sums: dict[float, tuple[float, float]] = {}

    def of(self, confidence: np.ndarray, groups: np.ndarray | None = None) -> np.ndarray | float:
        """That of the video with a new frame of D detections.

        Args:
            confidence: ``(D,)``.
            groups: ``(D,)``; None: all are of one.

        Returns:
            One, or ``(D,)`` where there are groups.
        """
        if groups is None:
            return self._of_group(ALL, np.ascontiguousarray(confidence))
        usual = np.empty(len(confidence))
        for group in {*self.sums, *groups.tolist()}:
            own = groups == group
            usual[own] = self._of_group(group, confidence[own])
        return usual

    def wanted(self, detections: np.ndarray, groups: np.ndarray | None, births: BirthSettings) -> np.ndarray:
        """The confidence ``(D,)`` that a birth needs, with a new frame of observations ``(D, ≥ 6)``."""
        usual = np.broadcast_to(self.of(detections[:, CONFIDENCE], groups), len(detections))
        return np.maximum(np.minimum(births.usual_share * usual, HIGHEST_NEEDED), births.confidence)

    def _of_group(self, group: float, confidence: np.ndarray) -> float:
        self.sums[group] = cubes, squares = added(*self.sums.get(group, PRIOR), confidence)
        return cubes / squares

    def state(self) -> State:
        """What is remembered, see :mod:`gnntrack.state`."""
        groups = sorted(self.sums)
        return {
            "groups": np.array(groups, dtype=np.float64),
            "sure": np.array([self.sums[each] for each in groups]).reshape(-1, 2),
        }

    def restore(self, state: State) -> None:
        """Takes back what :meth:`state` gave."""
        sizes: dict[str, int] = {}
        groups = checked(state, "groups", "f8", "G", sizes=sizes)
        sums = checked(state, "sure", "f8", "G", 2, sizes=sizes).tolist()
        self.sums = {group: (cubes, squares) for group, (cubes, squares) in zip(groups.tolist(), sums, strict=True)}


@compiled
def added(cubes: float, squares: float, confidence: np.ndarray) -> tuple[float, float]:
    """The sums of a group with the confidences ``(D,)`` of its new detections."""
    if len(confidence) == 0 and squares <= LEAST_SURE:  # long without detections, it would be 0 / 0
        return cubes, squares
    cubes, squares = USUAL_DECAY * cubes, USUAL_DECAY * squares
    for value in confidence:
        cubes += value * value * value
        squares += value * value
    return cubes, squares
