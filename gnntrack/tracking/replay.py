"""Going through a whole video with an association network: links found, or links given and scored."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from gnntrack.association.histories import FRAME
from gnntrack.association.linker import AssociationLinker, Given, Step
from gnntrack.association.rounding import identities_from_links
from gnntrack.models.bundle import AssociationNetwork
from gnntrack.models.tracking_settings import TrackingSettings
from gnntrack.sequence import View

NONE = -1


class ScoredLinks(NamedTuple):
    """Links between rows of a video.

    Attributes:
        links: ``(2, M)``, past to future.
        probability: ``(M,)``.
        made: ``(2, L)`` the links that tracks were made of.
        track: ``(N,)`` the track of each row as the tracker counts them, from 1; 0: none, negative: not confirmed then.
        chance: ``(N,)`` probability of the made link into each row; 0: none, or it was given.
    """

    links: np.ndarray
    probability: np.ndarray
    made: np.ndarray
    track: np.ndarray
    chance: np.ndarray


def tracks_of_links(links: np.ndarray, count: int) -> np.ndarray:
    """The track ``(count,)`` of each row, from 1; 0 where no link reaches or leaves it."""
    track = identities_from_links(links, count)
    alone = np.ones(count, dtype=bool)
    alone[links.ravel()] = False
    track[alone] = 0
    return track


def links_of_tracks(track: np.ndarray) -> np.ndarray:
    """The links ``(2, L)`` between the boxes of every track from 1, rows in order of time; the inverse of the above."""
    order = np.flatnonzero(track > 0)
    order = order[np.argsort(track[order], kind="stable")]
    same = track[order[1:]] == track[order[:-1]]
    return np.stack([order[:-1][same], order[1:][same]])


def find_links(seen: np.ndarray, view: View, network: AssociationNetwork, settings: TrackingSettings) -> ScoredLinks:
    """Tracks once from first to last frame, as the online tracker does.

    Args:
        seen: ``(N, 6 + A)`` observations, sorted by frame.
        view: of the video.
        network: scores candidates.
        settings: thresholds and memory.
    """
    return _pass(seen, network.linker(settings, view))


def score_links(
    seen: np.ndarray,
    view: View,
    network: AssociationNetwork,
    settings: TrackingSettings,
    follows: np.ndarray,
    begins: np.ndarray,
) -> ScoredLinks:
    """Goes along given tracks forwards and backwards, and averages what the two directions say of every candidate.

    A link between two tracks is seen once with all that the first did before, and once with all that the second did
    after; one that only one direction saw counts as 0 in the other.

    Args:
        seen: ``(N, 6 + A)`` observations, sorted by frame.
        view: of the video.
        network: scores candidates.
        settings: memory: longest gap of a candidate.
        follows: ``(N,)`` the row that each row is followed by, −1 for none.
        begins: ``(N,)`` whether a row that belongs to no link is a track of its own.
    """
    mirrored = seen[::-1].copy()
    mirrored[:, FRAME] = mirrored[:1, FRAME] + 1 - mirrored[:, FRAME]
    last = len(seen) - 1
    linked = follows >= 0
    before = np.full(len(seen), NONE)
    before[follows[linked]] = linked.nonzero()[0]
    tracks = begins | linked | (before >= 0)
    after = np.where(linked, last - follows, NONE)
    forward = _pass(seen, network.linker(settings, view), Given(before, tracks))
    backward = _pass(mirrored, network.linker(settings, view), Given(after[::-1], tracks[::-1]))
    links = np.concatenate([forward.links, last - backward.links[::-1]], axis=1)
    share = 0.5 * np.concatenate([forward.probability, backward.probability])
    key, inverse = np.unique(links[0] * len(seen) + links[1], return_inverse=True)
    probability = np.bincount(inverse, share, len(key))
    links = np.stack(np.divmod(key, max(len(seen), 1)))
    return ScoredLinks(links, probability, forward.made, forward.track, forward.chance)


def _pass(seen: np.ndarray, linker: AssociationLinker, given: Given | None = None) -> ScoredLinks:
    """One direction of time."""
    nothing = np.zeros((2, 0), dtype=np.int64)
    links, probability, made = [nothing], [np.zeros(0)], [nothing]
    track, chance = np.zeros(len(seen), dtype=np.int64), np.zeros(len(seen))
    for first, stop, step in steps(seen, linker, given):
        links.append(step.links)
        probability.append(step.probability)
        made.append(step.made)
        track[first:stop], chance[first:stop] = step.ids, step.chance
    found = np.concatenate(links, axis=1)
    return ScoredLinks(found, np.concatenate(probability), np.concatenate(made, axis=1), track, chance)


def steps(seen: np.ndarray, linker: AssociationLinker, given: Given | None = None) -> Iterator[tuple[int, int, Step]]:
    """Goes through a video: first row of every frame, the row after its last, and what happened in it."""
    starts = np.append(np.flatnonzero(np.diff(seen[:, FRAME], prepend=-1)), len(seen))
    for first, stop in pairwise(starts.tolist()):
        here = None if given is None else Given(given.before[first:stop], given.begins[first:stop])
        yield first, stop, linker.step(seen[first:stop], np.arange(first, stop), here)
