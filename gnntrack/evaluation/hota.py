"""HOTA, through TrackEval, in memory."""

from __future__ import annotations

from typing import Any

import numpy as np
from trackeval.metrics import HOTA

from gnntrack.geometry import iou_matrix
from gnntrack.sequence import Sequence


def trackeval_input(truth: Sequence, tracks: Sequence) -> dict[str, Any]:
    """Both sequences in the form of TrackEval's metrics: contiguous ids and one array a frame.

    Frames where neither has a box do not change any metric and are left out, so the length does not matter.
    """
    truth_names, truth_ids = np.unique(truth.boxes["id"].to_numpy(), return_inverse=True)
    names, ids = np.unique(tracks.boxes["id"].to_numpy(), return_inverse=True)
    boxes, known = tracks.xywh, truth.xywh
    frames = np.union1d(truth.frames, tracks.frames).tolist()
    rows = [(truth.rows_of(frame), tracks.rows_of(frame)) for frame in frames]
    return {
        "num_timesteps": len(frames),
        "num_gt_ids": len(truth_names),
        "num_tracker_ids": len(names),
        "num_gt_dets": len(truth),
        "num_tracker_dets": len(tracks),
        "gt_ids": [truth_ids[objects] for objects, _ in rows],
        "tracker_ids": [ids[hypotheses] for _, hypotheses in rows],
        "similarity_scores": [iou_matrix(known[objects], boxes[hypotheses]) for objects, hypotheses in rows],
    }


def hota_metrics(inputs: dict[str, dict[str, Any]]) -> dict[str, dict[str, float]]:
    """HOTA, DetA and AssA (means over the 19 thresholds) of every sequence and of all together (``COMBINED``)."""
    metric = HOTA()
    results = {name: metric.eval_sequence(data) for name, data in inputs.items()}
    results["COMBINED"] = metric.combine_sequences(results)
    return {
        name: {
            ours: float(np.mean(result[theirs]))
            for ours, theirs in (("hota", "HOTA"), ("deta", "DetA"), ("assa", "AssA"))
        }
        for name, result in results.items()
    }
