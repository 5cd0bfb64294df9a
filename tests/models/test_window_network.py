"""The window network: shapes, independence of order and of other graphs, gradients."""

from __future__ import annotations

import pytest
import torch
from torch_geometric.data import Batch

from gnntrack.datasets.sample import sample
from gnntrack.errors import DataError
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


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("x", None, "the graph has no x"),
        ("edge_attr", torch.zeros(3, 20), r"edge_attr has 3 entries for \d+ links"),
        ("spatial_edge_attr", torch.zeros(1, 5), r"spatial_edge_attr has 1 entries for \d+ links"),
        ("edge_index", torch.zeros(2, 4, dtype=torch.int32), r"edge_index is torch\.int32"),
        ("edge_index", torch.tensor([[0], [999]]), r"edge_index names a node outside 0\.\.\d+: 999"),
        ("spatial_edge_index", torch.tensor([[0], [-2]]), r"spatial_edge_index names a node outside .*: -2"),
        ("x", torch.zeros(40, 7, device="meta"), "x is on meta, the network on cpu"),
    ],
)
def test_fields_that_do_not_fit_are_named(model, two_walkers, field, value, message):
    graph = build_graph(two_walkers, SETTINGS)
    graph[field] = value
    with pytest.raises(DataError, match=message):
        model(graph)


def test_features_of_another_width_are_named(model, two_walkers):
    graph = build_graph(two_walkers, SETTINGS)
    graph.x = graph.x[:, :5]
    with pytest.raises(DataError, match=r"x has shape \(\d+, 5\)"):
        model(graph)


def test_a_graph_that_pyg_cut_names_the_field_it_forgot(model):
    part = build_graph(sample("TUD-Campus", "detections"), SETTINGS).subgraph(torch.arange(20))
    with pytest.raises(DataError, match=r"spatial_edge_index names a node outside 0\.\.19"):
        model(part)
