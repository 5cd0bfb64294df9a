"""How much more probable links are than others that one of their ends could have had."""

from __future__ import annotations

import numpy as np

from gnntrack.compiled import compiled


def margins(ends: np.ndarray, probability: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """How much more probable each of L links is than the best other candidate of either of its ends, ``(L,)``.

    Args:
        ends: ``(2, E)`` of all candidates.
        probability: ``(E,)``.
        chosen: ``(L,)`` positions of the links.

    Example:
        >>> ends = np.array([[0, 0, 1], [0, 1, 1]])
        >>> margins(ends, np.array([0.5, 0.25, 0.75]), np.array([0, 2])).tolist()
        [0.25, 0.5]
    """
    return margins_of(np.ascontiguousarray(ends), probability.astype(np.float64), chosen)


@compiled
def margins_of(ends: np.ndarray, probability: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """See :func:`margins`, for other compiled functions."""
    result = np.empty(len(chosen))
    for link in range(len(chosen)):
        result[link] = probability[chosen[link]]
    for side in range(2):
        last = 0
        for candidate in range(len(probability)):
            last = max(last, ends[side, candidate])
        best, second = np.full(last + 1, -1), np.zeros(last + 1)  # the best candidate of an end, and the next best
        for candidate in range(len(probability)):
            end = ends[side, candidate]
            before = best[end]
            if before < 0 or probability[candidate] > probability[before]:
                second[end] = 0.0 if before < 0 else probability[before]
                best[end] = candidate
            else:
                second[end] = max(second[end], probability[candidate])
        for link in range(len(chosen)):
            end = ends[side, chosen[link]]
            rival = second[end] if best[end] == chosen[link] else probability[best[end]]
            result[link] = min(result[link], probability[chosen[link]] - rival)
    return result


def clear_of_rivals(ends: np.ndarray, probability: np.ndarray, chosen: np.ndarray, margin: float) -> np.ndarray:
    """Which candidates ``(E,)`` are chosen, and more probable by a margin than all others of their ends.

    Args:
        ends: ``(2, E)``.
        probability: ``(E,)``.
        chosen: ``(E,)`` whether each is a link.
        margin: 0: the others do not matter.

    Example:
        >>> ends, probability = np.array([[0, 0, 1], [0, 1, 1]]), np.array([0.5, 0.25, 0.75])
        >>> clear_of_rivals(ends, probability, np.array([True, False, True]), 0.4).tolist()
        [False, False, True]
    """
    if not margin:
        return chosen
    result = np.zeros(len(chosen), dtype=bool)
    links = np.flatnonzero(chosen)
    result[links[margins(ends, probability, links) >= margin]] = True
    return result
