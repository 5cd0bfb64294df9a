"""Every metric equals TrackEval's on random scenes with ties, empty frames, fragments and huge ids."""

from __future__ import annotations

import numpy as np
import pytest

from gnntrack.evaluation.benchmarks import BENCHMARKS, prepare
from gnntrack.evaluation.hota import numpy_sums
from gnntrack.evaluation.matches import match
from gnntrack.evaluation.report import evaluate
from gnntrack.evaluation.scene import Layout, Scene
from gnntrack.evaluation.scores import Score
from gnntrack.geometry import iou_matrix
from tests.conftest import make_sequence


def apart(scenes, truth, tracks):
    score = Score.of(match(Scene.of(truth, tracks)))
    return scenes.differences(truth, tracks, score.metrics(), score.curves())


@pytest.mark.parametrize("start", range(0, 80, 20))
def test_random_scenes(benchmark, start):
    scenes = benchmark("eval_scenes")
    found = {seed: apart(scenes, *scenes.random_scene(seed)) for seed in range(start, start + 20)}
    assert {seed: metrics for seed, metrics in found.items() if metrics} == {}


@pytest.mark.parametrize("tenths", [False, True])
def test_ious_on_every_threshold(benchmark, tenths):
    scenes = benchmark("eval_scenes")
    truth, tracks = scenes.threshold_scene(tenths)
    assert apart(scenes, truth, tracks) == {}
    counts = Score.of(match(Scene.of(truth, tracks))).hota_matched
    assert counts.tolist() == [57 - 3 * step for step in range(19)]


def test_iou_of_one_half_counts(benchmark):
    """One box of IoU exactly 0.5 in each of three frames: matched by CLEAR and IDF1."""
    truth = make_sequence([(frame, 1, 0.0, 0.0, 10.0, 10.0) for frame in (1, 2, 3)])
    tracks = make_sequence([(frame, 7, 0.0, 0.0, 10.0, 5.0) for frame in (1, 2, 3)])
    row = evaluate({"a": (truth, tracks)})["a"]
    assert (row["mota"], row["idf1"], row["motp"]) == (1, 1, 0.5)
    assert apart(benchmark("eval_scenes"), truth, tracks) == {}


def test_a_row_of_many_overlaps_is_summed_as_numpy_sums_it(benchmark):
    """Equal boxes everywhere: every matching ties, and the last bit of a sum decides which one TrackEval takes."""
    scenes = benchmark("eval_scenes")
    rng = np.random.default_rng(3)
    rows = [(f, i, float(rng.integers(0, 3)), 0.0, 7.0, 9.0) for f in range(1, 9) for i in range(23)]
    other = [(f, i, float(rng.integers(0, 3)), 0.0, 7.0, 9.0) for f in range(1, 9) for i in range(17)]
    assert apart(scenes, make_sequence(rows), make_sequence(other)) == {}
    one = [row for row in other if row[1] == 0]
    assert apart(scenes, make_sequence(rows), make_sequence(one)) == {}


@pytest.mark.parametrize("width", [1, 2, 7, 8, 9, 31])
def test_sums_are_numpys_to_the_last_bit(width):
    """Rows and columns of matrices of overlaps, some of them 0, as numpy adds them."""
    rng = np.random.default_rng(width)
    rows = [(f, i, float(rng.uniform(0, 90)), 0.0, 30.0, 9.0) for f in range(1, 40) for i in range(12 + f % 5)]
    other = [(f, i, float(rng.uniform(0, 90)), 0.0, 30.0, 9.0) for f in range(1, 40) for i in range(width)]
    scene = Scene.of(make_sequence(rows), make_sequence(other))
    layout, pairs = Layout.of(scene.truth, scene.tracks), scene.overlaps
    one_by_one = [
        np.bincount(side, pairs.iou, count) for side, count in ((pairs.truth, len(rows)), (pairs.track, len(other)))
    ]
    found = numpy_sums(pairs, layout, *one_by_one)
    matrices = [
        iou_matrix(scene.truth.xywh[scene.truth.rows_of(frame)], scene.tracks.xywh[scene.tracks.rows_of(frame)])
        for frame in layout.frames.tolist()
    ]
    expected = [np.concatenate([matrix.sum(axis) for matrix in matrices]) for axis in (1, 0)]
    for sums, numpys, plain in zip(found, expected, one_by_one, strict=True):
        np.testing.assert_array_equal(sums, numpys)
        np.testing.assert_allclose(plain, numpys)


def test_referees_agree():
    truth = make_sequence([(f, i, 30.0 * i, 5.0 * f, 20.0, 40.0) for f in range(1, 9) for i in range(4)])
    tracks = make_sequence([(f, i + f // 5, 30.0 * i + 2, 5.0 * f, 20.0, 40.0) for f in range(1, 9) for i in range(4)])
    ours = evaluate({"a": (truth, tracks), "b": (truth, truth)})
    assert ours["a"]["idsw"] > 0
    for referee in ("trackeval", "motmetrics"):
        theirs = evaluate({"a": (truth, tracks), "b": (truth, truth)}, referee=referee)
        for name, row in theirs.items():
            assert row == pytest.approx({key: ours[name][key] for key in row}, abs=1e-9), referee
            assert len(row) > 10


def test_scenes_of_a_benchmark_are_matched_after_its_rules():
    """A result on a distractor is neither right nor wrong."""
    columns = "frame id x y w h conf class_id"
    truth = make_sequence([(1, 1, 0.0, 0, 50, 100, 1, 1), (1, 2, 100.0, 0, 50, 100, 0, 7)], columns)
    tracks = make_sequence([(1, n, 100.0 * n, 0, 50, 100) for n in range(2)])
    matches = match(prepare(truth, tracks, BENCHMARKS["mot17"]))
    assert matches.clear.tolist() == [0]
    assert matches.unmatched.tolist() == [False]
