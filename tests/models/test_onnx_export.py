"""What ONNX runtime computes is what tracking computes."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest

from gnntrack.association.compiled_network import fast_associate
from gnntrack.association.feature_columns import DETECTION_FEATURES, NEIGHBOUR_FEATURES, PAIR_FEATURES, TRACK_FEATURES
from gnntrack.association.graph import BipartiteGraph
from gnntrack.models import AssociationNetworkSettings, CompiledNetworks
from gnntrack.models.compiled_bundle import network_shapes
from gnntrack.models.onnx_export import write_onnx

ASSOCIATION = TRACK_FEATURES, DETECTION_FEATURES, PAIR_FEATURES


def random_graph(widths: tuple[int, int, int], appearance: int, neighbours: int, seed: int = 0) -> BipartiteGraph:
    """Four that came before, three that may follow, all pairs but one."""
    rng = np.random.default_rng(seed)
    links = np.array([(past, 4 + future) for past in range(4) for future in range(3)][:-1]).T

    def features(*shape: int) -> np.ndarray:
        return rng.normal(0, 1, shape).astype(np.float32)

    return BipartiteGraph(
        features(4, widths[0]),
        features(3, widths[1]),
        np.ascontiguousarray(links),
        features(links.shape[1], widths[2]),
        rng.integers(0, 7, (2, neighbours)),
        features(neighbours, NEIGHBOUR_FEATURES),
        features(links.shape[1], appearance),
    )


def run(path, graph: BipartiteGraph) -> list[np.ndarray]:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    wanted = {field.name for field in session.get_inputs()}
    return session.run(None, {name: values for name, values in graph._asdict().items() if name in wanted})


def random_networks(settings: AssociationNetworkSettings) -> CompiledNetworks:
    rng = np.random.default_rng(1)
    shapes = network_shapes(settings).items()
    return CompiledNetworks.of({name: rng.normal(0, 0.3, shape).astype(np.float32) for name, shape in shapes}, settings)


@pytest.mark.parametrize("neighbours", [0, 9])
@pytest.mark.parametrize("appearance", [False, True])
def test_an_association_network(appearance, neighbours, tmp_path):
    weights = random_networks(AssociationNetworkSettings(hidden=8, rounds=2, appearance=appearance)).weights
    graph = random_graph(ASSOCIATION, 4 if appearance else 0, neighbours)
    write_onnx(tmp_path / "network.onnx", [weights])
    expected = fast_associate(weights, graph)
    logits, probability, real = run(tmp_path / "network.onnx", graph)
    np.testing.assert_allclose(logits, expected.logits[-1], atol=1e-5, rtol=1e-5)
    np.testing.assert_allclose(probability, expected.probability, atol=1e-5)
    np.testing.assert_allclose(real, expected.real, atol=1e-5, rtol=1e-5)
