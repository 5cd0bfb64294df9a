"""Rounding is exact: as good as trying every choice."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gnntrack.association import rounding
from gnntrack.tracking import identities_from_links, round_links


def valid(edges):
    return len(set(edges[0].tolist())) == edges.shape[1] == len(set(edges[1].tolist()))


def best_by_trial(edges, gain):
    """The largest total of any valid choice of links."""
    best = 0.0
    for size in range(1, len(gain) + 1):
        for chosen in combinations(range(len(gain)), size):
            rows = list(chosen)
            if valid(edges[:, rows]):
                best = max(best, gain[rows].sum())
    return best


links = st.dictionaries(st.tuples(st.integers(0, 3), st.integers(4, 7)), st.floats(0.01, 0.99), min_size=0, max_size=9)


@given(links, st.sampled_from([0.3, 0.5, 0.7]))
def test_exact_equals_trial_of_all_choices(candidates, threshold):
    edges = np.array(list(candidates), dtype=int).reshape(-1, 2).T
    probability = np.array(list(candidates.values()))
    chosen = round_links(edges, probability, threshold)
    assert valid(edges[:, chosen])
    total = (probability - threshold)[chosen].sum()
    assert total == pytest.approx(best_by_trial(edges, probability - threshold), abs=1e-9)


@pytest.mark.parametrize("seed", range(20))
def test_parts_that_are_too_large_for_a_table_are_solved_as_well(monkeypatch, seed):
    rng = np.random.default_rng(seed)
    edges = np.stack(np.nonzero(rng.random((12, 15)) < 0.3)) + np.array([[0], [12]])
    probability = rng.random(edges.shape[1])
    usual = round_links(edges, probability)
    monkeypatch.setattr(rounding, "LARGEST_TABLE", 6.0)
    assert (round_links(edges, probability) == usual).all()


@given(links)
def test_greedy_equals_a_plain_loop(candidates):
    edges = np.array(list(candidates), dtype=int).reshape(-1, 2).T
    probability = np.array(list(candidates.values()))
    taken_out, taken_in, expected = set(), set(), set()
    for row in sorted(range(len(probability)), key=lambda row: (-probability[row], row)):
        a, b = edges[:, row].tolist()
        if probability[row] > 0.5 and a not in taken_out and b not in taken_in:
            taken_out.add(a)
            taken_in.add(b)
            expected.add(row)
    assert set(np.flatnonzero(round_links(edges, probability, method="greedy")).tolist()) == expected


def test_a_box_is_out_port_and_in_port():
    """The middle of a track has a link in and a link out.

    0 ──▶ 1 ──▶ 2
    """
    edges = np.array([[0, 1], [1, 2]])
    assert round_links(edges, np.array([0.9, 0.9])).all()


def test_no_links():
    assert round_links(np.zeros((2, 0), dtype=int), np.zeros(0)).tolist() == []
    assert round_links(np.array([[0], [1]]), np.array([0.4])).tolist() == [False]


def test_large_problem():
    """A hundred tracks of fifty boxes with crossing candidates: the true links win."""
    tracks, length = 100, 50
    node = np.arange(tracks * length).reshape(length, tracks)
    true = np.stack([node[:-1].ravel(), node[1:].ravel()])
    wrong = np.stack([node[:-1].ravel(), np.roll(node[1:], 1, axis=1).ravel()])
    edges = np.concatenate([true, wrong], axis=1)
    probability = np.concatenate([np.full(true.shape[1], 0.8), np.full(wrong.shape[1], 0.7)])
    chosen = round_links(edges, probability)
    assert chosen[: true.shape[1]].all()
    assert not chosen[true.shape[1] :].any()
    assert identities_from_links(edges[:, chosen], tracks * length).max() == tracks
