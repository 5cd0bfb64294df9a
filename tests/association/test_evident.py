"""Links that need no network."""

from __future__ import annotations

import numpy as np
import pytest

from gnntrack.association.evident import evident
from gnntrack.association.graph import association_graph
from tests.association.test_graph import VIEW, crowd


@pytest.mark.parametrize(
    ("moved", "rival", "frames", "expected"),
    [(3, 400, 1, True), (25, 400, 1, False), (3, 400, 2, False), (3, 20, 1, False)],
    ids=["alone", "too far", "not the next frame", "a rival"],
)
def test_evident_links(moved, rival, frames, expected):
    """A track, a detection that has moved on, and another one somewhere: ■ ▪        ▪."""
    histories, detections = crowd(1, 2)
    newest = histories.newest[0]
    detections[:, :4] = newest[:4]
    detections[:, 0] += [moved, rival]
    detections[:, 4] = newest[4] + frames
    graph = association_graph(histories, detections, VIEW, np.zeros(2))
    assert evident(graph.edge_attr, graph.ends)[graph.ends[1] == 0].tolist() == [expected]


@pytest.mark.parametrize(("lost_for", "expected"), [(0, False), (5, True)], ids=["another track", "a lost one"])
def test_lost_tracks_do_not_make_a_link_doubtful(lost_for, expected):
    """Two tracks at the same place, one of which may have been lost for some frames, and a detection that moved on."""
    histories, detections = crowd(2, 1)
    histories.newest[1, :2] = histories.newest[0, :2] + [20.0, 0.0]
    histories.newest[1, 4] -= lost_for
    detections[0, :2] = histories.newest[0, :2] + [1.0, 0.0]
    graph = association_graph(histories, detections, VIEW, np.zeros(2))
    assert evident(graph.edge_attr, graph.ends)[graph.ends[0] == 0].tolist() == [expected]
