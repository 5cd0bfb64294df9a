"""Several results on the same videos: who is better, by how much, where, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gnntrack.errors import DataError
from gnntrack.evaluation.report import rows_of
from gnntrack.evaluation.scores import Metrics, Score, combine, resampled

#: Metrics that are compared, and whether more of them is better.
COMPARED = {"hota": True, "deta": True, "assa": True, "mota": True, "idf1": True, "idsw": False}
#: Classes of videos by the annotated objects in view, on average over frames that have any: upper limits.
DENSITIES = {"up to 8 objects": 8.0, "8 to 14 objects": 14.0, "above 14 objects": np.inf}
DRAWS, LEVEL = 2000, 0.95
#: Videos with a smaller difference are no win and no loss.
EVEN = 1e-9


@dataclass(frozen=True)
class Difference:
    """A metric of a result less that of the first result.

    Attributes:
        value: on all videos together.
        low: lower end of the interval, from draws of videos; None: there is only one video.
        high: its upper end.
        wins: videos on which the result is better.
        losses: videos on which it is worse.
    """

    value: float
    low: float | None
    high: float | None
    wins: int
    losses: int


@dataclass(frozen=True)
class Comparison:
    """Results side by side.

    Attributes:
        rows: name of the result to its rows: a sequence each, and ``COMBINED``.
        by_density: name of the result to a row for every class of :data:`DENSITIES` that has videos.
        density: sequence to its class.
        differences: name of each result but the first to metric to how it differs from the first.
    """

    rows: dict[str, dict[str, Metrics]]
    by_density: dict[str, dict[str, Metrics]]
    density: dict[str, str]
    differences: dict[str, dict[str, Difference]]

    @property
    def first(self) -> str:
        """The result that the others are compared with."""
        return next(iter(self.rows))

    @property
    def sequences(self) -> list[str]:
        """The videos."""
        return list(self.density)


def compare(scores: Mapping[str, Mapping[str, Score]], seed: int = 0) -> Comparison:
    """Compares results on the same videos.

    The interval of a difference holds 95 of 100 values that it takes when as many videos are drawn again, with
    repetition, and both results are scored on the same draw (scipy's bootstrap, percentiles). It says how much hangs on
    the choice of videos; with a handful of videos it is a rough guide.

    Args:
        scores: name of the result to sequence to score (:func:`gnntrack.evaluation.report.score_all`).
        seed: of the draws.

    Raises:
        DataError: the results are not of the same videos.

    Example:
        >>> from gnntrack.datasets.sample import sample
        >>> from gnntrack.evaluation.report import score_all
        >>> truth, tracks = sample("TUD-Campus", "annotations"), sample("TUD-Campus", "tracks")
        >>> scores = {name: score_all({"a": (truth, each)}) for name, each in (("ours", tracks), ("perfect", truth))}
        >>> found = compare(scores).differences["perfect"]["idsw"]
        >>> found.value, found.wins, found.low
        (-7.0, 1, None)
    """
    first, *others = scores
    for name in others:
        if set(scores[name]) != set(scores[first]):
            raise DataError(f"{name} and {first} are not of the same videos", remedy="compare results of the same ones")
    density = {name: density_class(score) for name, score in scores[first].items()}
    rows = {name: rows_of(found) for name, found in scores.items()}
    differences = {}
    for name in others:
        own, other = ([scores[which][video] for video in density] for which in (name, first))
        intervals = _intervals(own, other, seed)
        differences[name] = {
            metric: _difference(rows[name], rows[first], metric, intervals.get(metric), list(density))
            for metric in COMPARED
        }
    return Comparison(rows, {name: _by_density(found, density) for name, found in scores.items()}, density, differences)


def density_class(score: Score) -> str:
    """The class of :data:`DENSITIES` that a video belongs to."""
    objects = score.objects / max(1, score.annotated_frames)
    return next(name for name, limit in DENSITIES.items() if objects <= limit)


def _by_density(scores: Mapping[str, Score], density: Mapping[str, str]) -> dict[str, Metrics]:
    found = {}
    for kind in DENSITIES:
        videos = [name for name, its in density.items() if its == kind]
        if videos:
            found[kind] = combine(scores[name] for name in videos).metrics()
    return found


def _difference(
    own: Mapping[str, Metrics],
    other: Mapping[str, Metrics],
    metric: str,
    interval: tuple[float, float] | None,
    videos: list[str],
) -> Difference:
    better = np.array([own[video][metric] - other[video][metric] for video in videos])
    better = better if COMPARED[metric] else -better
    low, high = interval or (None, None)
    value = own["COMBINED"][metric] - other["COMBINED"][metric]
    return Difference(value, low, high, int((better > EVEN).sum()), int((better < -EVEN).sum()))


def _intervals(own: list[Score], other: list[Score], seed: int) -> dict[str, tuple[float, float]]:
    """The interval of every metric's difference; nothing for a single video."""
    if len(own) < 2:
        return {}
    from scipy.stats import bootstrap  # takes half a second to load

    def differences(draws: np.ndarray, axis: int) -> np.ndarray:
        draws = np.moveaxis(draws, axis, -1)
        a, b = resampled(own, draws).arrays(), resampled(other, draws).arrays()
        return np.stack([a[metric] - b[metric] for metric in COMPARED])

    videos = np.arange(len(own))
    found = bootstrap(
        (videos,),
        differences,
        n_resamples=DRAWS,
        batch=200,
        vectorized=True,
        confidence_level=LEVEL,
        method="percentile",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return {
        metric: (float(low), float(high)) for metric, low, high in zip(COMPARED, found.low, found.high, strict=True)
    }
