"""The association network: torch against the compiled form, batches against single graphs, rivals."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gnntrack.graphs.association import association_graph
from gnntrack.models import AssociationNetwork, AssociationNetworkSettings, ModelRecipe, load_weights, save_weights
from gnntrack.models.fast_associate import fast_associate
from gnntrack.training.batches import collate
from tests.graphs.test_association import VIEW, crowd


@pytest.fixture
def network() -> AssociationNetwork:
    torch.manual_seed(0)
    return AssociationNetwork(AssociationNetworkSettings(hidden=16, rounds=2)).eval()


def graphs() -> list:
    sizes = [(4, 5), (1, 1), (1, 7), (9, 2), (12, 12)]
    return [association_graph(*crowd(*size, seed), VIEW, np.zeros(2)) for seed, size in enumerate(sizes)]


def test_compiled_equals_torch(network):
    for graph in graphs():
        with torch.no_grad():
            slow = network.score(collate([graph]))
        fast = fast_associate(network.gathered(), graph)
        for one, other in zip(slow.logits, fast.logits, strict=True):
            np.testing.assert_allclose(one.numpy(), other, atol=1e-4)
        np.testing.assert_allclose(slow.probability.numpy(), fast.probability, atol=1e-5)
        np.testing.assert_allclose(slow.real.numpy(), fast.real, atol=1e-4)


def test_a_batch_equals_its_graphs(network):
    whole = network.score(collate(graphs()))
    single = [network.score(collate([graph])) for graph in graphs()]
    torch.testing.assert_close(whole.logits[-1], torch.cat([scores.logits[-1] for scores in single]), atol=1e-4, rtol=0)
    torch.testing.assert_close(whole.real, torch.cat([scores.real for scores in single]), atol=1e-4, rtol=0)


def test_probabilities_leave_room_for_none(network):
    for graph in graphs():
        scores = fast_associate(network.gathered(), graph)
        for side in graph.links:
            assert (np.bincount(side, scores.probability) <= 1.0 + 1e-6).all()


def test_every_weight_learns(network):
    network.train()
    scores = network.score(collate(graphs()))
    (sum(logits.square().mean() for logits in scores.logits) + scores.real.square().mean()).backward()
    without = [name for name, parameter in network.named_parameters() if parameter.grad is None]
    assert without == []


def test_weights_come_back_from_disk(network, tmp_path):
    recipe = ModelRecipe(architecture=network.settings)
    save_weights(tmp_path / "w.safetensors", network, recipe)
    again, read = load_weights(tmp_path / "w.safetensors")
    assert read == recipe
    graph = graphs()[0]
    np.testing.assert_array_equal(
        fast_associate(network.gathered(), graph).probability, fast_associate(again.gathered(), graph).probability
    )
