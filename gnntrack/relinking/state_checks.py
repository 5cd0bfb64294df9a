"""What must hold of saved identities: where it does not, compiled code would read beyond arrays, or never end."""

from __future__ import annotations

import numpy as np

from gnntrack.association.histories import FRAME
from gnntrack.relinking.window import SETTLED, SHOWN, TRACK, KnownTracks
from gnntrack.sorting import LARGEST_WHOLE
from gnntrack.state import require


def check_identities(shown: np.ndarray, last: int) -> None:
    """Raises unless identities ``(K,)`` differ and are among those that were given, 1 to ``last``.

    Raises:
        DataError: see above.

    Example:
        >>> check_identities(np.array([3, 3]), 5)
        Traceback (most recent call last):
            ...
        gnntrack.errors.DataError: an identity of two tracks in the state; give a file that Tracker.save wrote
    """
    require(_given(shown, last), "identities that nobody was given")
    require(len(np.unique(shown)) == len(shown), "an identity of two tracks")


def check_settled(settled: np.ndarray, last: int) -> None:
    """Raises unless the identities ``(N,)`` of boxes are among those that were given; boxes may share one.

    Raises:
        DataError: see above.
    """
    require(_given(settled, last), "identities that nobody was given")


def check_links(decided: np.ndarray) -> None:
    """Raises unless links ``(2, L)`` between keys of tracklets lead to later ones, one from and one to each at most.

    Raises:
        DataError: see above.
    """
    frame = decided & 0xFFFFFFFF
    require((decided >= 0).all() and (frame[0] < frame[1]).all(), "links to earlier tracklets")
    require(all(len(np.unique(ends)) == len(ends) for ends in decided), "two links of one tracklet")


def check_window(rows: np.ndarray, known: KnownTracks, last: int) -> None:
    """Raises unless boxes ``(N, ≥ WINDOW_COLUMNS)`` are by frame, one of a track and an identity in each frame.

    Raises:
        DataError: see above, or known tracks were last seen in other frames.
    """
    frame = rows[:, FRAME]
    require((np.diff(frame) >= 0).all() and _whole(frame).all() and (frame >= 1).all(), "boxes that are not in order")
    require(not (len(rows) and len(known.last)) or frame[-1] == known.last.max(), "boxes of other frames")
    for column in (TRACK, SHOWN, SETTLED):  # there are as many identities as tracks, or more
        check_settled(rows[:, column], last)
    for column in (TRACK, SHOWN):
        order = np.lexsort([rows[:, column], frame])
        same = (np.diff(frame[order]) == 0) & (np.diff(rows[order, column]) == 0)
        require(not same.any(), "two boxes of one track in a frame")


def check_known(known: KnownTracks, last: int) -> None:
    """Raises unless known tracks are in order, and their identities and frames can be.

    Raises:
        DataError: see above.
    """
    tracks = known.tracks
    require(
        (np.diff(tracks) > 0).all() and (tracks > 0).all() and (tracks <= last).all(), "tracks that are not in order"
    )
    require(((known.clear >= 0) & (known.clear <= known.last) & _whole(known.last)).all(), "tracks that cannot be")
    check_identities(known.shown, last)


def _given(identity: np.ndarray, last: int) -> bool:
    return bool(((identity >= 1) & (identity <= min(last, LARGEST_WHOLE)) & _whole(identity)).all())


def _whole(values: np.ndarray) -> np.ndarray:
    return np.asarray(values == np.floor(values))
