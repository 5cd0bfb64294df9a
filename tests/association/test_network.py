"""The association network: torch against the compiled form, batches against single graphs, rivals."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch_geometric.data import Batch

from gnntrack.association.compiled_network import fast_associate
from gnntrack.association.data import as_data
from gnntrack.association.graph import BipartiteGraph, association_graph
from gnntrack.association.packed_weights import unpacked
from gnntrack.errors import DataError
from gnntrack.models import (
    AssociationNetwork,
    AssociationNetworkSettings,
    ModelRecipe,
    TrackletNetworkSettings,
    load_weights,
    save_weights,
    with_appearance,
)
from tests.association.test_graph import VIEW, crowd


@pytest.fixture
def network() -> AssociationNetwork:
    torch.manual_seed(0)
    return AssociationNetwork(AssociationNetworkSettings(hidden=16, rounds=2)).eval()


def batch(graphs: list[BipartiteGraph]) -> Batch:
    return Batch.from_data_list([as_data(graph) for graph in graphs])


def graphs(appearance: bool = False) -> list:
    """With ``appearance``, of tracks and detections with random embeddings."""
    result = []
    for seed, size in enumerate([(4, 5), (1, 1), (1, 7), (9, 2), (12, 12)]):
        histories, detections = crowd(*size, seed)
        if appearance:
            rng = np.random.default_rng(seed)
            histories.appearance = rng.normal(size=(len(histories), 3))
            detections = np.concatenate([detections, rng.normal(size=(len(detections), 3))], axis=1)
        result.append(association_graph(histories, detections, VIEW, np.zeros(2), appearance=appearance))
    return result


@pytest.mark.parametrize("appearance", [False, True])
def test_compiled_equals_torch(appearance):
    torch.manual_seed(0)
    network = AssociationNetwork(AssociationNetworkSettings(hidden=16, rounds=2, appearance=appearance)).eval()
    for graph in graphs(appearance):
        with torch.no_grad():
            slow = network.scores(as_data(graph))
        fast = fast_associate(network.gathered(), graph)
        for one, other in zip(slow.logits, fast.logits, strict=True):
            np.testing.assert_allclose(one.numpy(), other, atol=1e-4)
        np.testing.assert_allclose(slow.probability.numpy(), fast.probability, atol=1e-5)
        np.testing.assert_allclose(slow.real.numpy(), fast.real, atol=1e-4)


def test_a_batch_equals_its_graphs(network):
    whole = network.scores(batch(graphs()))
    single = [network.scores(as_data(graph)) for graph in graphs()]
    torch.testing.assert_close(whole.logits[-1], torch.cat([scores.logits[-1] for scores in single]), atol=1e-4, rtol=0)
    torch.testing.assert_close(whole.real, torch.cat([scores.real for scores in single]), atol=1e-4, rtol=0)


def test_probabilities_leave_room_for_none(network):
    for graph in graphs():
        scores = fast_associate(network.gathered(), graph)
        for side in graph.edge_index:
            assert (np.bincount(side, scores.probability) <= 1.0 + 1e-6).all()


def test_every_weight_learns(network):
    network.train()
    scores = network.scores(batch(graphs()))
    (sum(logits.square().mean() for logits in scores.logits) + scores.real.square().mean()).backward()
    without = [name for name, parameter in network.named_parameters() if parameter.grad is None]
    assert without == []


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("future", None, "the graph has no future"),
        ("x", torch.zeros(9, 7), r"x has shape \(9, 7\); give \(9, 98\)"),
        ("edge_attr", torch.zeros(2, 42), "edge_attr has 2 entries for"),
        ("spatial_edge_attr", torch.zeros(1, 5), "spatial_edge_attr has 1 entries for"),
    ],
)
def test_a_graph_of_another_network_is_refused(network, field, value, message):
    data = as_data(graphs()[0])
    if value is None:
        del data[field]
    else:
        data[field] = value
    for use in (network.score, network.embed):
        with pytest.raises(DataError, match=message):
            use(data)


def test_weights_come_back_from_disk(network, tmp_path):
    recipe = ModelRecipe(architecture=network.settings)
    save_weights(tmp_path / "w.safetensors", network, recipe)
    again, read = load_weights(tmp_path / "w.safetensors")
    assert read == recipe
    graph = graphs()[0]
    np.testing.assert_array_equal(
        fast_associate(network.gathered(), graph).probability, fast_associate(again.gathered(), graph).probability
    )


def test_eyes_that_have_learned_nothing_change_nothing():
    """Scores stay to the bit, with embeddings and without, until something is learned; so do the other networks."""
    torch.manual_seed(0)
    shape = AssociationNetworkSettings(hidden=16, rounds=2, tracklets=TrackletNetworkSettings(hidden=8, members=2))
    plain = AssociationNetwork(shape).eval()
    seeing, recipe = with_appearance(plain, ModelRecipe(architecture=shape))
    assert recipe.architecture == seeing.settings
    assert seeing.settings.appearance and seeing.settings.tracklets.appearance
    for graph, coloured in zip(graphs(), graphs(appearance=True), strict=True):
        before = fast_associate(plain.gathered(), graph)
        after = fast_associate(seeing.gathered(), coloured)
        np.testing.assert_array_equal(before.logits[-1], after.logits[-1])
    for name, tensor in plain.state_dict().items():
        assert torch.equal(tensor, seeing.state_dict()[name])


def test_packed_weights_come_out_as_they_went_in(network):
    """Layer by layer."""
    weights = network.gathered()
    layers = unpacked(weights.packed, weights.sizes)
    assert layers._fields == weights._fields[:-1]
    for name, part in layers._asdict().items():
        for field, values in part._asdict().items():
            np.testing.assert_array_equal(values, getattr(getattr(weights, name), field), f"{name}.{field}")
