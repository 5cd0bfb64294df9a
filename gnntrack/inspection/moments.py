"""The worst moments of a result: the stretches of frames with the most errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gnntrack.evaluation.errors import TOTALS

#: Frames of a moment.
SPAN = 25
#: Weights of errors: a switch affects an identity from there on, a miss one box.
WEIGHTS = {"idsw": 5.0, "misses": 1.0, "false_positives": 1.0}


@dataclass(frozen=True)
class Moment:
    """A stretch of frames.

    Attributes:
        sequence: the video.
        first: its first frame.
        last: its last frame.
        counts: errors in it, ``idsw``, ``misses`` and ``false_positives``.
    """

    sequence: str
    first: int
    last: int
    counts: dict[str, int]


def worst_moments(errors: Mapping[str, pd.DataFrame], most: int = 8, span: int = SPAN) -> list[Moment]:
    """The stretches with the most errors, weighted by :data:`WEIGHTS`, worst first; they do not overlap.

    Args:
        errors: sequence name to its errors (:func:`gnntrack.evaluation.errors.errors_in`).
        most: how many.
        span: frames of a moment.

    Example:
        >>> from gnntrack.datasets.sample import sample
        >>> from gnntrack.evaluation.errors import find_errors
        >>> errors = find_errors(sample("TUD-Campus", "annotations"), sample("TUD-Campus", "tracks"))
        >>> moment = worst_moments({"TUD-Campus": errors}, most=1)[0]
        >>> moment.first, moment.last, moment.counts
        (17, 41, {'idsw': 5, 'misses': 59, 'false_positives': 5})
    """
    weight = {kind: WEIGHTS[total] for total in WEIGHTS for kind in TOTALS[total]}
    found: list[tuple[float, Moment]] = []
    for name, table in errors.items():
        counted = table[table["kind"].isin(list(weight))]
        frames, kinds = counted["frame"].to_numpy(), counted["kind"]
        sums = np.concatenate([[0.0], np.cumsum(kinds.map(weight).to_numpy(dtype=float))])
        free = np.ones(len(frames), dtype=bool)
        for _ in range(most):
            ends = np.searchsorted(frames, frames + span)
            total = np.where(free & _free_until(free, ends), sums[ends] - sums[:-1], 0.0)
            if not total.any():
                break
            start = int(total.argmax())
            first, rows = int(frames[start]), slice(start, int(ends[start]))
            last = min(first + span - 1, int(frames[-1]))  # no further than the last error: the video may end there
            free[rows] = False
            counts = {key: int(kinds.iloc[rows].isin(list(TOTALS[key])).sum()) for key in WEIGHTS}
            found.append((float(total[start]), Moment(name, first, last, counts)))
    found.sort(key=lambda pair: (-pair[0], pair[1].sequence, pair[1].first))
    return [moment for _, moment in found[:most]]


def _free_until(free: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Whether every row from each one to its end is free."""
    taken = np.concatenate([[0], np.cumsum(~free)])
    return taken[ends] == taken[:-1]
