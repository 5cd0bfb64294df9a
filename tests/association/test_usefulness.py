"""How much embeddings tell: nothing where strangers look as alike as one object does, all where they do not."""

from __future__ import annotations

import numpy as np
import pytest

from gnntrack.association.feature_columns import APPEARANCE, APPEARANCE_FEATURES
from gnntrack.association.graph import BipartiteGraph
from gnntrack.association.usefulness import SURE, Usefulness
from gnntrack.errors import DataError

RNG = np.random.default_rng(0)


def cosines(mean: float, deviation: float, count: int = 200) -> np.ndarray:
    return RNG.normal(mean, deviation, count)


def graph(cosine: list[float], known: float = 1.0) -> BipartiteGraph:
    """Two tracks, two detections, all four links: 0→0, 0→1, 1→0, 1→1."""
    empty = np.zeros((0, 1), dtype=np.float32)
    appearance = np.zeros((4, APPEARANCE_FEATURES), dtype=np.float32)
    appearance[:, APPEARANCE.known], appearance[:, APPEARANCE.cosine] = known, cosine
    links = np.array([[0, 0, 1, 1], [2, 3, 2, 3]])
    return BipartiteGraph(np.zeros((2, 1)), np.zeros((2, 1)), links, empty, np.zeros((2, 0), int), empty, appearance)


def test_embeddings_count_where_boxes_are_sure_of_nothing():
    """Nobody is where they were: no link is sure, and embeddings are all that there is."""
    usefulness = Usefulness()
    for _ in range(40):
        usefulness.weighed(graph([0.9, 0.1, 0.2, 0.9]), np.full(4, 0.3), None)
    assert usefulness.share == 1.0


def test_share_grows_with_the_distance_of_the_two_distributions():
    shares = []
    for alike in (0.4, 0.45, 0.5, 0.6):
        usefulness = Usefulness()
        usefulness.learn(cosines(alike, 0.1), cosines(0.4, 0.1))
        shares.append(usefulness.share)
    assert shares[0] == 0.0
    assert shares == sorted(shares)
    assert shares[-1] > 0.9


def test_strangers_who_look_more_alike_than_one_object_make_embeddings_worthless():
    usefulness = Usefulness()
    usefulness.learn(cosines(0.3, 0.1), cosines(0.8, 0.1))
    assert usefulness.share == 0.0


def test_what_changes_is_forgotten():
    """A camera that goes dark: embeddings told much, and tell nothing any more."""
    usefulness = Usefulness()
    for _ in range(50):
        usefulness.learn(cosines(0.9, 0.05, 5), cosines(0.3, 0.05, 5))
    before = usefulness.share
    for _ in range(800):
        usefulness.learn(cosines(0.3, 0.05, 5), cosines(0.3, 0.05, 5))
    assert before > 0.9
    assert usefulness.share < 0.05


def test_learns_from_links_that_boxes_are_sure_of_and_from_their_rivals():
    """Track 0 is surely detection 0; whose link 1→1 is, nobody knows."""
    usefulness = Usefulness()
    probability = np.array([SURE + 0.05, 0.02, 0.02, 0.5])
    for _ in range(40):
        usefulness.weighed(graph([0.9, 0.1, 0.2, 0.5]), probability, None)
    state = usefulness.state()
    count, total, _ = state["alike"].tolist()
    assert total / count == pytest.approx(0.9)
    count, total, _ = state["strangers"].tolist()
    assert total / count == pytest.approx(0.15)


def test_strangers_are_those_of_one_frame_where_their_embeddings_are_given():
    usefulness = Usefulness()
    seen = np.array([[1.0, 0.0], [0.0, 0.0], [0.6, 0.8]])  # the second is not known
    usefulness.weighed(graph([0.9, 0.1, 0.2, 0.5]), np.array([0.95, 0.0, 0.0, 0.0]), seen)
    count, total, _ = usefulness.state()["strangers"].tolist()
    assert (count, total) == (1.0, pytest.approx(0.6))


def test_what_is_not_known_teaches_nothing():
    usefulness = Usefulness()
    usefulness.weighed(graph([0.9, 0.1, 0.2, 0.5], known=0.0), np.full(4, 0.99), None)
    assert not usefulness.state()["alike"].any()


def test_appearance_counts_by_the_share_and_not_at_all_at_0():
    worthless = Usefulness()
    worthless.learn(cosines(0.5, 0.1), cosines(0.5, 0.1))
    assert not worthless.weighed(graph([0.9, 0.1, 0.2, 0.5]), np.zeros(4), None).appearance.any()
    usefulness = Usefulness()
    usefulness.learn(cosines(0.9, 0.05), cosines(0.3, 0.05))
    some = usefulness.weighed(graph([0.9, 0.1, 0.2, 0.5]), np.zeros(4), None).appearance
    np.testing.assert_allclose(some[:, APPEARANCE.known], usefulness.share, rtol=1e-6)
    np.testing.assert_allclose(some[:, APPEARANCE.cosine], [0.9, 0.1, 0.2, 0.5], rtol=1e-6)


def test_goes_on_where_it_was_saved():
    one, other = Usefulness(), Usefulness()
    one.learn(cosines(0.9, 0.05), cosines(0.3, 0.05))
    other.restore(one.state())
    assert other.share == one.share
    with pytest.raises(DataError, match="give a file that Tracker"):
        other.restore({"alike": np.zeros(2), "strangers": np.zeros(3)})
