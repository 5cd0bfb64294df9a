from __future__ import annotations

import networkx as nx
import pytest
import torch
from torch_geometric.data import Data

from gnntrack.datasets.sample import sample
from gnntrack.errors import DataError
from gnntrack.graphs import build_graph, slice_window
from gnntrack.inspection.convert import from_networkx, to_networkx
from tests.conftest import make_sequence

from .conftest import equal


def test_window_round_trip_is_exact(window: Data) -> None:
    assert equal(from_networkx(to_networkx(window)), window)


def test_whole_sequence_round_trip_is_exact(campus: Data) -> None:
    graph = to_networkx(campus)
    assert graph.number_of_nodes() == 222
    assert graph.number_of_edges() == campus.edge_index.shape[1] + campus.spatial_edge_index.shape[1]
    assert equal(from_networkx(graph), campus)


def test_unlabelled_graph_has_no_truth_on_it() -> None:
    data = slice_window(build_graph(sample("TUD-Campus", "detections")), 30, 33)
    graph = to_networkx(data)
    assert not any("identity" in values for _, values in graph.nodes(data=True))
    assert not any("label" in values for *_, values in graph.edges(data=True))
    assert equal(from_networkx(graph), data)


@pytest.mark.parametrize("frames", [(30, 30), (1, 1), (9000, 9001)])
def test_graphs_without_links_or_without_boxes_survive(campus: Data, frames: tuple[int, int]) -> None:
    data = slice_window(campus, *frames)
    assert data.edge_index.shape[1] == 0
    assert equal(from_networkx(to_networkx(data)), data)


def test_attributes_say_what_the_tensors_say(window: Data) -> None:
    graph = to_networkx(window)
    for node, values in graph.nodes(data=True):
        assert values["frame"] == window.frame[node].item()
        assert values["box"] == tuple(window.box[node].tolist())
        assert values["identity"] == window.identity[node].item()
        assert values["confidence"] == window.conf[node].item()
    kinds = {}
    for source, target, values in graph.edges(data=True):
        kinds[values["kind"]] = kinds.get(values["kind"], 0) + 1
        if values["kind"] == "spatial":
            assert graph.nodes[source]["frame"] == graph.nodes[target]["frame"]
        else:
            assert values["gap"] == graph.nodes[target]["frame"] - graph.nodes[source]["frame"] > 0
    assert kinds["committed"] == int(window.committed.sum())
    assert kinds["committed"] + kinds["temporal"] == window.edge_index.shape[1]
    assert kinds["spatial"] == window.spatial_edge_index.shape[1]
    first = tuple(window.edge_index[:, 0].tolist())
    assert graph.edges[first]["label"] == window.edge_label[0].item()
    assert graph.edges[first]["score"] == window.score[0].item()


def test_given_scores_replace_stored_ones(window: Data) -> None:
    graph = to_networkx(window, scores=torch.full_like(window.score, 0.25))
    assert {values["score"] for *_, values in graph.edges(data=True) if values["kind"] != "spatial"} == {0.25}


def test_one_score_a_link_or_an_error(window: Data) -> None:
    with pytest.raises(DataError, match="one value a link"):
        to_networkx(window, scores=torch.zeros(3))


def test_extra_tensors_travel_along(window: Data) -> None:
    window.embedding = torch.arange(3.0 * window.num_nodes).reshape(-1, 3)
    assert equal(from_networkx(to_networkx(window)), window)


def test_a_graph_made_by_hand() -> None:
    graph = nx.DiGraph()
    graph.add_nodes_from([("late", {"frame": 2}), ("early", {"frame": 1})])
    graph.add_edge("early", "late", kind="committed")
    data = from_networkx(graph)
    assert data.edge_index.tolist() == [[1], [0]]
    assert data.committed.tolist() == [True]


def test_missing_attributes_and_backward_links_are_errors() -> None:
    graph = nx.DiGraph()
    graph.add_nodes_from([(0, {"frame": 1}), (1, {})])
    with pytest.raises(DataError, match="'frame' is missing on 1 of 2 nodes"):
        from_networkx(graph)
    graph.nodes[1]["frame"] = 2
    graph.add_edge(1, 0)
    with pytest.raises(DataError, match="forward in time"):
        from_networkx(graph)


@pytest.mark.parametrize(
    "attributes", [{"features": (1.0,)}, {"features": "x"}, {"frame": 10**30}, {"frame": (1, 2)}, {"__class__": 1}]
)
def test_attributes_that_make_no_tensors_are_one_line(attributes):
    graph = to_networkx(build_graph(make_sequence([(1, 1, 5.0, 5.0, 10.0, 20.0), (2, 1, 6.0, 5.0, 10.0, 20.0)])))
    graph.nodes[0].update(attributes)
    with pytest.raises(DataError) as caught:
        from_networkx(graph)
    assert str(caught.value).isprintable()
