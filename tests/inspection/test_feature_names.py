"""Graphs of every network as networkx shows them: names, numbers and kinds are those that the network saw."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
import torch
from torch_geometric.data import Data

from gnntrack.association.data import as_data
from gnntrack.association.feature_columns import (
    APPEARANCE_NAMES,
    DETECTION_NAMES,
    NEIGHBOUR_NAMES,
    PAIR_NAMES,
    TRACK_NAMES,
)
from gnntrack.association.graph import association_graph
from gnntrack.errors import DataError
from gnntrack.graphs.feature_columns import EDGE_FEATURES, NODE_FEATURES, SPATIAL_FEATURES
from gnntrack.inspection.convert import from_networkx, to_networkx
from gnntrack.inspection.export import read_graph, write_graph
from gnntrack.inspection.feature_names import feature_names, link_names
from gnntrack.inspection.sources import read_source, scored_graph
from gnntrack.inspection.vectors import restored
from gnntrack.models import ModelRecipe, build_model, load_weights
from gnntrack.relinking.feature_columns import TRACKLET_NAMES, TRACKLET_PAIR_NAMES
from gnntrack.sequence import View
from tests.association.test_graph import crowd

from .conftest import equal


@pytest.fixture(scope="module")
def bipartite() -> Data:
    """Tracks against the detections of a frame, as the network takes them, with labels."""
    histories, seen = crowd(5, 7)
    graph = association_graph(histories, seen, View(640, 480, 25.0), np.zeros(2))
    data = as_data(graph, np.arange(graph.edge_index.shape[1]) % 2 == 0)
    data.logit = torch.linspace(-3, 3, graph.edge_index.shape[1])
    data.score = torch.sigmoid(data.logit)
    return data


@pytest.fixture(scope="module", params=["association", "relinking"])
def seen(request: pytest.FixtureRequest) -> Data:
    """What each network of the shipped weights saw of TUD-Campus."""
    model, recipe = load_weights("default")
    return scored_graph(read_source("TUD-Campus"), model, recipe, request.param)


def test_no_two_kinds_of_graph_are_alike() -> None:
    widths = [len(names) for names in (EDGE_FEATURES, PAIR_NAMES, TRACKLET_PAIR_NAMES)]
    both = widths + [width + len(APPEARANCE_NAMES) for width in widths]
    assert len(set(both)) == len(both)


@pytest.mark.parametrize(
    "names",
    [EDGE_FEATURES, NODE_FEATURES, TRACK_NAMES, DETECTION_NAMES, PAIR_NAMES, TRACKLET_NAMES, TRACKLET_PAIR_NAMES],
)
def test_no_name_stands_twice(names: tuple[str, ...]) -> None:
    assert len(set(names)) == len(names)


def test_tracks_against_detections_by_name(bipartite: Data) -> None:
    graph = to_networkx(bipartite, named=True)
    past = int((~bipartite.future).sum())
    for node, names in ((0, TRACK_NAMES), (past, DETECTION_NAMES)):
        values = graph.nodes[node]
        assert values["future"] == (node == past)
        assert [key for key in values if key.startswith("features.")] == [f"features.{name}" for name in names]
        shown = [values[f"features.{name}"] for name in names]
        np.testing.assert_array_equal(shown, bipartite.x[node, : len(names)])
    for number, (source, target) in enumerate(bipartite.edge_index.T.tolist()):
        link = graph.edges[source, target]
        assert link["kind"] == "temporal" and link["label"] == bipartite.edge_label[number]
        assert link["logit"] == bipartite.logit[number] and link["score"] == bipartite.score[number]
        np.testing.assert_array_equal([link[f"features.{name}"] for name in PAIR_NAMES], bipartite.edge_attr[number])
    source, target = bipartite.spatial_edge_index[:, 0].tolist()
    neighbour = graph.edges[source, target]
    shown = [neighbour[f"features.{name}"] for name in NEIGHBOUR_NAMES]
    assert neighbour["kind"] == "spatial"
    np.testing.assert_array_equal(shown, bipartite.spatial_edge_attr[0])


def test_the_round_trip_is_exact(bipartite: Data, seen: Data) -> None:
    for data in (bipartite, seen):
        assert equal(from_networkx(to_networkx(data)), _sorted(data))


@pytest.mark.parametrize("suffix", ["graphml", "gexf", "json"])
def test_files_keep_every_name_and_number(seen: Data, suffix: str, tmp_path) -> None:
    graph = to_networkx(seen)
    write_graph(graph, tmp_path / f"graph.{suffix}")
    read = read_graph(tmp_path / f"graph.{suffix}")
    assert nx.utils.graphs_equal(read, graph)
    named = to_networkx(seen, named=True)
    assert nx.utils.graphs_equal(restored(named.copy()), graph)


def test_names_of_what_the_shipped_networks_saw(seen: Data) -> None:
    names = feature_names(seen)
    assert names is not None
    if "future" in seen:
        assert (names.past, names.future, names.links) == (TRACKLET_NAMES, TRACKLET_NAMES, TRACKLET_PAIR_NAMES)
        assert seen.appearance.shape[1] == len(APPEARANCE_NAMES)
    else:
        assert names.past == DETECTION_NAMES and names.links == PAIR_NAMES + APPEARANCE_NAMES
        column = PAIR_NAMES.index("confidence")
        torch.testing.assert_close(seen.edge_attr[:, column], seen.conf[seen.edge_index[1]])
    assert names.neighbours == NEIGHBOUR_NAMES and len(SPATIAL_FEATURES) == len(NEIGHBOUR_NAMES)
    assert seen.x.shape[1] == len(names.past)


def test_ends_lead_to_later_beginnings(seen: Data) -> None:
    """Of both networks: links lead forward in time, sorted, with the probability of their logit's sign."""
    source, target = seen.edge_index
    assert bool((seen.frame[source] < seen.frame[target]).all())
    assert bool((torch.diff(source * seen.num_nodes + target) > 0).all()) and bool((torch.diff(seen.frame) >= 0).all())
    assert seen.score.shape == seen.logit.shape == source.shape
    if "future" in seen:
        assert not bool(seen.future[source].any()) and bool(seen.future[target].all())
        torch.testing.assert_close(seen.score, torch.sigmoid(seen.logit))


def test_relinking_scores_are_those_of_the_network(seen: Data) -> None:
    """The graph that is shown, given to the network of torch, has the logits that are shown."""
    if "future" not in seen:
        return
    network = load_weights("default")[0].tracklets
    assert network is not None
    with torch.no_grad():
        torch.testing.assert_close(network.score(seen), seen.logit, atol=1e-4, rtol=1e-4)


def test_numbers_stand_for_names_that_are_not_known() -> None:
    data = Data(edge_attr=torch.zeros((1, 3)))
    assert feature_names(data) is None and link_names(data) == ("0", "1", "2")


def test_weights_without_a_relinking_network_say_so() -> None:
    recipe = ModelRecipe()
    with pytest.raises(DataError, match="these weights have no relinking network; inspect the association network's"):
        scored_graph(read_source("TUD-Campus"), build_model(recipe), recipe, "relinking")


def _sorted(data: Data) -> Data:
    """Its neighbours sorted by source and target, as they come back."""
    order = np.lexsort(data.spatial_edge_index.numpy()[::-1])
    result = data.clone()
    result.spatial_edge_index = data.spatial_edge_index[:, order]
    result.spatial_edge_attr = data.spatial_edge_attr[order]
    return result
