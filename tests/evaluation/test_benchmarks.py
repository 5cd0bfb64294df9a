"""What counts: TrackEval's own preprocessing on the same rows keeps the same rows."""

from __future__ import annotations

import numpy as np
import pytest
from trackeval.datasets import MotChallenge2DBox

from gnntrack.evaluation.benchmarks import BENCHMARKS, prepare
from gnntrack.geometry import iou_matrix
from tests.conftest import make_sequence

COLUMNS = "frame id x y w h conf class_id"


def test_distractors_are_forgiven():
    """One pedestrian, one static person (class 7), one row that is not evaluated, and results on all three.

    truth    pedestrian 1   static 2   ignored 3
    result        a             b          c         d alone
    """
    truth = make_sequence(
        [(1, 1, 0.0, 0, 50, 100, 1, 1), (1, 2, 100.0, 0, 50, 100, 0, 7), (1, 3, 200.0, 0, 50, 100, 0, 1)], COLUMNS
    )
    tracks = make_sequence([(1, n, 100.0 * n, 0, 50, 100) for n in range(4)])
    scene = prepare(truth, tracks, BENCHMARKS["mot17"])
    kept_truth, kept = scene.truth, scene.tracks
    assert kept_truth.boxes["id"].tolist() == [1]
    assert kept.boxes["id"].tolist() == [0, 2, 3]
    scene = prepare(truth, tracks, BENCHMARKS["custom"])
    assert (len(scene.truth), len(scene.tracks)) == (1, 4)


@pytest.mark.parametrize("benchmark", ["mot17", "mot20"])
@pytest.mark.parametrize("seed", range(4))
def test_equals_trackeval(seed, benchmark):
    random = np.random.default_rng(seed)
    rows, results = [], []
    for frame in range(1, 9):
        for number in range(12):
            box = (*random.uniform(0, 300, 2), 60.0, 120.0)
            rows.append((frame, number, *box, random.integers(0, 2), random.integers(1, 13)))
            results.append((frame, number, *(np.array(box) + random.normal(0, 8, 4))))
    truth, tracks = make_sequence(rows, COLUMNS), make_sequence(results)
    scene = prepare(truth, tracks, BENCHMARKS[benchmark])
    kept_truth, kept = scene.truth, scene.tracks
    theirs = trackeval_keeps(truth, tracks, benchmark)
    for frame in range(1, 9):
        a, b = kept_truth.rows_of(frame), kept.rows_of(frame)
        np.testing.assert_array_equal(kept_truth.xywh[a], theirs["gt_dets"][frame - 1])
        np.testing.assert_array_equal(kept.xywh[b], theirs["tracker_dets"][frame - 1])


def trackeval_keeps(truth, tracks, benchmark):
    """The rows that TrackEval's MotChallenge2DBox keeps; only the fields that its preprocessing reads are set."""
    subject = MotChallenge2DBox.__new__(MotChallenge2DBox)
    subject.benchmark, subject.do_preproc = benchmark.upper(), True
    names = "pedestrian person_on_vehicle car bicycle motorbike non_mot_vehicle static_person distractor occluder"
    names += " occluder_on_ground occluder_full reflection crowd"
    subject.class_name_to_class_id = {name: number for number, name in enumerate(names.split(), 1)}
    subject.valid_class_numbers = list(subject.class_name_to_class_id.values())
    frames = range(1, truth.length + 1)
    a, b = [truth.rows_of(frame) for frame in frames], [tracks.rows_of(frame) for frame in frames]
    column = {name: truth.boxes[name].to_numpy() for name in ("id", "conf", "class_id")}
    raw = {
        "num_timesteps": len(a),
        "seq": "toy",
        "gt_ids": [column["id"][rows] for rows in a],
        "gt_dets": [truth.xywh[rows] for rows in a],
        "gt_classes": [column["class_id"][rows] for rows in a],
        "gt_extras": [{"zero_marked": column["conf"][rows]} for rows in a],
        "tracker_ids": [tracks.boxes["id"].to_numpy()[rows] for rows in b],
        "tracker_dets": [tracks.xywh[rows] for rows in b],
        "tracker_classes": [np.ones(rows.stop - rows.start, dtype=int) for rows in b],
        "tracker_confidences": [np.ones(rows.stop - rows.start) for rows in b],
        "similarity_scores": [iou_matrix(truth.xywh[x], tracks.xywh[y]) for x, y in zip(a, b, strict=True)],
    }
    return subject.get_preprocessed_seq_data(raw, "pedestrian")
