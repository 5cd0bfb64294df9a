"""Frames of several streams at once, by the names of the streams."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np

from gnntrack.errors import DataError
from gnntrack.showing import shown
from gnntrack.tracking.pool.members import Members


def named_frames(
    members: Members,
    detections: Mapping[Any, Any],
    embeddings: Mapping[Any, np.ndarray] | None,
    cameras: Mapping[Any, Any] | None,
) -> dict[Hashable, dict[str, Any]]:
    """What :meth:`.TrackerPool.update` was given, as arguments of ``update_one``, by stream.

    Raises:
        DataError: there is no such stream, or what is given names none.
    """
    vectors, motions = ({} if given is None else given for given in (embeddings, cameras))
    named: dict[str, Any] = {"detections": detections, "embeddings": vectors, "cameras": motions}
    for what, given in named.items():
        if not isinstance(given, Mapping):
            remedy = "give them by the names of streams: {'gate': ...}; or call update_one"
            raise DataError(f"{what} are {shown(given)}, without names", remedy=remedy)
    for stream in detections:
        members[stream]  # raises where there is none
    for what, others in (("embeddings", vectors), ("a camera's motion", motions)):
        for stream in others.keys() - detections.keys():
            remedy = "give [] where nothing was found"
            raise DataError(f"{what} for {shown(stream)}, and no detections", remedy=remedy)
    return {
        stream: {"detections": found, "embeddings": vectors.get(stream), "camera": motions.get(stream)}
        for stream, found in detections.items()
    }
