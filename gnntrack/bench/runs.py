"""A tracker in the form that trackers are compared in, and ours in that form."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

from gnntrack.errors import DataError
from gnntrack.models import load_for_tracking
from gnntrack.models.overriding import overridden, way_of
from gnntrack.sequence import Sequence
from gnntrack.tracking import track_offline, track_online
from gnntrack.tracking.stages import stages_of

Mode = Literal["online", "offline"]


class Tracked(NamedTuple):
    """What a tracker made of a video.

    Attributes:
        tracks: boxes with identities.
        seconds: that association took.
        frames: that it took them for.
    """

    tracks: Sequence
    seconds: float
    frames: int


#: A tracker: takes the detections of a video.
Run = Callable[[Sequence], Tracked]


def ours(mode: Mode, weights: str | Path = "default", settings: Mapping[str, Any] | None = None, lag: int = 0) -> Run:
    """The online tracker, of which ``update`` alone is timed, or the offline tracker, all of it.

    Args:
        mode: which.
        weights: a shipped name or a file.
        settings: of tracking, instead of those of the weights (:func:`gnntrack.models.overriding.overridden`).
        lag: of the online tracker, frames.

    Raises:
        DataError: there are no such weights or settings, or a setting does nothing in this mode.

    Example:
        >>> from gnntrack import sample
        >>> found = ours("offline")(sample("TUD-Campus", "detections"))
        >>> found.frames, found.seconds > 0, found.tracks.boxes["id"].nunique()
        (71, True, 5)
    """
    if lag and mode == "offline":
        raise DataError(f"lag {lag} does nothing offline", remedy="leave it out")
    model, recipe = load_for_tracking(weights)
    recipe = overridden(recipe, settings or {}, way_of(mode, lag))
    stages_of(model, recipe).prepare()  # what is timed compiles nothing

    def online(detections: Sequence) -> Tracked:
        spent: list[float] = []
        tracks = track_online(detections, model, recipe, lag=lag, seconds=spent)
        return Tracked(tracks, sum(spent), len(spent))

    def offline(detections: Sequence) -> Tracked:
        start = time.perf_counter()
        tracks = track_offline(detections, model, recipe)
        return Tracked(tracks, time.perf_counter() - start, detections.length)

    return online if mode == "online" else offline
