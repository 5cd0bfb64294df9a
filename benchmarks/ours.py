"""Our tracker in the form that the benchmark runs trackers in."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal
from unittest.mock import patch

from scenes import Run

from gnntrack.models import load_weights
from gnntrack.recipes import changed
from gnntrack.sequence import Sequence
from gnntrack.tracking import Tracker, track_offline, track_online

Mode = Literal["online", "offline"]


def ours(mode: Mode, weights: str, settings: dict[str, Any] | None = None, lag: int = 0) -> Run:
    """The online tracker, of which ``update`` alone is timed, or the offline tracker, all of it.

    Args:
        mode: which.
        weights: a shipped name or a file.
        settings: of :class:`gnntrack.models.TrackingSettings`, by path, instead of those of the weights.
        lag: of the online tracker, frames.
    """
    model, recipe = load_weights(weights)
    if settings:
        recipe = changed(recipe, {f"tracking.{path}": value for path, value in settings.items()})

    def online(detections: Sequence) -> tuple[Sequence, float]:
        with _updates_timed() as spent:
            tracks = track_online(detections, model, recipe, lag=lag)
        return tracks, sum(spent)

    def offline(detections: Sequence) -> tuple[Sequence, float]:
        start = time.perf_counter()
        tracks = track_offline(detections, model, recipe)
        return tracks, time.perf_counter() - start

    return online if mode == "online" else offline


@contextmanager
def _updates_timed() -> Iterator[list[float]]:
    """Yields the seconds that each ``Tracker.update`` took meanwhile."""
    spent: list[float] = []
    update = Tracker.update

    def timed(tracker: Tracker, *arguments: Any, **named: Any) -> Any:
        start = time.perf_counter()
        result = update(tracker, *arguments, **named)
        spent.append(time.perf_counter() - start)
        return result

    with patch.object(Tracker, "update", timed):
        yield spent
