"""How much more probable links are than others that one of their ends could have had."""

from __future__ import annotations

import numpy as np


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
    rivals = np.maximum(*(_best_other(side, probability, chosen) for side in ends))
    result: np.ndarray = probability[chosen] - rivals
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


def _best_other(end: np.ndarray, probability: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """The highest probability ``(L,)`` among the other candidates of an end; 0: there is none."""
    order = np.lexsort([-probability, end])
    new = np.flatnonzero(np.diff(end[order], prepend=-1))
    count = np.diff(np.append(new, len(order)))
    first = order[new]
    second = np.where(count > 1, probability[order[np.minimum(new + 1, len(order) - 1)]], 0.0)
    place = np.searchsorted(end[first], end[chosen])
    result: np.ndarray = np.where(first[place] == chosen, second[place], probability[first][place])
    return result
