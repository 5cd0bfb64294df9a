"""Which identity each track shows: the one that most boxes of its chain of tracklets have shown."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment

from gnntrack.association.histories import FRAME
from gnntrack.relinking.joining import chains
from gnntrack.relinking.settling import exchanged, tracklet_of_every_box
from gnntrack.relinking.tracklets import Tracklets
from gnntrack.relinking.window import PROBABILITY, SETTLED, TRACK, KnownTracks


def elected(
    tracklets: Tracklets, links: np.ndarray, shown: np.ndarray, known: KnownTracks
) -> tuple[np.ndarray, np.ndarray]:
    """Gives every chain with a current track the identity that most of its boxes showed.

    Args:
        tracklets: T of them.
        links: ``(2, L)`` between them.
        shown: ``(N,)`` the identity that each box has shown.
        known: K tracks.

    Returns:
        ``(K,)`` the identities that known tracks show from now on, and ``(T,)`` those of tracklets; 0: not known.
    """
    chain = chains(tracklets, links)
    ended = np.ones(len(tracklets), dtype=bool)
    ended[links[0]] = False
    last = np.flatnonzero(np.append(np.diff(tracklets.track) != 0, True))
    place = find(known.tracks, tracklets.track[last])
    there = ended[last] & (place >= 0)
    last, place = last[there], place[there]
    # votes: boxes of each chain that showed each identity; the current one breaks ties
    row = find(chain[last], np.where(tracklets.of >= 0, chain[tracklets.of], 0))
    cast = (row >= 0) & (shown > 0)
    identities, column = np.unique(np.append(shown[cast], known.shown[place]), return_inverse=True)
    size = (len(last), len(identities))
    cell = np.append(row[cast], np.arange(len(last))) * size[1] + column
    weight = np.append(np.ones(cast.sum()), np.full(len(last), 0.5))
    votes = np.bincount(cell, weight, size[0] * size[1]).reshape(size)
    winner, won = linear_sum_assignment(votes, maximize=True)
    voted = votes[winner, won] > 0
    new = np.zeros_like(known.shown)
    new[place[winner[voted]]] = identities[won[voted]]
    new = exchanged(known.shown, new)
    identity = np.zeros(chain.max(initial=-1) + 1, dtype=np.int64)
    identity[chain[last]] = new[place]
    return new, identity[chain]


def settle_late(rows: np.ndarray, of: np.ndarray, identity: np.ndarray, lag: int) -> None:
    """Gives the boxes of a window that are not reported yet the identity of their tracklet.

    Args:
        rows: ``(N, ≥ WINDOW_COLUMNS)`` of the window; changed.
        of: ``(N,)`` the tracklet of each.
        identity: ``(T,)`` of the tracklets; 0: not known.
        lag: frames that are not reported yet.
    """
    by_track = np.lexsort([rows[:, FRAME], rows[:, TRACK]])
    of = tracklet_of_every_box(of[by_track], rows[by_track, TRACK], rows[by_track, PROBABILITY])
    named = np.where(of >= 0, identity[of], 0)
    late = (rows[by_track, FRAME] > rows[-1, FRAME] - lag) & (named > 0)
    rows[by_track[late], SETTLED] = named[late]


def find(values: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Position of each of the wanted among values that differ, −1: not there.

    Example:
        >>> find(np.array([7, 5, 9]), np.array([5, 6, 9])).tolist()
        [1, -1, 2]
    """
    if not len(values):
        return np.full(len(wanted), -1)
    order = np.argsort(values)
    place = order[np.minimum(np.searchsorted(values[order], wanted), len(values) - 1)]
    return np.where(values[place] == wanted, place, -1)
