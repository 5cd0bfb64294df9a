"""The hand-tuned trackers of the package ``trackers``, which is imported where one of them is made."""

from __future__ import annotations

import inspect
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from gnntrack.bench.runs import Run, Tracked
from gnntrack.errors import DataError
from gnntrack.geometry import xywh_to_xyxy, xyxy_to_xywh
from gnntrack.packages import MissingPackageError, needed_package
from gnntrack.recipes import nearest
from gnntrack.sequence import BOX, Sequence
from gnntrack.showing import shown

#: Frames without boxes that a peer is shown in a row: afterwards it has forgotten all tracks.
LONGEST_PAUSE = 1000


@dataclass(frozen=True)
class Peer:
    """A tracker of others.

    Attributes:
        title: what it is called.
        kind: name of its class.
        fixed: arguments that it always gets.
    """

    title: str
    kind: str
    fixed: Mapping[str, Any] = field(default_factory=dict)


#: By the names of the command line.
PEERS = {
    "sort": Peer("SORT", "SORTTracker"),
    "bytetrack": Peer("ByteTrack", "ByteTrackTracker"),
    "ocsort": Peer("OC-SORT", "OCSORTTracker"),
    "botsort": Peer("BoT-SORT", "BoTSORTTracker", {"enable_cmc": False}),  # no images, so no camera compensation
    "cbiou": Peer("C-BIoU", "CBIoUTracker"),
}


def chosen_peers(names: str) -> list[str]:
    """The peers of a text such as ``sort,ocsort``; of ``none``, none.

    Raises:
        DataError: a name is none of :data:`PEERS`.

    Example:
        >>> chosen_peers("OC-SORT, sort"), chosen_peers("none")
        (['ocsort', 'sort'], [])
    """
    wanted = [name.strip().lower().replace("-", "") for name in names.split(",")]
    if wanted == ["none"]:
        return []
    for name in wanted:
        if name not in PEERS:
            raise DataError(f"no peer {shown(name)}", remedy=nearest(name, [*PEERS, "none"]))
    return list(dict.fromkeys(wanted))


def peer(name: str, settings: Mapping[str, Any] | None = None) -> Run:
    """A peer with these settings, the package's defaults for all others.

    Args:
        name: of :data:`PEERS`.
        settings: arguments of its class.

    Raises:
        DataError: the package ``trackers`` is not installed.
    """
    kind = _class(name)
    arguments = dict(PEERS[name].fixed) | dict(settings or {})

    def run(detections: Sequence) -> Tracked:
        return _run(kind(frame_rate=detections.frame_rate, **arguments), detections)

    return run


def defaults(name: str, parameters: Iterable[str]) -> dict[str, Any]:
    """The package's own values of some parameters of a peer."""
    known = inspect.signature(_class(name)).parameters
    return {parameter: known[parameter].default for parameter in parameters}


def _class(name: str) -> Any:
    try:
        with needed_package(PEERS[name].title):
            import supervision  # noqa: F401 (of ``trackers``; asked for here, where it is one line)
            import trackers
    except MissingPackageError as error:
        raise DataError(error.problem, remedy=f"{error.remedy}, or pass --peers none") from None
    return getattr(trackers, PEERS[name].kind)


def _run(tracker: Any, detections: Sequence) -> Tracked:
    """Every frame of the video, also those without boxes; only ``update`` is timed."""
    import supervision

    corners = xywh_to_xyxy(detections.xywh)
    confidence, kind = (detections.boxes[name].to_numpy() for name in ("conf", "class_id"))
    parts, seconds, frames = [np.zeros((0, 8))], 0.0, 0
    for frame, rows in _frames(detections):
        boxes = supervision.Detections(xyxy=corners[rows], confidence=confidence[rows], class_id=kind[rows].astype(int))
        start = time.perf_counter()
        result = tracker.update(boxes)
        seconds += time.perf_counter() - start
        frames += 1
        tracked = result.tracker_id >= 0  # -1: not confirmed
        ids = result.tracker_id[tracked]
        named = np.column_stack([np.full(len(ids), frame), ids + 1, xyxy_to_xywh(result.xyxy[tracked])])
        parts.append(np.column_stack([named, result.confidence[tracked], result.class_id[tracked]]))
    table = pd.DataFrame(np.concatenate(parts), columns=["frame", "id", *BOX, "conf", "class_id"])
    whole = table.astype({"frame": "int64", "id": "int64", "class_id": "int64"})
    return Tracked(replace(detections, boxes=whole, embeddings=None), seconds, frames)


def _frames(detections: Sequence) -> Iterator[tuple[int, slice]]:
    """Frames with their rows, from the first to the last; of long pauses the beginning."""
    before = 0
    for frame, rows in detections.by_frame():
        for empty in range(before + 1, min(frame, before + 1 + LONGEST_PAUSE)):
            yield empty, slice(rows.start, rows.start)
        yield frame, rows
        before = frame
    for empty in range(before + 1, min(detections.length, before + LONGEST_PAUSE) + 1):
        yield empty, slice(len(detections), len(detections))
