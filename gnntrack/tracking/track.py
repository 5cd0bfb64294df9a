"""Tracks as objects: what a tracker knows of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from gnntrack.association.track_table import TrackTable
from gnntrack.geometry import xywh_to_xyxy

State = Literal["tentative", "confirmed", "lost"]
Corners = tuple[float, float, float, float]


@dataclass(frozen=True)
class Track:
    """A track at the newest frame. Boxes are x1, y1, x2, y2 in pixels.

    Attributes:
        id: its identity.
        box: the newest box, as :meth:`gnntrack.Tracker.update` gave it.
        class_id: the class that most of its detections have, each counted as much as it is confident.
        confidence: of the newest detection.
        velocity: of its centre, to the right and down, in pixels a frame, over the last detections.
        age: frames since it began, the first and the newest counted.
        hits: detections so far.
        missed: frames since the newest detection; 0: it was seen in this frame.
        state: ``tentative``: it has too few detections to be reported yet; ``confirmed``; ``lost``: confirmed, and not
            seen in this frame.
        predicted: where the box should be now; None where it was seen.
        probability: of the link to the detection of this frame; None where none was made.
        margin: how much more probable that link was than the best other one that its track, or its detection, had.
    """

    id: int
    box: Corners
    class_id: int
    confidence: float
    velocity: tuple[float, float]
    age: int
    hits: int
    missed: int
    state: State
    predicted: Corners | None
    probability: float | None
    margin: float | None


def as_tracks(table: TrackTable, identity: np.ndarray, kind: np.ndarray, box: np.ndarray, frame: int) -> list[Track]:
    """The tracks of a table, by identity.

    Args:
        table: T tracks.
        identity: ``(T,)``.
        kind: ``(T,)`` the class of each.
        box: ``(T, 4)`` the newest box of each, corners.
        frame: now.
    """
    missed = frame - table.last
    predicted = xywh_to_xyxy(table.predicted)
    tracks = []
    for place in np.argsort(identity, kind="stable").tolist():
        seen = missed[place] == 0
        linked = not np.isnan(table.probability[place])
        tracks.append(
            Track(
                id=int(identity[place]),
                box=tuple(box[place].tolist()),
                class_id=int(kind[place]),
                confidence=float(table.confidence[place]),
                velocity=tuple(table.velocity[place].tolist()),
                age=int(frame - table.first[place] + 1),
                hits=int(table.hits[place]),
                missed=int(missed[place]),
                state=("confirmed" if seen else "lost") if table.confirmed[place] else "tentative",
                predicted=None if seen else tuple(predicted[place].tolist()),
                probability=float(table.probability[place]) if linked else None,
                margin=float(table.margin[place]) if linked else None,
            )
        )
    return tracks
