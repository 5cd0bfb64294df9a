"""How alike embeddings are, as features of links; what tracks and tracklets remember of them."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as some

from gnntrack.association.appearance import appearance_features
from gnntrack.association.feature_columns import APPEARANCE_FEATURES
from gnntrack.association.graph import association_graph
from gnntrack.association.histories import COLUMNS, Histories, observations
from gnntrack.relinking.graph import tracklet_graph
from gnntrack.relinking.tracklets import find_tracklets
from tests.association.test_graph import VIEW, crowd
from tests.relinking.test_tracklets import crossing

RED, BLUE = [1.0, 0.0], [0.0, 1.0]


@given(some.integers(1, 6), some.integers(1, 6), some.integers(0, 99))
def test_against_the_plain_way(tracks, detections, seed):
    """Cosine, and how much it is above the best of the other links of each end; −1 where there is none."""
    rng = np.random.default_rng(seed)
    left, right = rng.normal(size=(tracks, 3)), rng.normal(size=(detections, 3))
    left[0] = 0.0
    links = np.stack(np.nonzero(rng.random((tracks, detections)) < 0.7))
    lengths = np.linalg.norm(left, axis=1)[:, None] * np.linalg.norm(right, axis=1)
    cosine = np.divide(left @ right.T, lengths, out=np.zeros_like(lengths), where=lengths > 0)
    for row, (track, detection) in zip(appearance_features(left, right, links), links.T.tolist(), strict=True):
        if track == 0:
            assert row.tolist() == [0.0] * APPEARANCE_FEATURES
            continue
        rivals = [[-1.0], [-1.0]]
        for one, other in links.T.tolist():
            for side, same in enumerate((one == track, other == detection)):
                if same and one != 0 and (one, other) != (track, detection):
                    rivals[side].append(cosine[one, other])
        here = cosine[track, detection]
        np.testing.assert_allclose(row, [1.0, here, here - max(rivals[0]), here - max(rivals[1])], atol=1e-6)


def observation(vector: list[float], frame: int, confidence: float = 1.0) -> np.ndarray:
    box, vectors = np.array([[10.0, 10, 20, 40]]), np.array([vector])
    return observations(box, np.array([confidence]), frame, vectors if vector else None)


def test_a_track_looks_as_it_mostly_did():
    """Nine sure observations in red, one faint one in blue, whose vector is longer than it should be."""
    histories = Histories()
    histories.add(observation(RED, 1), np.zeros(2))
    for frame in range(2, 10):
        histories.extend(np.array([0]), observation(RED, frame), np.zeros(2))
    histories.extend(np.array([0]), observation([0.0, 30.0], 10, confidence=0.2), np.zeros(2))
    vector = histories.appearance[0] / np.linalg.norm(histories.appearance[0])
    assert vector[0] > 0.99
    assert histories.observations.shape[2] == COLUMNS


def test_frames_may_come_without_vectors():
    """Tracks that began before the first vectors came, and observations without any, leave all as it was."""
    histories = Histories()
    histories.add(observation([], 1), np.zeros(2))
    assert histories.appearance.shape == (1, 0)
    histories.add(observation(BLUE, 2), np.zeros(2))
    np.testing.assert_array_equal(histories.appearance, [[0, 0], BLUE])
    histories.extend(np.array([1]), observation([], 3), np.zeros(2))
    histories.keep(np.array([False, True]))
    assert histories.appearance[0, 0] == 0.0 < histories.appearance[0, 1]


def test_links_know_of_appearance_only_where_they_are_asked_for():
    histories, plain = crowd(5, 4)
    embeddings = np.random.default_rng(0).normal(size=(4, 8))
    coloured = np.concatenate([plain, embeddings], axis=1)
    without = association_graph(histories, coloured, VIEW, np.zeros(2))
    unknown = association_graph(histories, plain, VIEW, np.zeros(2), appearance=True)
    assert without.appearance.shape == (without.edge_index.shape[1], 0)
    np.testing.assert_array_equal(unknown.edge_attr, without.edge_attr)
    assert unknown.appearance.shape[1] == APPEARANCE_FEATURES
    assert not unknown.appearance.any()
    histories.appearance = np.repeat(embeddings[:1], 5, axis=0)
    known = association_graph(histories, coloured, VIEW, np.zeros(2), appearance=True)
    first = known.ends[1] == 0
    np.testing.assert_allclose(known.appearance[first, 1], 1.0, atol=1e-6)
    np.testing.assert_allclose(known.appearance[first, 3], 0.0, atol=1e-6)
    assert (known.appearance[~first, 1] < 0.99).all()


def test_tracklets_look_like_their_boxes():
    """Two people cross; which tracklets are alike is in the links between them::

    red   ●●●●○○○●●●●
    blue  ●●●●○○○●●●●
    """
    boxes, track = crossing()
    embeddings = np.where(track[:, None] == 1, RED, BLUE)
    tracklets = find_tracklets(np.concatenate([boxes, embeddings], axis=1), track, np.ones(len(boxes)))
    graph, links = tracklet_graph(tracklets, VIEW, 6, 60, appearance=True)
    same = tracklets.track[links[0]] == tracklets.track[links[1]]
    assert same.any() and (~same).any()
    np.testing.assert_allclose(graph.appearance[:, 1], same, atol=1e-6)
    assert tracklet_graph(tracklets, VIEW, 6, 60).graph.appearance.shape == (len(same), 0)
