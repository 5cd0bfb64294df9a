"""A whole video, tracked online."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gnntrack.association.rounding import Rounding
from gnntrack.errors import DataError
from gnntrack.geometry import xywh_to_xyxy, xyxy_to_xywh
from gnntrack.models import ModelRecipe
from gnntrack.sequence import BOX, DETECTION, Sequence
from gnntrack.tracking.class_groups import Classes, groups_in
from gnntrack.tracking.detections import (
    COLUMNS,
    CORNERS,
    POSITION,
    TRACK,
    TRACKED_CLASS,
    TRACKED_CONFIDENCE,
)
from gnntrack.tracking.online import Tracker
from gnntrack.tracking.stages import Compilable, stages_of
from gnntrack.tracking.stream import frames_remembered

if TYPE_CHECKING:
    from gnntrack.tracking.scoring import LinkScorer


def track_online(
    detections: Sequence,
    model: Compilable | LinkScorer,
    recipe: ModelRecipe,
    rounding: Rounding | None = None,
    lag: int = 0,
    classes: Classes = "together",
    lost: bool = False,
    seconds: list[float] | None = None,
) -> Sequence:
    """Runs :class:`Tracker` over a sequence; arguments and result are those of the offline tracker, and three more.

    Args:
        detections: the boxes; their ids are not used.
        model: as for :func:`track_offline`.
        recipe: likewise.
        rounding: likewise.
        lag: frames that decisions stay behind, see :class:`Tracker`.
        classes: as for :func:`track_offline`.
        lost: add a box for every frame in which a confirmed track is remembered and not seen: where it should be. Its
            ``detection`` is −1, its ``visibility`` 0.
        seconds: is given the time that each ``update`` took.

    Raises:
        DataError: lost tracks are asked for together with a lag, or a value is not valid.
    """
    if lost and lag:
        raise DataError(f"lost tracks with a lag of {lag}", remedy="leave one of them out")
    tracker = Tracker(
        model,
        recipe,
        width=detections.width,
        height=detections.height,
        frame_rate=detections.frame_rate,
        classes=groups_in(detections, classes),
        rounding=rounding,
        lag=lag,
    )
    ids, boxes = np.full(len(detections), -1, dtype=np.int64), detections.xywh.copy()
    kinds = detections.boxes["class_id"].to_numpy().copy()
    arrays = np.column_stack([xywh_to_xyxy(detections.xywh), detections.boxes[["conf", "class_id"]].to_numpy()])
    stages = stages_of(model, recipe)
    vectors = detections.embeddings if stages.uses_embeddings else None
    camera = detections.camera if stages.uses_camera else None
    forgotten = frames_remembered(recipe, detections.frame_rate)
    starts: deque[int] = deque()  # of the frames that are not reported: their first row
    missing: list[tuple[int, np.ndarray]] = []  # frames, and the rows of lost tracks

    def report(result: np.ndarray) -> None:
        here = starts.popleft() + result[:, POSITION].astype(int)
        ids[here], kinds[here] = result[:, TRACK].astype(int), result[:, TRACKED_CLASS].astype(int)
        # corners are rounded: what did not move stays as it was
        moved = (result[:, CORNERS] != arrays[here, CORNERS]).any(axis=1)
        boxes[here[moved]] = xyxy_to_xywh(result[moved, CORNERS])

    def update(frame: int, start: int, boxes: np.ndarray, embeddings: np.ndarray | None = None) -> None:
        starts.append(start)
        motion = None if camera is None else camera[frame - 1]
        begun = perf_counter()
        result = tracker.update(boxes, embeddings, camera=motion, lost=lost)
        if seconds is not None:
            seconds.append(perf_counter() - begun)
        if lost:
            seen = result[:, POSITION] >= 0
            missing.append((frame, result[~seen]))
            result = result[seen]
        if len(starts) > lag:
            report(result)

    def pause(before: int, until: int, start: int) -> None:
        # after as many empty frames as the memory is long, all tracks are dropped: more would change nothing
        for frame in range(before + 1, min(until, before + 1 + forgotten)):
            update(frame, start, np.zeros((0, len(COLUMNS))))

    before = 0
    for frame, rows in detections.by_frame():
        pause(before, frame, rows.start)
        update(frame, rows.start, arrays[rows], None if vectors is None else vectors[rows])
        before = frame
    if lost:
        pause(before, detections.length + 1, len(detections))
    for result in tracker.flush():
        report(result)
    kept = np.flatnonzero(ids >= 0)
    sides = dict(zip(BOX, boxes[kept].T, strict=True))
    table = detections.boxes.iloc[kept].assign(id=ids[kept], class_id=kinds[kept], **{DETECTION: kept}, **sides)
    if lost:
        table = pd.concat([table, *(_not_seen(*each) for each in missing if len(each[1]))], ignore_index=True)
    return replace(detections, boxes=table, embeddings=None)


def _not_seen(frame: int, rows: np.ndarray) -> pd.DataFrame:
    """The lost tracks of a frame, rows ``(M, 8)``, as a table."""
    table = pd.DataFrame(xyxy_to_xywh(rows[:, CORNERS]), columns=BOX)
    numbers = {"id": rows[:, TRACK], "class_id": rows[:, TRACKED_CLASS]}
    whole = {name: values.astype(np.int64) for name, values in numbers.items()}
    return table.assign(frame=frame, conf=rows[:, TRACKED_CONFIDENCE], visibility=0.0, **whole, **{DETECTION: -1})
