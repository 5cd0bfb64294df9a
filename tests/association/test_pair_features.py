"""Compiled features of pairs against plain numpy."""

from __future__ import annotations

import numpy as np
import pytest

from gnntrack.association import pair_features, predictions
from gnntrack.association.feature_columns import PAIR
from gnntrack.association.nearest import candidate_links
from tests.association import all_pairs
from tests.association.test_graph import crowd


def test_margin_is_how_much_nearer_the_best_rival_is():
    histories, detections = crowd(5, 4)
    newest = np.ascontiguousarray(histories.newest)
    gap = detections[0, 4] - newest[:, 4]
    predicted = predictions.predictions(histories.observations, histories.count, gap)
    near = candidate_links(newest, predicted, gap, detections, (np.zeros(5), np.zeros(4)), 6, 6)
    assert near.links.shape == (2, 20)
    distance = all_pairs.distances(newest, predicted, gap, detections)
    tracks = pair_features.Tracks(newest, predicted, np.zeros((5, 2)), gap, histories.prediction_error)
    x = pair_features.pair_features(near, detections, tracks, 25.0)
    for row, (track, detection) in enumerate(near.links.T):
        others = np.delete(distance[track], detection)
        assert x[row, PAIR.track_margin] == pytest.approx(
            np.clip(distance[track, detection] - others.min(), -2, 2), abs=1e-5
        )
        others = np.delete(distance[:, detection], track)
        assert x[row, PAIR.detection_margin] == pytest.approx(
            np.clip(distance[track, detection] - others.min(), -2, 2), abs=1e-5
        )
