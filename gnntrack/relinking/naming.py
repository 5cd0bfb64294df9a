"""Which identity each track shows: the one that most boxes of its chain of tracklets have shown."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment

from gnntrack.association.histories import FRAME
from gnntrack.compiled import compiled
from gnntrack.relinking.joining import chains
from gnntrack.relinking.settling import exchanged, tracklet_of_every_box
from gnntrack.relinking.window import PROBABILITY, SETTLED, TRACK, KnownTracks


def elected(
    of: np.ndarray, track: np.ndarray, links: np.ndarray, shown: np.ndarray, known: KnownTracks
) -> tuple[np.ndarray, np.ndarray]:
    """Gives every chain with a current track the identity that most of its boxes showed.

    Args:
        of: ``(N,)`` the tracklet of each box, of T; −1: none.
        track: ``(T,)`` of each tracklet.
        links: ``(2, L)`` between tracklets.
        shown: ``(N,)`` the identity that each box has shown.
        known: K tracks.

    Returns:
        ``(K,)`` the identities that known tracks show from now on, and ``(T,)`` those of tracklets; 0: not known.
    """
    chain = chains(len(track), links)
    last, place = _ends_of_chains(track, links, known.tracks)
    identities, votes = _votes(of, shown, chain, last, known.shown[place])
    winner, won = linear_sum_assignment(votes, maximize=True)
    voted = votes[winner, won] > 0
    new = np.zeros_like(known.shown)
    new[place[winner[voted]]] = identities[won[voted]]
    new = exchanged(known.shown, new)
    identity = np.zeros(len(track) + 1, dtype=np.int64)
    identity[chain[last]] = new[place]
    return new, identity[chain]


@compiled
def _ends_of_chains(track: np.ndarray, links: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The last tracklets of known tracks that no other follows ``(R,)``, and the positions of these tracks.

    Args:
        track: ``(T,)`` of each tracklet, ascending.
        links: ``(2, L)`` between tracklets.
        known: ``(K,)`` tracks, ascending.
    """
    followed = np.zeros(len(track), dtype=np.bool_)
    for link in range(links.shape[1]):
        followed[links[0, link]] = True
    last, place, count = np.empty(len(known), dtype=np.int64), np.empty(len(known), dtype=np.int64), 0
    at = 0
    for tracklet in range(len(track)):
        if followed[tracklet] or (tracklet + 1 < len(track) and track[tracklet + 1] == track[tracklet]):
            continue
        while at < len(known) and known[at] < track[tracklet]:
            at += 1
        if at < len(known) and known[at] == track[tracklet]:
            last[count], place[count] = tracklet, at
            count += 1
    return last[:count].copy(), place[:count].copy()


@compiled
def _votes(
    of: np.ndarray, shown: np.ndarray, chain: np.ndarray, last: np.ndarray, now: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The identities ``(I,)`` that some chains may show, ascending, and how many of their boxes did ``(R, I)``.

    Args:
        of: ``(N,)`` tracklet of each box; −1: none.
        shown: ``(N,)`` identity that it showed; 0: none.
        chain: ``(T,)`` of each tracklet.
        last: ``(R,)`` the last tracklet of each chain.
        now: ``(R,)`` the identity that each shows now, which counts as half a box: it breaks ties.
    """
    row = np.full(len(chain) + 1, -1)
    for place in range(len(last)):
        row[chain[last[place]]] = place
    # boxes of a tracklet show the same identity for long: what changed is counted with the box before
    newest, at = np.zeros(len(chain), dtype=np.int64), np.empty(len(chain), dtype=np.int64)
    voter, choice = np.empty(len(of) + len(now), dtype=np.int64), np.empty(len(of) + len(now), dtype=np.int64)
    weight, count = np.zeros(len(of) + len(now)), 0
    for box in range(len(of)):
        tracklet = of[box]
        if tracklet < 0 or shown[box] == 0 or row[chain[tracklet]] < 0:
            continue
        if newest[tracklet] != shown[box]:
            newest[tracklet], at[tracklet] = shown[box], count
            voter[count], choice[count] = row[chain[tracklet]], shown[box]
            count += 1
        weight[at[tracklet]] += 1.0
    for place in range(len(now)):
        voter[count], choice[count], weight[count] = place, now[place], 0.5
        count += 1
    identities, number = np.empty(count, dtype=np.int64), 0  # put in one by one: there are few, and no sort to compile
    for vote in range(count):
        place = np.searchsorted(identities[:number], choice[vote])
        if place == number or identities[place] != choice[vote]:
            for later in range(number, place, -1):
                identities[later] = identities[later - 1]
            identities[place] = choice[vote]
            number += 1
    votes = np.zeros((len(last), number))
    for vote in range(count):
        votes[voter[vote], np.searchsorted(identities[:number], choice[vote])] += weight[vote]
    return identities[:number].copy(), votes


def settled_late(rows: np.ndarray, of: np.ndarray, identity: np.ndarray, lag: int) -> np.ndarray:
    """Identities ``(N,)`` of the boxes of a window: those of their tracklets, where they are not reported yet.

    Args:
        rows: ``(N, ≥ WINDOW_COLUMNS)`` of the window.
        of: ``(N,)`` the tracklet of each.
        identity: ``(T,)`` of the tracklets; 0: not known.
        lag: frames that are not reported yet.
    """
    by_track = np.lexsort([rows[:, FRAME], rows[:, TRACK]])
    of = tracklet_of_every_box(of[by_track], rows[by_track, TRACK], rows[by_track, PROBABILITY])
    named = np.where(of >= 0, identity[of], 0)
    late = (rows[by_track, FRAME] > rows[-1, FRAME] - lag) & (named > 0)
    settled = rows[:, SETTLED].copy()
    settled[by_track[late]] = named[late]
    return settled


def find(values: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Position of each of the wanted, an array of any shape, among ascending values; −1: not there.

    Example:
        >>> find(np.array([5, 7, 9]), np.array([9, 6, 5])).tolist()
        [2, -1, 0]
    """
    if not len(values):
        return np.full(wanted.shape, -1)
    place = np.minimum(np.searchsorted(values, wanted), len(values) - 1)
    return np.where(values[place] == wanted, place, -1)
