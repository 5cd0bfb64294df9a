"""Assignment: which candidate links are chosen in one frame."""

from __future__ import annotations

import numpy as np

from gnntrack.compiled import compiled

#: Links of a lower probability are never chosen.
LEAST = 0.1


@compiled
def assign(links: np.ndarray, probability: np.ndarray, threshold: float) -> np.ndarray:
    """The links that maximise Σ p, at most one a track and one a detection, among those that are allowed.

    A link is allowed where the candidates of either end together have a probability above the threshold. If two lost
    tracks and two detections fit each other equally well (0.25 each), any pairing is better than four tracks.

    Args:
        links: ``(2, E)`` track and detection of each candidate; sorted.
        probability: ``(E,)``.
        threshold: probability of having a partner at all, above which an end gets one.

    Returns:
        Positions in ``links``, ascending.

    Example:
        >>> assign(np.array([[0, 0, 1], [0, 1, 0]]), np.array([0.9, 0.6, 0.8]), 0.5).tolist()
        [1, 2]
        >>> assign(np.array([[0, 0, 1, 1], [0, 1, 0, 1]]), np.array([0.26, 0.24, 0.24, 0.26]), 0.4).tolist()
        [0, 3]
    """
    likely = _likely(links, probability, threshold)
    chosen, _ = best_of_parts(links[:, likely], probability[likely], np.inf)
    return likely[chosen]


@compiled
def best_of_parts(links: np.ndarray, gain: np.ndarray, most: float) -> tuple[np.ndarray, np.ndarray]:
    """The links that maximise Σ gain, at most one a source and one a target: each part by itself, exactly.

    Args:
        links: ``(2, L)``.
        gain: ``(L,)``, above 0.
        most: parts of more sources times targets are left to others.

    Returns:
        ``(L,)`` which are chosen, and which are left.
    """
    part = _parts(links)
    chosen, left = np.zeros(len(gain), dtype=np.bool_), np.zeros(len(gain), dtype=np.bool_)
    order = np.argsort(part, kind="mergesort")
    first = 0
    while first < len(order):
        stop = first + 1
        while stop < len(order) and part[order[stop]] == part[order[first]]:
            stop += 1
        if stop == first + 1:
            chosen[order[first]] = True
        else:
            _solve(links, gain, order[first:stop], most, chosen, left)
        first = stop
    return chosen, left


@compiled
def _likely(links: np.ndarray, probability: np.ndarray, threshold: float) -> np.ndarray:
    """Links that are allowed."""
    last_track, last_detection = 0, 0
    for link in range(len(probability)):
        last_track, last_detection = max(last_track, links[0, link]), max(last_detection, links[1, link])
    tracks, detections = np.zeros(last_track + 1), np.zeros(last_detection + 1)
    for link in range(len(probability)):
        tracks[links[0, link]] += probability[link]
        detections[links[1, link]] += probability[link]
    likely = np.empty(len(probability), dtype=np.int64)
    count = 0
    for link in range(len(probability)):
        most = max(tracks[links[0, link]], detections[links[1, link]])
        if probability[link] > LEAST and most > threshold:
            likely[count] = link
            count += 1
    return likely[:count]


@compiled
def _parts(links: np.ndarray) -> np.ndarray:
    """A number ``(L,)`` for each link, the same where links hang together by shared ends: that of the first."""
    count = links.shape[1]
    above = np.arange(count)  # a forest of links; roots are the first links of their parts
    for side in range(2):
        last = 0
        for link in range(count):
            last = max(last, links[side, link])
        met = np.full(last + 1, -1)
        for link in range(count):
            end = links[side, link]
            if met[end] >= 0:
                one, other = _root(above, met[end]), _root(above, link)
                above[max(one, other)] = min(one, other)
            met[end] = link
    for link in range(count):
        above[link] = _root(above, link)
    return above


@compiled
def _root(above: np.ndarray, link: int) -> int:
    while above[link] != link:
        above[link] = above[above[link]]
        link = above[link]
    return link


@compiled
def _solve(
    links: np.ndarray, gain: np.ndarray, mine: np.ndarray, most: float, chosen: np.ndarray, left: np.ndarray
) -> None:
    """Chooses among links that hang together, ``mine``: sets ``chosen`` of them; of too many, ``left``."""
    ends = np.empty((2, len(mine)), dtype=np.int64)
    counts = np.zeros(2, dtype=np.int64)
    for side in range(2):
        mine_ends = links[side][mine]
        order = np.argsort(mine_ends)
        for rank in range(len(order)):
            counts[side] += rank == 0 or mine_ends[order[rank]] != mine_ends[order[rank - 1]]
            ends[side, order[rank]] = counts[side] - 1
    if float(counts[0]) * counts[1] > most:
        left[mine] = True
        return
    few = 0 if counts[0] <= counts[1] else 1
    table, at = np.zeros((counts[few], counts[1 - few])), np.full((counts[few], counts[1 - few]), -1)
    for place in range(len(mine)):
        table[ends[few, place], ends[1 - few, place]] = gain[mine[place]]
        at[ends[few, place], ends[1 - few, place]] = mine[place]
    row_of = _best_rows(table)
    for column in range(len(row_of)):
        if row_of[column] >= 0 and at[row_of[column], column] >= 0:
            chosen[at[row_of[column], column]] = True


@compiled
def _best_rows(gain: np.ndarray) -> np.ndarray:
    """The row of each column, −1: none, that maximise the sum of gains ``(R, C)``; R ≤ C, every row gets a column.

    Shortest augmenting paths, a row after the other.
    """
    rows, columns = gain.shape
    of_row, of_column = np.zeros(rows), np.zeros(columns)  # dual variables
    row_of = np.full(columns, -1)
    for new in range(rows):
        shortest, before = np.full(columns, np.inf), np.full(columns, -1)
        done = np.zeros(columns, dtype=np.bool_)
        row, last, length = new, -1, 0.0
        while row >= 0:  # to the nearest column, until one is free
            nearest = -1
            for column in range(columns):
                if not done[column]:
                    reduced = length - gain[row, column] - of_row[row] - of_column[column]
                    if reduced < shortest[column]:
                        shortest[column], before[column] = reduced, last
                    if nearest < 0 or shortest[column] < shortest[nearest]:
                        nearest = column
            done[nearest] = True
            last, length = nearest, shortest[nearest]
            row = row_of[nearest]
        of_row[new] += length
        for column in range(columns):
            if done[column] and column != last:
                of_row[row_of[column]] += length - shortest[column]
                of_column[column] -= length - shortest[column]
        while last >= 0:  # every column on the way takes over the row of the one before
            earlier = before[last]
            row_of[last] = row_of[earlier] if earlier >= 0 else new
            last = earlier
    return row_of
