"""The nearest boxes of every box in the frames around it, exactly, without a table of all pairs."""

from __future__ import annotations

import numpy as np

from gnntrack.compiled import compiled
from gnntrack.geometry.boxes import X, Y


def nearest_pairs(
    centre: np.ndarray, layer: np.ndarray, gaps: tuple[int, int], count: int, farthest: float
) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of boxes of which one is among the nearest ``count`` of the other in its layer.

    Args:
        centre: ``(N, 2)``.
        layer: ``(N,)`` int64; boxes of one layer lie in one frame (and belong to one group).
        gaps: least and largest difference of the layers of a pair; 0: others of the same layer.
        count: how many are near; of equal distances the lower position comes first.
        farthest: what is farther away is not near.

    Returns:
        The box of each pair in the lower layer, and that in the upper one, in no order: ``(P,)`` int64 each. Within a
        layer a box comes first and what is near to it second; a pair may stand twice.

    Example:
        >>> centre = np.array([[0.0, 0.0], [4.0, 0.0], [9.0, 0.0]])
        >>> lower, upper = nearest_pairs(centre, np.array([1, 2, 2]), (1, 5), count=1, farthest=100.0)
        >>> sorted(zip(lower.tolist(), upper.tolist()))
        [(0, 1), (0, 1), (0, 2)]
    """
    across, down = centre[:, X], centre[:, Y]
    order = np.lexsort([across, layer])
    layers, starts = np.unique(layer[order], return_index=True)
    stops = np.append(starts, len(order))
    found = _search(across[order], down[order], order, layers.astype(np.int64), stops, gaps, count, float(farthest))
    return found[0], found[1]


@compiled
def _search(
    across: np.ndarray,
    down: np.ndarray,
    row: np.ndarray,
    layers: np.ndarray,
    starts: np.ndarray,
    gaps: tuple[int, int],
    count: int,
    farthest: float,
) -> np.ndarray:
    """The pairs ``(2, P)`` of points that are sorted by layer and within it from left to right."""
    least, most = gaps
    room = 0
    for lower in range(len(layers)):
        upper = lower
        while upper < len(layers) and layers[upper] - layers[lower] <= most:
            if layers[upper] - layers[lower] >= least:
                below, above = starts[lower + 1] - starts[lower], starts[upper + 1] - starts[upper]
                room += below * min(count, above) + above * min(count, below)
            upper += 1
    pairs = np.empty((2, room), dtype=np.int64)
    distance, place = np.empty(count), np.empty(count, dtype=np.int64)
    filled = 0
    for lower in range(len(layers)):
        upper = lower
        while upper < len(layers) and layers[upper] - layers[lower] <= most:
            if layers[upper] - layers[lower] >= least:
                for ahead in range(1 if upper == lower else 2):
                    here, there = (upper, lower) if ahead else (lower, upper)
                    middle = starts[there]
                    for point in range(starts[here], starts[here + 1]):
                        while middle < starts[there + 1] and across[middle] < across[point]:
                            middle += 1
                        number = 0
                        for way in range(2):
                            other = middle if way else middle - 1
                            while starts[there] <= other < starts[there + 1]:
                                aside = across[other] - across[point]
                                limit = distance[count - 1] if number == count else farthest * farthest
                                if aside * aside > limit:
                                    break
                                if other != point:
                                    squared = aside * aside + (down[other] - down[point]) ** 2
                                    if squared <= farthest * farthest:
                                        number = _keep(distance, place, number, squared, row[other])
                                other += 1 if way else -1
                        for rank in range(number):
                            pairs[0, filled] = place[rank] if ahead else row[point]
                            pairs[1, filled] = row[point] if ahead else place[rank]
                            filled += 1
            upper += 1
    return pairs[:, :filled]


@compiled
def _keep(distance: np.ndarray, place: np.ndarray, number: int, squared: float, row: int) -> int:
    """Puts a point among the nearest so far, if it is one of them; returns how many they are then."""
    spot = number
    while spot > 0 and (squared < distance[spot - 1] or (squared == distance[spot - 1] and row < place[spot - 1])):
        if spot < len(distance):
            distance[spot], place[spot] = distance[spot - 1], place[spot - 1]
        spot -= 1
    if spot < len(distance):
        distance[spot], place[spot] = squared, row
        return min(number + 1, len(distance))
    return number
