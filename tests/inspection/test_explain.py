from __future__ import annotations

import io
import json
import math

import pytest
import torch
from rich.console import Console
from torch_geometric.data import Data

from gnntrack.association.feature_columns import APPEARANCE_NAMES, PAIR_NAMES
from gnntrack.datasets.sample import sample
from gnntrack.errors import DataError
from gnntrack.graphs.feature_columns import EDGE_FEATURES
from gnntrack.inspection.explain import explain
from gnntrack.inspection.explanation import to_dict
from gnntrack.inspection.report import explanation_text, statistics_text
from gnntrack.inspection.sources import read_source, scored_graph
from gnntrack.inspection.statistics import graph_statistics
from gnntrack.losses import UniTrackLoss
from gnntrack.models import AssociationNetwork, AssociationNetworkSettings, ModelRecipe


@pytest.fixture
def scored(campus: Data) -> Data:
    """The graph of TUD-Campus with scores that fall with distance and time."""
    data = campus.clone()
    data.score = torch.sigmoid(4 - 10 * (data.edge_attr[:, :2].norm(dim=1) + 0.1 * data.edge_attr[:, 5]))
    return data


def test_a_kept_track(scored: Data) -> None:
    """Track 4 follows object 2 from frame 26 to frame 27."""
    tracks = sample("TUD-Campus", "tracks")
    goes = explain(scored, tracks, 26, 4).goes_to
    assert goes.links[0].chosen
    assert goes.links[0].true
    assert (goes.links[0].frame, goes.links[0].track, goes.links[0].gap) == (27, 4, 1)
    assert "the chosen link is right" in goes.truth
    assert [link.chosen for link in goes.links[1:]] == [False] * (len(goes.links) - 1)
    assert goes.candidates >= len(goes.links)


def test_a_switch_names_the_link_that_was_missed(scored: Data) -> None:
    """In frame 26 track 4 takes object 2 from track 6 (TUD-Campus's switch in plain sight)."""
    explanation = explain(scored, sample("TUD-Campus", "tracks"), 26, 4)
    came = explanation.came_from
    assert explanation.identity == 2
    assert "frame 25 (gap 1): that link was not chosen" in came.truth
    (right,) = [link for link in came.links if link.true]
    assert (right.frame, right.track, right.chosen) == (25, 6, False)
    assert came.verdict.startswith("no link was chosen; best rival")


def test_a_gap_that_no_candidate_spans_is_said(scored: Data) -> None:
    """Object 3 was lost for 19 frames before frame 33; candidates span at most 12."""
    came = explain(scored, sample("TUD-Campus", "tracks"), 33, 8).came_from
    assert "which is not among the candidates" in came.truth


def test_terms_are_the_change_of_the_loss(scored: Data) -> None:
    """The true link would lower the loss, and a false one would raise it."""
    tracks = sample("TUD-Campus", "tracks")
    came = explain(scored, tracks, 26, 4, UniTrackLoss()).came_from
    for link in came.links:
        assert set(link.terms) == {"flow", "spatial", "temporal", "conservation", "total"}
        assert (link.terms["total"] < 0) == link.true
    goes = explain(scored, tracks, 26, 4, UniTrackLoss()).goes_to
    assert goes.links[0].terms == {}
    assert all(link.terms["total"] > 0 for link in goes.links[1:])


def test_differences_are_the_largest_features_first(scored: Data) -> None:
    links = explain(scored, sample("TUD-Campus", "tracks"), 26, 4).goes_to.links
    assert links[0].differences == []
    for link in links[1:]:
        spreads = [abs(item.spread) for item in link.differences]
        assert len(spreads) == 3
        assert spreads == sorted(spreads, reverse=True)


def test_without_ground_truth_nothing_is_claimed(scored: Data) -> None:
    del scored.identity, scored.edge_label
    explanation = explain(scored, sample("TUD-Campus", "tracks"), 26, 4, UniTrackLoss())
    assert explanation.identity is None
    assert explanation.came_from.truth == "no ground truth"
    assert {link.true for link in explanation.came_from.links} == {None}


def test_wrong_frames_tracks_and_graphs_are_one_clear_line(scored: Data, campus: Data) -> None:
    tracks = sample("TUD-Campus", "tracks")
    with pytest.raises(DataError, match=r"no box of track 99 in frame 26; tracks there: \[4, 7, 9, 11\]"):
        explain(scored, tracks, 26, 99)
    with pytest.raises(DataError, match="track 4 has frames 26 to"):
        explain(scored, tracks, 3, 4)
    with pytest.raises(DataError, match="not scored; give weights"):
        explain(campus, tracks, 26, 4)


def test_text_and_json(scored: Data) -> None:
    explanation = explain(scored, sample("TUD-Campus", "tracks"), 26, 4, UniTrackLoss())
    content = json.loads(json.dumps(to_dict(explanation), allow_nan=False))
    assert content["came_from"]["links"][0]["track"] == 6
    console = Console(width=200, record=True, file=io.StringIO())
    console.print(explanation_text(explanation))
    console.print(statistics_text(graph_statistics(scored)))
    text = console.export_text()
    assert "TUD-Campus: track 4 in frame 26" in text
    assert "Δ temporal" in text
    assert "conservation residual" in text


@pytest.mark.parametrize("appearance", [False, True])
def test_an_association_model_is_explained_by_what_it_saw(appearance: bool) -> None:
    """Not by the features of window graphs, which it never sees: names and numbers are those of its own candidates."""
    torch.manual_seed(0)
    network = AssociationNetwork(AssociationNetworkSettings(hidden=8, rounds=1, appearance=appearance)).eval()
    recipe = ModelRecipe(architecture=network.settings)
    source = read_source("TUD-Campus")
    graph = scored_graph(source, network, recipe)
    names = PAIR_NAMES + (APPEARANCE_NAMES if appearance else ())
    assert graph.edge_attr.shape == (graph.num_edges, len(names)) and graph.num_edges
    assert bool((graph.score > 0).all())
    tracks = sample("TUD-Campus", "tracks")
    explained = [explain(graph, tracks, frame, 4) for frame in (26, 30, 34)]
    links = [link for one in explained for side in (one.came_from, one.goes_to) for link in side.links[1:]]
    shown = [item for link in links for item in link.differences]
    assert shown and {item.feature for item in shown} <= set(names)
    assert all(math.isfinite(item.here) and math.isfinite(item.spread) for item in shown)
    assert all(link.score > 0 for link in links if link.differences)
    # the numbers are those of the candidate: its confidence is the detection's
    torch.testing.assert_close(graph.edge_attr[:, PAIR_NAMES.index("confidence")], graph.conf[graph.edge_index[1]])
    json.dumps([to_dict(one) for one in explained], allow_nan=False)


def test_a_window_model_is_explained_by_its_own_features(scored: Data) -> None:
    links = explain(scored, sample("TUD-Campus", "tracks"), 26, 4).goes_to.links
    assert {item.feature for link in links for item in link.differences} <= set(EDGE_FEATURES)
