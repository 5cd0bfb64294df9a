from __future__ import annotations

import networkx as nx

from gnntrack.datasets.sample import sample
from gnntrack.inspection.tracks import lineage, tracks_to_networkx
from gnntrack.sequence import Sequence


def test_every_identity_is_one_path() -> None:
    tracks = sample("TUD-Campus", "tracks")
    graph = tracks_to_networkx(tracks)
    paths = list(nx.weakly_connected_components(graph))
    assert len(paths) == tracks.boxes["id"].nunique()
    for path in paths:
        assert len({graph.nodes[node]["identity"] for node in path}) == 1
        degrees = sorted(dict(graph.subgraph(path).degree).values())
        assert degrees in ([0], [1, 1], [1, 1] + [2] * (len(path) - 2))
        assert graph.subgraph(path).number_of_edges() == len(path) - 1


def test_unknown_identities_stand_alone() -> None:
    graph = tracks_to_networkx(sample("TUD-Campus", "detections"))
    assert graph.number_of_nodes() == 222
    assert graph.number_of_edges() == 0


def test_gaps_become_children_in_the_lineage(two_tracks: Sequence) -> None:
    """Identity 2 is away in frames 3 and 4, so it comes back as label 3, child of label 2.

    1 1 1 1 1
    2 2 . . 2
    """
    assert lineage(two_tracks).to_numpy().tolist() == [[1, 0, 4, 0], [2, 0, 1, 0], [3, 4, 4, 2]]


def test_nothing_tracked_is_an_empty_lineage() -> None:
    assert lineage(sample("TUD-Campus", "detections")).empty
