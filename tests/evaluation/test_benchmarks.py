"""What counts: TrackEval's own data sets, and toolkits' rules written out, score the same on random scenes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gnntrack.evaluation.benchmarks import BENCHMARKS, by_class, for_pairs, prepare
from gnntrack.evaluation.report import evaluate
from tests.conftest import make_sequence

COLUMNS = "frame id x y w h conf class_id"
NAMES = ["kitti", "mot17", "mot20", "bdd100k", "visdrone", "uavdt", "coco", "tao"]


@pytest.fixture(scope="module")
def parity(benchmark):
    sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))  # it imports its neighbours
    yield benchmark("eval_parity")
    del sys.path[0]


@pytest.mark.parametrize("name", NAMES)
def test_equals_the_benchmarks_own_rules(parity, name):
    found = {seed: parity.apart(name, seed) for seed in range(1000, 1012)}
    assert {seed: differences for seed, (differences, _) in found.items() if differences} == {}
    assert sum(count > 0 for _, count in found.values()) > 8  # there is something to take out


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
    assert scene.truth.boxes["id"].tolist() == [1]
    assert scene.tracks.boxes["id"].tolist() == [0, 2, 3]
    scene = prepare(truth, tracks, BENCHMARKS["custom"])
    assert (len(scene.truth), len(scene.tracks)) == (1, 4)


def test_mot20_forgives_the_non_motorised_vehicle_too():
    truth = make_sequence([(1, 1, 0.0, 0, 50, 100, 1, 1), (1, 2, 100.0, 0, 50, 100, 0, 6)], COLUMNS)
    tracks = make_sequence([(1, n, 100.0 * n, 0, 50, 100) for n in range(2)])
    assert [len(prepare(truth, tracks, BENCHMARKS[name]).tracks) for name in ("mot17", "mot20")] == [2, 1]


def test_classes_in_one_table_and_apart_have_the_same_rows(parity):
    """What the page shows is what is scored."""
    for seed in range(6):
        truth, tracks = parity.regional_scene("kitti", seed)
        rules = for_pairs(BENCHMARKS["kitti"], [(truth, tracks)])
        together, apart = prepare(truth, tracks, rules), by_class(truth, tracks, rules).values()
        assert len(together.truth) == sum(len(scene.truth) for scene in apart)
        assert len(together.tracks) == sum(len(scene.tracks) for scene in apart)
        assert len(together.overlaps) == sum(len(scene.overlaps) for scene in apart)


def test_the_mean_of_classes_is_trackevals(parity):
    """Of both classes, and of the one class that has boxes."""
    from trackeval.metrics import CLEAR, HOTA, Identity

    quiet = {"PRINT_CONFIG": False}
    for seed in (1, 2, 3):
        truth, tracks = parity.regional_scene("bdd100k", seed)
        rows = evaluate({"a": (truth, tracks)}, "bdd100k")
        data = parity.bdd_data(truth, tracks)
        metrics = [(HOTA(), "HOTA", "hota"), (CLEAR(quiet), "MOTP", "motp"), (Identity(quiet), "IDF1", "idf1")]
        for metric, theirs, ours in metrics:
            found = {label: metric.eval_sequence(each) for label, each in data.items()}
            mean = metric.combine_classes_class_averaged(found, ignore_empty_classes=True)
            together = metric.combine_classes_det_averaged(found)
            assert rows["COMBINED/class mean"][ours] == pytest.approx(mean[theirs].mean(), abs=1e-9)
            assert rows["COMBINED"][ours] == pytest.approx(together[theirs].mean(), abs=1e-9)
