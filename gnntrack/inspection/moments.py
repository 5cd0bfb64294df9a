"""The worst moments of a result: the stretches of frames with the most errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gnntrack.evaluation.errors import TOTALS
from gnntrack.sequence import Sequence

#: Frames of a moment.
SPAN = 25
#: Frames from a switch to the frame that is shown after it.
AFTER = 5
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

    @property
    def where(self) -> str:
        """Its video and frames, in words."""
        return f"{self.sequence}, frames {self.first} to {self.last}"

    @property
    def what(self) -> str:
        """Its errors, in words."""
        words = {"idsw": ("switch", "es"), "misses": ("miss", "es"), "false_positives": ("false positive", "s")}
        return ", ".join(
            f"{self.counts[key]} {word}{ending * (self.counts[key] != 1)}" for key, (word, ending) in words.items()
        )


def weights(errors: pd.DataFrame) -> np.ndarray:
    """What each error weighs ``(N,)``; 0 for those that other errors imply."""
    weight = {kind: WEIGHTS[total] for total in WEIGHTS for kind in TOTALS[total]}
    return errors["kind"].map(weight).fillna(0.0).to_numpy(dtype=float)


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
    found: list[tuple[float, Moment]] = []
    for name, table in errors.items():
        counted = table[weights(table) > 0]
        frames, kinds = counted["frame"].to_numpy(), counted["kind"]
        sums = np.concatenate([[0.0], np.cumsum(weights(counted))])
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


@dataclass(frozen=True)
class KeyFrames:
    """Where to look in a moment.

    Attributes:
        before: the last frame in which all was well with what goes wrong.
        at: the frame in which most goes wrong.
        after: a frame after it.
        errors: a row of the table that weighs most in ``at``, and those like it of the same objects or tracks.
    """

    before: int
    at: int
    after: int
    errors: pd.DataFrame


def key_frames(moment: Moment, errors: pd.DataFrame, truth: Sequence) -> KeyFrames:
    """The frames of a moment that show what went wrong.

    Args:
        moment: one of the table's.
        errors: the sequence's errors.
        truth: its annotations.

    Example:
        >>> from gnntrack.datasets.sample import sample
        >>> from gnntrack.evaluation.errors import find_errors
        >>> truth = sample("TUD-Campus", "annotations")
        >>> errors = find_errors(truth, sample("TUD-Campus", "tracks"))
        >>> moment = worst_moments({"TUD-Campus": errors}, most=1)[0]
        >>> shown = key_frames(moment, errors, truth)
        >>> shown.before, shown.at, shown.after, shown.errors["why"].iloc[0]
        (8, 24, 29, 'object 5: track 3 becomes 11; the object was lost for 15 frames after frame 8')
    """
    inside = errors[errors["frame"].between(moment.first, moment.last)]
    inside = inside.assign(weight=weights(inside))
    at = int(inside.groupby("frame")["weight"].sum().idxmax())
    now = inside[inside["frame"] == at]
    heaviest = now[now["weight"] == now["weight"].max()].drop(columns="weight")
    heaviest = heaviest[_concern_the_same(heaviest)]
    first, last = int(heaviest["first"].min()), int(heaviest["last"].max())
    if heaviest["kind"].iloc[0] in TOTALS["idsw"]:
        item = int(heaviest["object"].iloc[0])
        missed = errors.loc[errors["kind"].isin(TOTALS["misses"]) & (errors["object"] == item), "frame"]
        there = np.setdiff1d(truth.frames[truth.boxes["id"].to_numpy() == item], missed)
        first, last = int(there[there < at].max()) + 1, at + AFTER - 1
    return KeyFrames(max(first - 1, 1), at, min(last + 1, max(truth.length, at)), heaviest)


def _concern_the_same(errors: pd.DataFrame) -> np.ndarray:
    """Which errors concern an object or a track of the first one, itself included ``(N,)``."""
    sides = (errors[["object", "other_object"]], errors[["track", "previous_track"]])
    related = np.zeros(len(errors), dtype=bool)
    for side in sides:
        names = side.to_numpy()
        related |= (np.isin(names, names[0]) & (names >= 0)).any(axis=1)
    return related
