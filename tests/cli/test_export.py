"""``gnntrack export``."""

from __future__ import annotations

import numpy as np

from gnntrack.association.compiled_network import fast_associate
from gnntrack.models import load_for_tracking
from gnntrack.relinking.feature_columns import TRACKLET_FEATURES, TRACKLET_PAIR_FEATURES
from tests.models.test_onnx_export import ASSOCIATION, random_graph, run

RELINKING = TRACKLET_FEATURES, TRACKLET_FEATURES, TRACKLET_PAIR_FEATURES


def test_the_shipped_networks(gnntrack, tmp_path):
    networks, _ = load_for_tracking("default")
    for name, widths, members in (
        ("association", ASSOCIATION, (networks.weights,)),
        ("relinking", RELINKING, networks.tracklets.members),
    ):
        path = tmp_path / f"{name}.onnx"
        assert gnntrack("export", "--onnx", path, "--network", name).out == f"wrote {path}: the {name} network\n"
        alike = 0 if members[0].appearance is None else 4
        graph = random_graph(widths, alike, 0 if name == "relinking" else 6)
        expected = np.mean([fast_associate(member, graph).logits[-1] for member in members], axis=0)
        np.testing.assert_allclose(run(path, graph)[0], expected, atol=1e-5, rtol=1e-5)


def test_a_network_of_window_graphs_is_one_line(gnntrack, weights, tmp_path):
    done = gnntrack("export", "--onnx", tmp_path / "a.onnx", "--weights", weights)
    assert done.code == 2
    assert "networks of window graphs cannot be exported; give weights of kind association" in done.err
