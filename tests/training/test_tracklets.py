"""What the tracklet network learns: true successors, and what would be asked online."""

from __future__ import annotations

import numpy as np
import pytest

from gnntrack.models import TrackletNetworkSettings
from gnntrack.relinking.tracklets import find_tracklets
from gnntrack.tracking.replay import FoundLinks
from gnntrack.tracking.row_links import RowLinks
from gnntrack.training.tracklets import LabelledGraph, moment_graphs, successors, whole_graph
from tests.relinking.test_tracklets import VIEW, crossing
from tests.tracking.links import links_of_tracks

SETTINGS = TrackletNetworkSettings(hidden=8, rounds=1)


def tracked(track: np.ndarray, probability: float = 0.5) -> FoundLinks:
    """What a tracker says that has made these tracks."""
    made = RowLinks.of(links_of_tracks(track), len(track))
    return FoundLinks(made, track, np.full(len(track), probability))


def lonely(*spans: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Boxes far apart from each other, and the identity of each: spans of (identity, first frame, last frame)."""
    rows = [(frame, number, span[0]) for number, span in enumerate(spans) for frame in range(span[1], span[2] + 1)]
    frame, number, identity = np.array(sorted(rows)).T
    detections = np.column_stack(
        [200.0 * number, 0 * number, 0 * number + 20, 0 * number + 50, frame, 0 * number + 0.9]
    )
    return detections.astype(float), np.stack([number + 1, identity])


def follow(*spans: tuple[int, int, int]) -> list[int]:
    """The successor of each span."""
    detections, (track, identity) = lonely(*spans)
    tracklets = find_tracklets(detections, track, np.ones(len(detections)))
    assert len(tracklets) == len(spans)
    return successors(tracklets, identity).tolist()


def test_successors_are_in_order_of_time():
    """Identity 7: ●●●●──▶●●●●──▶●●●●, identity 8: ●●●●."""
    assert follow((7, 1, 4), (7, 20, 23), (7, 8, 11), (8, 2, 5)) == [2, -1, 1, -1]


def test_a_second_box_on_an_object_is_no_part_of_its_chain():
    """Identity 7: ●●●●●●──▶●●●●●●, and ●●● meanwhile."""
    assert follow((7, 1, 6), (7, 5, 7), (7, 8, 13)) == [2, -1, -1]


def test_false_positives_follow_nothing():
    assert follow((-1, 1, 4), (-1, 8, 11)) == [-1, -1]


def test_a_tracklet_is_of_whom_most_of_its_boxes_are():
    detections, (track, identity) = lonely((7, 1, 9), (8, 12, 20))
    identity[(track == 2) & (detections[:, 4] > 14)] = 7
    tracklets = find_tracklets(detections, track, np.ones(len(detections)))
    assert successors(tracklets, identity).tolist() == [1, -1]
    identity[(track == 2) & (detections[:, 4] > 17)] = 9  # nobody has more than half
    assert successors(tracklets, identity).tolist() == [-1, -1]


def ends(item: LabelledGraph) -> np.ndarray:
    return item.graph.ends[:, item.label]


@pytest.mark.parametrize("exchanged", [False, True])
def test_the_label_is_who_it_truly_was(exchanged):
    """Tracklets 0, 1 are of track 1 and 2, 3 of track 2; after an exchange 0 → 3 and 2 → 1 are true."""
    detections, track = crossing(exchanged=exchanged)
    _, truth = crossing()
    (item,) = whole_graph(detections, truth, tracked(track), VIEW, SETTINGS)
    assert item.label.sum() == 2
    source, target = ends(item)  # two ends, two beginnings that have candidates
    assert (source == target).tolist() == [not exchanged] * 2


def test_online_the_same_is_asked_when_it_is_over():
    detections, track = crossing(exchanged=True)
    _, truth = crossing()
    items = moment_graphs(detections, truth, tracked(track), VIEW, SETTINGS, 10, np.random.default_rng(0))
    assert len(items) == 1  # at the third clear frame; at the first one there is nothing to ask
    assert items[0].label.sum() == 2


def test_a_moment_knows_nothing_of_the_future():
    detections, track = crossing(exchanged=True)
    _, truth = crossing()
    whole, cut = (
        moment_graphs(detections[:n], truth[:n], tracked(track[:n]), VIEW, SETTINGS, 10, np.random.default_rng(0))[0]
        for n in (len(detections), len(detections) - 20)
    )
    np.testing.assert_array_equal(whole.graph.edge_attr, cut.graph.edge_attr)
    np.testing.assert_array_equal(whole.graph.future, cut.graph.future)
    np.testing.assert_array_equal(whole.label, cut.label)


def test_nothing_to_ask():
    detections, (track, identity) = lonely((7, 1, 9), (8, 1, 9))
    assert whole_graph(detections, identity, tracked(track), VIEW, SETTINGS) == []
    assert moment_graphs(detections, identity, tracked(track), VIEW, SETTINGS, 10, np.random.default_rng(0)) == []
