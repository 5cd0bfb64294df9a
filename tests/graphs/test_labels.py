"""Which links are true."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gnntrack.graphs.labels import edge_labels, kept_links, true_links


def test_missed_detection_is_bridged():
    """Identity 7 is missed in frame 2: its link spans two frames.

    frame   1     2     3
    id 7    0 ────────▶ 2
    id 8          1
    none                3
    """
    links = true_links(np.array([7, 8, 7, -1]), np.array([1, 2, 3, 3]))
    assert links.tolist() == [[0], [2]]


def test_labels_mark_only_the_next_box():
    """0 → 1 → 2 is one identity; 0 → 2 skips a box that is there, so it is false."""
    links = true_links(np.array([5, 5, 5]), np.array([1, 2, 3]))
    edges = np.array([[0, 0, 1], [1, 2, 2]])
    assert edge_labels(edges, links, 3).tolist() == [1, 0, 1]
    assert kept_links(edge_labels(edges, links, 3), links, np.array([1, 2, 3]), 2) == (2, 2)


@given(st.lists(st.tuples(st.integers(-1, 4), st.integers(1, 8)), max_size=30, unique=True))
def test_links_equal_a_walk_along_each_identity(pairs):
    pairs = sorted(pairs, key=lambda pair: pair[1])
    identity = np.array([pair[0] for pair in pairs], dtype=int)
    frame = np.array([pair[1] for pair in pairs], dtype=int)
    expected = set()
    for name in set(identity.tolist()) - {-1}:
        rows = np.flatnonzero(identity == name).tolist()
        expected |= set(pairwise(rows))
    assert {tuple(link) for link in true_links(identity, frame).T.tolist()} == expected
