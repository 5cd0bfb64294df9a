"""Labels of a graph's links, from the ground truth."""

from __future__ import annotations

import numpy as np

from gnntrack.errors import DataError


def true_links(identity: np.ndarray, frame: np.ndarray) -> np.ndarray:
    """Links from each box to the next box of the same identity among those present.

    A missed detection does not cut a track: the link spans the gap.

        frame   1     2     3
        id 7    a ────────▶ c        b is another identity, so a → c
        id 8          b

    Args:
        identity: ``(N,)``, −1 for boxes of no identity.
        frame: ``(N,)``.

    Returns:
        ``(2, L)`` int64, sorted by source.

    Raises:
        DataError: an identity stands twice in a frame.

    Example:
        >>> true_links(np.array([7, 8, 7, -1]), np.array([1, 2, 3, 4])).tolist()
        [[0], [2]]
    """
    order = np.lexsort([frame, identity])
    source, target = order[:-1], order[1:]
    same = (identity[source] == identity[target]) & (identity[source] >= 0)
    links = np.stack([source[same], target[same]])
    twice = np.flatnonzero(frame[links[0]] == frame[links[1]])
    if len(twice):
        node = int(links[0, twice[0]])
        raise DataError(
            f"identity {int(identity[node])} stands twice in frame {int(frame[node])}",
            remedy="an identity has one box a frame; -1 is no identity",
        )
    return links[:, np.argsort(links[0], kind="stable")]


def edge_labels(edges: np.ndarray, links: np.ndarray, count: int) -> np.ndarray:
    """1 for the edges that are true links, else 0: ``(E,)`` float32.

    Args:
        edges: ``(2, E)`` candidates.
        links: ``(2, L)`` from :func:`true_links`.
        count: number of nodes.

    Example:
        >>> edge_labels(np.array([[0, 0], [1, 2]]), np.array([[0], [2]]), 3).tolist()
        [0.0, 1.0]
    """
    return np.isin(edges[0] * count + edges[1], links[0] * count + links[1]).astype(np.float32)


def kept_links(labels: np.ndarray, links: np.ndarray, frame: np.ndarray, max_gap: int) -> tuple[int, int]:
    """How many true links within ``max_gap`` are among the candidates, and how many there are.

    Their ratio is the recall that pruning leaves to a perfect scorer.
    """
    within = frame[links[1]] - frame[links[0]] <= max_gap
    return int(labels.sum()), int(within.sum())
