"""Link scores of a whole sequence by tracking through it, forwards and backwards."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gnntrack.graphs.association import View
from gnntrack.graphs.histories import FRAME
from gnntrack.models.association_network import AssociationNetwork
from gnntrack.models.settings import AssociationSettings
from gnntrack.tracking.association_linker import AssociationLinker

NONE = -1


class ScoredLinks(NamedTuple):
    """Links between rows of a sequence.

    Attributes:
        links: ``(2, M)``, past to future.
        probability: ``(M,)``.
    """

    links: np.ndarray
    probability: np.ndarray


def replay(
    seen: np.ndarray,
    view: View,
    network: AssociationNetwork,
    settings: AssociationSettings,
    follows: np.ndarray | None = None,
) -> ScoredLinks:
    """Tracks forwards and backwards, and averages what the two directions say of every link.

    A link that one direction did not come to see, because it had given one of its ends away, counts as 0 there.

    Args:
        seen: ``(N, 6)`` observations, sorted by frame.
        view: of the video.
        network: scores candidates.
        settings: thresholds and memory.
        follows: ``(N,)`` the row that each row is followed by, −1 for none: exactly these links are made, and so the
            ends of tracklets are scored against the beginnings of others. Without it the network's own links are made.
    """
    mirrored = seen[::-1].copy()
    mirrored[:, FRAME] = mirrored[:1, FRAME] + 1 - mirrored[:, FRAME]
    last = len(seen) - 1
    before = after = None
    if follows is not None:
        before = np.full(len(seen), NONE)
        before[follows[follows >= 0]] = np.flatnonzero(follows >= 0)
        after = np.where(follows >= 0, last - follows, NONE)[::-1]
    forward = _pass(seen, AssociationLinker(network, settings, view), before)
    backward = _pass(mirrored, AssociationLinker(network, settings, view), after)
    links = np.concatenate([forward.links, last - backward.links[::-1]], axis=1)
    share = 0.5 * np.concatenate([forward.probability, backward.probability])
    key, inverse = np.unique(links[0] * len(seen) + links[1], return_inverse=True)
    return ScoredLinks(np.stack(np.divmod(key, max(len(seen), 1))), np.bincount(inverse, share, len(key)))


def _pass(seen: np.ndarray, linker: AssociationLinker, before: np.ndarray | None) -> ScoredLinks:
    """One direction of time; ``before``: the row that each row follows, where links are given."""
    starts = np.append(np.flatnonzero(np.diff(seen[:, FRAME], prepend=-1)), len(seen))
    links, probability = [np.zeros((2, 0), dtype=np.int64)], [np.zeros(0)]
    for first, stop in zip(starts[:-1], starts[1:], strict=True):
        rows = np.arange(first, stop)
        candidates = linker.step(seen[first:stop], rows, None if before is None else before[first:stop])
        links.append(candidates.links)
        probability.append(candidates.probability)
    return ScoredLinks(np.concatenate(links, axis=1), np.concatenate(probability))
