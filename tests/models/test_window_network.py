"""The encoder: shapes, independence of order and of other graphs, gradients."""

from __future__ import annotations

import pytest
import torch
from torch_geometric.data import Batch

from gnntrack.graphs import GraphSettings, build_graph, windows
from gnntrack.models import MessagePassing, MessagePassingSettings
from tests.conftest import make_sequence

SETTINGS = GraphSettings(window=6, stride=2, max_gap=4)


@pytest.fixture
def model():
    torch.manual_seed(0)
    return MessagePassing(MessagePassingSettings(hidden=16, rounds=2)).eval()


def test_batch_equals_single_graphs(model, two_walkers):
    parts = list(windows(build_graph(two_walkers, SETTINGS), SETTINGS))
    together = model(Batch.from_data_list(parts))
    torch.testing.assert_close(together, torch.cat([model(part) for part in parts]), atol=1e-5, rtol=1e-4)


def test_node_order_does_not_matter(model, two_walkers):
    graph = build_graph(two_walkers, SETTINGS)
    order = torch.randperm(graph.num_nodes)
    place = torch.argsort(order)  # new position of each old node
    shuffled = graph.clone()
    shuffled.x = graph.x[order]
    shuffled.edge_index, shuffled.spatial_edge_index = place[graph.edge_index], place[graph.spatial_edge_index]
    torch.testing.assert_close(model(shuffled), model(graph), atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(model.embed(shuffled)[place], model.embed(graph), atol=1e-5, rtol=1e-4)


def test_every_parameter_learns(model, two_walkers):
    model(build_graph(two_walkers, SETTINGS)).square().sum().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None and parameter.grad.abs().sum() > 0, name


@pytest.mark.parametrize("count", [0, 1])
def test_graphs_without_edges(model, count):
    graph = build_graph(make_sequence([(1, 1, 5.0, 5.0, 9.0, 9.0)] * count), SETTINGS)
    assert model(graph).shape == (0,)
    assert model.embed(graph).shape == (count, 16)
