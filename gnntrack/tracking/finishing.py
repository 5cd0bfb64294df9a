"""From the track of each box to the tracks of a video: identities, classes, gaps filled, boxes smoothed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from gnntrack.compiled import compiled
from gnntrack.geometry.camera_motion import CameraMotion
from gnntrack.models.tracking_settings import TrackingSettings
from gnntrack.scratch import Scratch, release
from gnntrack.sequence import BOX, DETECTION, Sequence
from gnntrack.smoothing.boxes import TrackedBoxes
from gnntrack.track_order import few_tracks, rows_by_track
from gnntrack.tracking.class_votes import elected
from gnntrack.tracking.interpolation import filled, filled_frames
from gnntrack.tracking.pipeline import ModelStages


def finished(
    detections: Sequence,
    rows: np.ndarray,
    track: np.ndarray,
    stages: ModelStages,
    settings: TrackingSettings,
    scratch: Scratch,
) -> Sequence:
    """The tracks of a video, without those that are too short, or never sure.

    Args:
        detections: the video.
        rows: ``(N,)`` positions of its boxes that were tracked.
        track: ``(N,)`` of each of these, from 1; 0: it is linked to no other.
        stages: of the model.
        settings: which tracks count, and which gaps are filled.
        scratch: makes the arrays.
    """
    boxes, longest = detections.boxes, settings.boxes.interpolate.frames(detections.frame_rate)
    identity = _identities(track, scratch.gathered(boxes["conf"].to_numpy(), rows), settings, scratch)
    order, edges = rows_by_track(identity, scratch)
    frame, count = boxes["frame"].to_numpy(), len(order)
    for some in few_tracks(order, edges, scratch):
        count += filled_frames(frame[rows[some]], identity[some], longest)
    kinds = {name: values.dtype for name, values in boxes.items()} | {DETECTION: np.dtype(np.int64)}
    columns = {name: scratch.empty(count, kind) for name, kind in kinds.items() if name not in BOX}
    box, begins, place = scratch.empty((count, 4), np.float64), [np.zeros(0, dtype=np.int64)], 0
    to_first = None if detections.camera is None else CameraMotion(detections.camera).to_first()
    for some in few_tracks(order, edges, scratch):
        names, found = identity[some], rows[some]
        table = boxes.iloc[found]
        voted = elected(names, table["class_id"].to_numpy(), table["conf"].to_numpy())
        table = filled(table.assign(id=names, class_id=voted, **{DETECTION: found}), longest, to_first)
        here = slice(place, place + len(table))
        for name, values in columns.items():
            values[here] = table[name].to_numpy()
        box[here] = table[BOX].to_numpy()
        begins.append(place + np.flatnonzero(np.diff(columns["id"][here], prepend=0)))
        place = here.stop
    if stages.smooths:
        starts = np.append(np.concatenate(begins), count)
        smoothed = scratch.empty((count, 4), np.float64)
        about = columns["frame"], columns["conf"], columns[DETECTION] >= 0
        stages.smooth(TrackedBoxes(box, *about, starts, detections.frame_rate, to_first), smoothed, scratch)
        box = smoothed
    order = _by_time(columns["frame"], scratch)
    sorted_ = {name: scratch.gathered(values, order) for name, values in columns.items()}
    sorted_ |= {name: scratch.gathered(box[:, side], order) for side, name in enumerate(BOX)}
    del columns, box, order
    table = pd.DataFrame(sorted_, copy=False)
    return replace(detections, boxes=table, embeddings=None)


def _by_time(frame: np.ndarray, scratch: Scratch) -> np.ndarray:
    """The rows ``(N,)`` by frame, in each as they were."""
    size, present, moment = scratch.rows, np.zeros(0, dtype=np.int64), scratch.empty(len(frame), np.int64)
    for first in range(0, len(frame), size):
        present = np.union1d(present, frame[first : first + size])
        release()
    for first in range(0, len(frame), size):
        moment[first : first + size] = np.searchsorted(present, frame[first : first + size]) + 1
        release()
    return rows_by_track(moment, scratch)[0]


def _identities(track: np.ndarray, confidence: np.ndarray, settings: TrackingSettings, scratch: Scratch) -> np.ndarray:
    """The identity ``(N,)`` of each box, from 1 in order of first appearance; 0: its track is dropped."""
    name = np.zeros(int(track.max(initial=0)) + 1, dtype=np.int64)
    identity, number, size = scratch.empty(len(track), np.int64), 0, scratch.rows
    for first in range(0, len(track), size):
        number = _name(track[first : first + size], name, identity[first : first + size], number)
        release()
    boxes, sure = np.zeros(number + 1, dtype=np.int64), np.zeros(number + 1, dtype=bool)
    for first in range(0, len(track), size):
        here = identity[first : first + size]
        np.add.at(boxes, here, 1)
        sure[here[confidence[first : first + size] >= settings.births.confidence]] = True
        release()
    kept = sure & (boxes >= settings.offline.minimum_length)
    for first in range(0, len(track), size):
        identity[first : first + size] *= kept[identity[first : first + size]]
        release()
    return identity


@compiled
def _name(track: np.ndarray, name: np.ndarray, identity: np.ndarray, number: int) -> int:
    """Names rows, given the ``name`` of each track so far, 0: none: fills ``identity``, changes ``name``."""
    for row in range(len(track)):
        if track[row] <= 0 or name[track[row]] == 0:
            number += 1
            name[max(track[row], 0)] = number
        identity[row] = name[max(track[row], 0)]
    return number
