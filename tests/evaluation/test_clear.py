"""CLEAR, IDF1 and HOTA equal the reference implementations."""

from __future__ import annotations

import numpy as np
import pytest
from trackeval.metrics import CLEAR, HOTA, Identity

from gnntrack.datasets.sample import TRAINING, VALIDATION, sample
from gnntrack.evaluation import evaluate
from gnntrack.evaluation.referees import trackeval_input
from gnntrack.evaluation.table import in_percent
from tests.conftest import make_sequence


def noisy_pair(seed, objects=8, frames=60):
    """A crowded scene, and a result with jitter, misses, false positives and identities that change."""
    rng = np.random.default_rng(seed)
    start, speed = rng.uniform(0, 300, (objects, 2)), rng.normal(0, 6, (objects, 2))
    truth, result = [], []
    names = np.arange(objects)
    for frame in range(1, frames + 1):
        if rng.random() < 0.3:  # two objects exchange their identities
            a, b = rng.integers(0, objects, 2)
            names[a], names[b] = names[b], names[a]
        here = start + speed * frame
        for number in range(objects):
            x, y = here[number]
            truth.append((frame, number, x, y, 60.0, 120.0))
            if rng.random() < 0.85:
                dx, dy = rng.normal(0, 12, 2)
                result.append((frame, int(names[number]), x + dx, y + dy, 60.0, 120.0))
        if rng.random() < 0.5:
            result.append((frame, 900 + frame, *rng.uniform(0, 400, 2), 60.0, 120.0))
    return make_sequence(truth), make_sequence(result)


def reference(truth, tracks):
    data = trackeval_input(truth, tracks)
    quiet = {"PRINT_CONFIG": False}
    return CLEAR(quiet).eval_sequence(data) | Identity(quiet).eval_sequence(data) | HOTA().eval_sequence(data)


def assert_equal_to_trackeval(truth, tracks):
    ours, theirs = evaluate({"a": (truth, tracks)})["a"], reference(truth, tracks)
    for name, other in {
        "mota": "MOTA",
        "idsw": "IDSW",
        "misses": "CLR_FN",
        "false_positives": "CLR_FP",
        "idf1": "IDF1",
        "idp": "IDP",
        "idr": "IDR",
        "hota": "HOTA",
        "deta": "DetA",
        "assa": "AssA",
    }.items():
        assert ours[name] == pytest.approx(float(np.mean(theirs[other])), abs=1e-12), name


@pytest.mark.parametrize(("name", "idf1", "mota", "switches"), [(VALIDATION, 55.8, 52.6, 7), (TRAINING, 64.5, 56.4, 7)])
def test_known_figures_of_the_sample(name, idf1, mota, switches):
    """The figures of motmetrics' own README."""
    row = in_percent(evaluate({name: (sample(name, "annotations"), sample(name, "tracks"))}))[name]
    assert (round(row["idf1"], 1), round(row["mota"], 1), row["idsw"]) == (idf1, mota, switches)


@pytest.mark.parametrize("name", [TRAINING, VALIDATION])
def test_sample_equals_trackeval(name):
    assert_equal_to_trackeval(sample(name, "annotations"), sample(name, "tracks"))


@pytest.mark.parametrize("seed", range(5))
def test_crowds_equal_trackeval(seed):
    assert_equal_to_trackeval(*noisy_pair(seed))


def test_combined_equals_trackeval():
    pairs = {str(seed): noisy_pair(seed) for seed in range(3)}
    ours = evaluate(pairs)["COMBINED"]
    metric, quiet = HOTA(), {"PRINT_CONFIG": False}
    data = {name: trackeval_input(*pair) for name, pair in pairs.items()}
    for reference, names in (
        (metric, {"hota": "HOTA", "assa": "AssA"}),
        (CLEAR(quiet), {"mota": "MOTA", "idsw": "IDSW"}),
        (Identity(quiet), {"idf1": "IDF1"}),
    ):
        together = reference.combine_sequences({name: reference.eval_sequence(value) for name, value in data.items()})
        for mine, theirs in names.items():
            assert ours[mine] == pytest.approx(float(np.mean(together[theirs])), abs=1e-12), mine


def test_perfect_and_empty():
    truth = sample(VALIDATION, "annotations")
    perfect = evaluate({"a": (truth, truth)})["a"]
    assert (perfect["hota"], perfect["mota"], perfect["idf1"], perfect["idsw"]) == (1, 1, 1, 0)
    nothing = evaluate({"a": (truth, truth.take(np.zeros(0, dtype=int)))})["a"]
    assert (nothing["hota"], nothing["mota"], nothing["idf1"], nothing["misses"]) == (0, 0, 0, 359)


def test_huge_ids_and_frames():
    """Ids of a trillion and frames of a billion are names, not sizes."""
    truth = make_sequence([(1, 10**12, 0.0, 0, 9, 9), (10**9, 10**12, 0.0, 0, 9, 9)])
    assert evaluate({"a": (truth, truth)})["a"]["idf1"] == 1
