"""Label Studio tasks of sequences."""

from __future__ import annotations

from typing import Any

import numpy as np

from gnntrack.formats.class_names import name_of
from gnntrack.formats.options import Content
from gnntrack.formats.runs import Run, gaps_after, runs_of
from gnntrack.sequence import Sequence

_KEYS = ("x", "y", "width", "height")


def as_tasks(sequence: Sequence, content: Content) -> list[dict[str, Any]]:
    """The sequence as a list with one task.

    Args:
        sequence: the boxes.
        content: what they are; detections become predictions.
    """
    regions = [_region(sequence, content, place, run) for place, run in enumerate(runs_of(sequence))]
    kind = "annotations" if content == "annotations" else "predictions"
    return [{"id": 1, "data": {"video": f"{sequence.name}.mp4"}, kind: [{"result": regions}]}]


def _region(sequence: Sequence, content: Content, place: int, run: Run) -> dict[str, Any]:
    """A run as a region: every frame is a key frame; one that is not enabled ends it, or begins a pause."""
    percent = 100 * run.boxes / np.tile([sequence.width, sequence.height], 2)
    keys = [
        {"frame": frame, "enabled": not last, "rotation": 0, "time": (frame - 1) / sequence.frame_rate}
        | dict(zip(_KEYS, box, strict=True))
        for frame, last, box in zip(run.frames.tolist(), gaps_after(run.frames).tolist(), percent.tolist(), strict=True)
    ]
    meta: dict[str, Any] = {"track_id": run.identity, "visibility": run.visibility}
    region: dict[str, Any] = {
        "id": f"region-{place}",
        "type": "videorectangle",
        "from_name": "box",
        "to_name": "video",
        "original_width": sequence.width,
        "original_height": sequence.height,
        "meta": meta,
        "value": {
            "framesCount": sequence.length,
            "duration": sequence.length / sequence.frame_rate,
            "sequence": keys,
            "labels": [name_of(run.class_id, sequence.classes)],
        },
    }
    if content == "annotations":
        meta["ignore"] = run.conf == 0
    else:
        region["score"] = run.conf
    return region
