"""The plain IoU-Hungarian tracker that every table is held against."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gnntrack.datasets.matching import match_frame
from gnntrack.sequence import DETECTION, Sequence


def track_by_overlap(
    detections: Sequence, threshold: float = 0.3, memory: int = 1, minimum_confidence: float = 0.0
) -> Sequence:
    """Links each frame to the newest boxes of the tracks so far by the Hungarian method on IoU; no motion model.

    Args:
        detections: the boxes.
        threshold: smallest IoU of a link.
        memory: frames that a track without boxes is kept.
        minimum_confidence: detections below are not used.

    Returns:
        The tracks, with the column ``detection``.

    Example:
        >>> from gnntrack.datasets.sample import sample
        >>> tracks = track_by_overlap(sample("TUD-Campus", "detections"))
        >>> len(tracks)
        222
    """
    rows = np.flatnonzero(detections.boxes["conf"].to_numpy() >= minimum_confidence)
    used = detections.take(rows)
    xywh, ids = used.xywh, np.zeros(len(used), dtype=np.int64)
    newest, last_seen, names = np.zeros((0, 4)), np.zeros(0, dtype=int), np.zeros(0, dtype=np.int64)
    for frame, here in used.by_frame():
        alive = frame - last_seen <= memory
        newest, last_seen, names = newest[alive], last_seen[alive], names[alive]
        old, new = match_frame(newest, xywh[here], threshold)
        ids[here.start + new] = names[old]
        newest[old], last_seen[old] = xywh[here][new], frame
        born = np.setdiff1d(np.arange(here.stop - here.start), new)
        fresh = ids.max(initial=0) + 1 + np.arange(len(born))
        ids[here.start + born] = fresh
        newest = np.concatenate([newest, xywh[here][born]])
        last_seen, names = np.append(last_seen, np.full(len(born), frame)), np.append(names, fresh)
    return replace(used, boxes=used.boxes.assign(id=ids, **{DETECTION: rows}), embeddings=None)
