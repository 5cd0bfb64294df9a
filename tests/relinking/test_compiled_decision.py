"""The compiled parts of a decision against the same said plainly, on random windows."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from gnntrack.association.histories import observations
from gnntrack.relinking import candidates as searching
from gnntrack.relinking.candidates import LARGEST_DISTANCE
from gnntrack.relinking.compiled_correction import Prepared, prepared
from gnntrack.relinking.cutting import by_track
from gnntrack.relinking.graph import tracklet_graph
from gnntrack.relinking.joining import chains
from gnntrack.relinking.naming import elected
from gnntrack.relinking.settling import exchanged, open_heads, settle
from gnntrack.relinking.surroundings import Surroundings
from gnntrack.relinking.tracklets import Tracklets, find_tracklets
from gnntrack.relinking.window import (
    CLEAR,
    GROUP,
    PROBABILITY,
    RELATIVE,
    SHOWN,
    TRACK,
    WINDOW_COLUMNS,
    KnownTracks,
)
from tests.relinking.test_tracklets import VIEW

SEEDS = st.integers(0, 10_000)


def window(seed: int, frames: int = 90) -> tuple[np.ndarray, np.ndarray]:
    """Observations of people who come, go, and are in each other's way, and the track of each; 0: none."""
    rng = np.random.default_rng(seed)
    rows = []
    for track in range(1, 9):
        first, last = np.sort(rng.integers(1, frames, 2))
        left, speed = rng.uniform(0, 300), rng.normal(0, 3)
        for frame in range(first, last + 1):
            if rng.random() < 0.85:
                noise = rng.normal(0, 1, 4)
                box = (left + speed * frame + noise[0], 50 + noise[1], 40 + noise[2], 90 + noise[3])
                rows.append((*box, frame, rng.uniform(0.3, 1.0), track if rng.random() < 0.95 else 0))
    table = np.array(sorted(rows, key=lambda row: row[4])).reshape(-1, 7)
    return observations(table[:, :4], table[:, 5], table[:, 4]), table[:, 6].astype(np.int64)


def some_links(tracklets: Tracklets, rng: np.random.Generator) -> np.ndarray:
    """At most one from each tracklet, and one to each, forward in time."""
    links = [
        (one, other)
        for one, other in zip(rng.permutation(len(tracklets)), rng.permutation(len(tracklets)), strict=True)
        if tracklets.tail.frame[one] < tracklets.head.frame[other] and rng.random() < 0.7
    ]
    return np.array(links, dtype=np.int64).reshape(-1, 2).T.copy()


@given(seed=SEEDS, sparse=st.booleans())
def test_boxes_by_track_are_in_the_order_of_a_stable_sort(seed, sparse):
    rng = np.random.default_rng(seed)
    track = rng.integers(-2, 9, rng.integers(0, 60)) * (10**14 if sparse else 1)
    tracked = np.flatnonzero(track > 0)
    np.testing.assert_array_equal(by_track(track), tracked[np.argsort(track[tracked], kind="stable")])


@given(seed=SEEDS, most=st.integers(1, 6))
def test_ranks_are_those_of_a_sort(seed, most):
    """Of equal distances, the link that comes first is nearer; ranks beyond the most are not told apart."""
    rng = np.random.default_rng(seed)
    links = np.unique(rng.integers(0, 12, (2, 60)), axis=1)
    distance = rng.integers(0, 8, links.shape[1]).astype(float)
    expected = np.empty(links.shape, dtype=np.int64)
    for side in range(2):
        for end in range(12):
            mine = np.flatnonzero(links[side] == end)
            expected[side, mine[np.argsort(distance[mine], kind="stable")]] = np.arange(len(mine))
    np.testing.assert_array_equal(searching._ranks(links, distance, 12, most), np.minimum(expected, most))


@given(seed=SEEDS)
def test_candidates_are_near_or_the_trackers_own(seed):
    detections, track = window(seed)
    tracklets = find_tracklets(detections, track, np.ones(len(track)))
    few = set(map(tuple, tracklet_graph(tracklets, VIEW, 2, 40).links.T.tolist()))
    all_ = tracklet_graph(tracklets, VIEW, 1000, 40)
    own = {(i, j) for i, j in enumerate(tracklets.following.tolist()) if j >= 0}
    assert own <= few <= set(map(tuple, all_.links.T.tolist()))
    distance = all_.graph.edge_attr[:, -1] * 2.0
    assert (distance[[pair not in own for pair in map(tuple, all_.links.T.tolist())]] < LARGEST_DISTANCE).all()


def of_window(detections: np.ndarray, track: np.ndarray, seed: int) -> np.ndarray:
    """The rows of a window; some boxes are not clear, tracks are of two groups."""
    rng, count = np.random.default_rng(seed), len(track)
    rows = np.zeros((count, WINDOW_COLUMNS))
    rows[:, : detections.shape[1]] = detections
    rows[:, [TRACK, PROBABILITY, CLEAR]] = np.stack([track, rng.random(count), rng.random(count) < 0.9], axis=1)
    rows[:, RELATIVE], rows[:, SHOWN], rows[:, GROUP] = rng.normal(size=(count, 2)), track, track % 2
    return rows


@given(seed=SEEDS)
def test_a_window_is_prepared_as_its_parts_are(seed):
    """In one call: the tracklets, what was decided of them before and is final, and the graph of the others."""
    rng, (detections, track) = np.random.default_rng(seed), window(seed)
    detections, track = detections[track > 0], track[track > 0]
    rows, now, reach = of_window(detections, track, seed), 130, 30
    around = Surroundings(rows[:, CLEAR] > 0, rows[:, RELATIVE])
    tracklets = find_tracklets(detections, track, rows[:, PROBABILITY], around, groups=rows[:, GROUP])
    key, links = (tracklets.track << 32) + tracklets.head.frame.astype(np.int64), some_links(tracklets, rng)
    left = np.array([[7], [8]], dtype=np.int64)  # a link whose tracklets have left the window
    made = Prepared(
        *prepared(rows, np.concatenate([key[links], left], axis=1), float(open_heads(now)), 4, reach, VIEW.frame_rate)
    )
    settled = settle(tracklets, links, now)
    expected = tracklet_graph(tracklets, VIEW, 4, reach, settled)
    np.testing.assert_array_equal(made.links, links[:, settled.head[links[1]]])
    np.testing.assert_array_equal(made.candidates, expected.links)
    for one, other in ((made.of, tracklets.of), (made.track, tracklets.track), (made.key, key), (made.shown, track)):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(made.ends + np.array([[0], [len(made.tails)]]), expected.graph.edge_index)
    for name, values in (("past", made.past), ("future", made.future), ("edge_attr", made.pairs)):
        # where the camera stands is counted from another frame
        np.testing.assert_allclose(values, getattr(expected.graph, name), rtol=1e-6, atol=1e-12)


@given(seed=SEEDS)
def test_chains_are_named_for_their_first_tracklet(seed):
    detections, track = window(seed)
    tracklets = find_tracklets(detections, track, np.ones(len(track)))
    links = some_links(tracklets, np.random.default_rng(seed))
    previous = dict(zip(links[1].tolist(), links[0].tolist(), strict=True))
    for tracklet, name in enumerate(chains(len(tracklets), links).tolist()):
        first = tracklet
        while first in previous:
            first = previous[first]
        assert name == first + 1


@given(seed=SEEDS)
def test_identities_are_those_of_most_boxes(seed):
    """Against the votes counted box by box."""
    rng = np.random.default_rng(seed)
    detections, track = window(seed)
    tracklets = find_tracklets(detections, track, np.ones(len(track)))
    links, shown = some_links(tracklets, rng), rng.integers(0, 7, len(track))
    tracks = np.unique(track[track > 0])[rng.random(len(np.unique(track[track > 0]))) < 0.8]
    known = KnownTracks.begun(tracks, rng.permutation(np.arange(1, len(tracks) + 1)))
    new, identity = elected(tracklets.of, tracklets.track, links, shown, known)
    chain, rows = chains(len(tracklets), links), []
    for place, one in enumerate(tracks.tolist()):
        last = np.flatnonzero(tracklets.track == one)[-1]
        if last not in links[0]:
            rows.append((place, chain[last]))
    names = sorted(
        {int(known.shown[place]) for place, _ in rows}
        | {
            int(shown[box])
            for box, of in enumerate(tracklets.of)
            if of >= 0 and shown[box] and chain[of] in {name for _, name in rows}
        }
    )
    votes = np.zeros((len(rows), len(names)))
    for row, (place, name) in enumerate(rows):
        votes[row, names.index(int(known.shown[place]))] += 0.5
        for box, of in enumerate(tracklets.of):
            if of >= 0 and chain[of] == name and shown[box]:
                votes[row, names.index(int(shown[box]))] += 1.0
    expected = np.zeros(len(tracks), dtype=np.int64)
    for row, column in zip(*linear_sum_assignment(votes, maximize=True), strict=True):
        if votes[row, column]:
            expected[rows[row][0]] = names[column]
    expected = exchanged(known.shown, expected)
    np.testing.assert_array_equal(new, expected)
    of_chain = {name: expected[place] for place, name in rows}
    assert identity.tolist() == [of_chain.get(name, 0) for name in chain.tolist()]
