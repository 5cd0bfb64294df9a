"""Appearance: how similar the embeddings of two nodes are, as features of the link between them."""

from __future__ import annotations

import numpy as np

from gnntrack.association.feature_columns import APPEARANCE, APPEARANCE_FEATURES
from gnntrack.compiled import compiled

#: Columns of the two highest cosines of an end.
_FIRST, _SECOND = 0, 1
#: Cosine used where a link has no rival.
_NO_RIVAL = -1.0


def unit(vectors: np.ndarray) -> np.ndarray:
    """Vectors ``(N, A)`` of length 1; zeros, which stand for "not known", stay zeros.

    Example:
        >>> unit(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist()
        [[0.6, 0.8], [0.0, 0.0]]
    """
    vectors = np.asarray(vectors, dtype=float)
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    result: np.ndarray = np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 0)
    return result


def nothing_known(links: np.ndarray) -> np.ndarray:
    """Appearance features of links ``(2, E)`` for a network without an appearance branch: ``(E, 0)``."""
    return np.zeros((links.shape[1], 0), dtype=np.float32)


def appearance_features(left: np.ndarray, right: np.ndarray, links: np.ndarray) -> np.ndarray:
    """``(E, APPEARANCE_FEATURES)`` of the candidates ``links (2, E)``; all zeros where an end has no embedding.

    How discriminative embeddings are shows only in differences between cosines, so each link is also compared with its
    rivals: the other candidates of its ends.

    Args:
        left: ``(T, A)`` embeddings of the sources, of any length; zeros: not known.
        right: ``(D, A)`` of the targets.
        links: ``(2, E)`` rows of both.

    Example:
        >>> left, right = np.array([[1.0, 0.0]]), np.array([[1.0, 0.0], [0.0, 1.0]])
        >>> appearance_features(left, right, np.array([[0, 0], [0, 1]])).tolist()
        [[1.0, 1.0, 1.0, 2.0], [1.0, 0.0, -1.0, 1.0]]
    """
    if not left.shape[1]:
        return np.zeros((links.shape[1], APPEARANCE_FEATURES), dtype=np.float32)
    source, target = links
    left, right = unit(left), unit(right)
    cosine = np.einsum("ea,ea->e", left[source], right[target])
    known = np.any(left, axis=1)[source] & np.any(right, axis=1)[target]
    return _against_rivals(links, cosine, known, len(left), len(right))


@compiled
def _against_rivals(links: np.ndarray, cosine: np.ndarray, known: np.ndarray, left: int, right: int) -> np.ndarray:
    best = np.full((left + right, 2), _NO_RIVAL)
    for link in range(links.shape[1]):
        if known[link]:
            for end in (links[0, link], left + links[1, link]):
                if cosine[link] > best[end, _FIRST]:
                    best[end, _SECOND], best[end, _FIRST] = best[end, _FIRST], cosine[link]
                elif cosine[link] > best[end, _SECOND]:
                    best[end, _SECOND] = cosine[link]
    x = np.zeros((links.shape[1], APPEARANCE_FEATURES), dtype=np.float32)
    for link in range(links.shape[1]):
        if known[link]:
            x[link, APPEARANCE.known], x[link, APPEARANCE.cosine] = 1.0, cosine[link]
            x[link, APPEARANCE.track_margin] = _margin(cosine[link], best[links[0, link]])
            x[link, APPEARANCE.detection_margin] = _margin(cosine[link], best[left + links[1, link]])
    return x


@compiled
def _margin(value: float, best: np.ndarray) -> float:
    """How much more than the best of the others."""
    return value - (best[_SECOND] if value >= best[_FIRST] else best[_FIRST])
