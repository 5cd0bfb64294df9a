"""Figures of detectors where people cross."""

import numpy as np
import pytest

from gnntrack.datasets.synthetic import Hardness, fit_detector, keep_errors
from gnntrack.datasets.synthetic.quality import KEYS, compare, measure
from tests.datasets.synthetic.drawn import detected, merged, two_cross


def lost(table):
    """b is lost in frames 20 to 22, where boxes overlap by .77, .85 and .698; a jumps in frame 5."""
    table = table[~((table["id"] == 2) & table["frame"].between(20, 22))]
    return table.assign(x=table["x"] + 8.0 * ((table["frame"] == 5) & (table["id"] == 1)))


def test_recall_jitter_and_changes_where_boxes_overlap():
    truth = two_cross()
    figures = measure(truth, detected(truth, lost))
    assert figures["recall_to_0.3"] == figures["recall_to_0.5"] == 1.0
    assert (figures["recall_to_0.7"], figures["recall_above_0.7"]) == (1 - 1 / 8, 1 - 2 / 4)
    assert figures["jitter_to_0.3"] > 0 == figures["jitter_to_0.5"] == figures["jitter_above_0.7"]
    assert figures["crossings_found"] == 0.0
    assert measure(truth, detected(truth))["crossings_found"] == 1.0
    changes = 2 * 0.2**2 / (2 * (80 - 4))  # there and back, of 80 steps in x and y but those to and from a miss
    assert figures["error_change"] == pytest.approx(np.sqrt(changes), abs=1e-4)


def test_what_nothing_says_anything_about_is_left_out():
    truth = two_cross(apart=True)
    figures = measure(truth, detected(truth))
    assert {"recall_to_0.3", "jitter_to_0.3", "error_change"} <= figures.keys()
    assert not figures.keys() & {"recall_to_0.5", "recall_above_0.7", "jitter_to_0.7", "crossings_found"}
    nothing = truth.without_ids().take(np.zeros(len(truth), dtype=bool))
    assert measure(truth, nothing)["recall_to_0.3"] == 0.0


def test_either_kind_is_compared():
    pairs = [(truth, detected(truth, merged)) for truth in (two_cross(name="a"), two_cross(name="b"))]
    for detector in (fit_detector(pairs), keep_errors(pairs, hardness=Hardness.none())):
        figures = compare(pairs, detector)
        assert set(figures["mean_real"]) == set(KEYS)
    assert figures["mean_absolute_difference"]["recall"] < 0.01
    assert figures["mean_absolute_difference"]["crossings_found"] == 0.0
