"""Runs an association network over a whole video: links are found, or given and scored."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from gnntrack.association.histories import FRAME
from gnntrack.association.linker import AssociationLinker
from gnntrack.association.rounding import identities_from_links
from gnntrack.association.step import Given, Step
from gnntrack.geometry.camera_motion import CameraMotion
from gnntrack.models.compiled_bundle import CompiledNetworks
from gnntrack.models.tracking_settings import TrackingSettings
from gnntrack.sequence import View

NONE = -1


class ScoredLinks(NamedTuple):
    """Links between rows of a video.

    Attributes:
        candidates: ``(2, M)``, past to future.
        probability: ``(M,)``.
        links: ``(2, L)`` the chosen ones, which make the tracks.
        track: ``(N,)`` the track of each row as the tracker counts them, from 1; 0: none, negative: not confirmed then.
        link_probability: ``(N,)`` probability of the chosen link into each row; 0: none, or it was given.
    """

    candidates: np.ndarray
    probability: np.ndarray
    links: np.ndarray
    track: np.ndarray
    link_probability: np.ndarray


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


def find_links(
    detections: np.ndarray,
    view: View,
    network: CompiledNetworks,
    settings: TrackingSettings,
    groups: np.ndarray | None = None,
    camera: CameraMotion | None = None,
) -> ScoredLinks:
    """Tracks once from first to last frame, as the online tracker does.

    Args:
        detections: ``(N, 6 + A)`` observations, sorted by frame.
        view: of the video.
        network: scores candidates.
        settings: thresholds and memory.
        groups: ``(N,)`` only detections of one group are linked; None: all are of one.
        camera: its motion, if it is known.
    """
    return _pass(detections, network.linker(settings, view), None, groups, camera)


def score_links(
    detections: np.ndarray,
    view: View,
    network: CompiledNetworks,
    settings: TrackingSettings,
    follows: np.ndarray,
    begins: np.ndarray,
    groups: np.ndarray | None = None,
    camera: CameraMotion | None = None,
    joins: bool = False,
) -> ScoredLinks:
    """Goes along given tracks forwards and backwards, and averages the two probabilities of every candidate.

    A link between two tracks is scored once with the whole past of the first, and once with the whole future of the
    second; a link that is no candidate in one direction counts as 0 there.

    Args:
        detections: ``(N, 6 + A)`` observations, sorted by frame.
        view: of the video.
        network: scores candidates.
        settings: memory: longest gap of a candidate.
        follows: ``(N,)`` the row that each row is followed by, −1 for none.
        begins: ``(N,)`` whether a row that belongs to no link is a track of its own.
        groups: ``(N,)`` only detections of one group are linked; None: all are of one.
        camera: its motion, if it is known.
        joins: only candidates from the end of a track to the beginning of one are asked for: no others are kept, and
            frames where no track begins (backwards: ends) are not scored.
    """
    mirrored = detections[::-1].copy()
    mirrored[:, FRAME] = mirrored[:1, FRAME] + 1 - mirrored[:, FRAME]
    last = len(detections) - 1
    linked = follows >= 0
    before = np.full(len(detections), NONE)
    before[follows[linked]] = linked.nonzero()[0]
    tracks = begins | linked | (before >= 0)
    after = np.where(linked, last - follows, NONE)
    forward = _pass(detections, network.linker(settings, view), Given(before, tracks), groups, camera, joins)
    mirrored_groups = None if groups is None else groups[::-1].copy()
    there = Given(after[::-1], tracks[::-1])
    back = None if camera is None or not len(detections) else camera.backwards(int(detections[-1, FRAME]))
    backward = _pass(mirrored, network.linker(settings, view), there, mirrored_groups, back, joins)
    links = np.concatenate([forward.candidates, last - backward.candidates[::-1]], axis=1)
    share = 0.5 * np.concatenate([forward.probability, backward.probability])
    key, inverse = np.unique(links[0] * len(detections) + links[1], return_inverse=True)
    probability = np.bincount(inverse, share, len(key))
    links = np.stack(np.divmod(key, max(len(detections), 1)))
    return ScoredLinks(links, probability, forward.links, forward.track, forward.link_probability)


def _pass(
    detections: np.ndarray,
    linker: AssociationLinker,
    given: Given | None = None,
    groups: np.ndarray | None = None,
    camera: CameraMotion | None = None,
    joins: bool = False,
) -> ScoredLinks:
    """One direction of time; ``joins``: see :func:`score_links`."""
    nothing = np.zeros((2, 0), dtype=np.int64)
    candidates, probability, links = [nothing], [np.zeros(0)], [nothing]
    track, link_probability = np.zeros(len(detections), dtype=np.int64), np.zeros(len(detections))
    ends = np.ones(len(detections), dtype=bool)  # rows that no row follows
    if given is not None:
        ends[given.before[given.before >= 0]] = False
    for first, stop, step in steps(detections, linker, given, groups, camera, joins):
        source, target = step.candidates
        kept = ends[source] & (given.before[target] == NONE) if joins and given is not None else slice(None)
        candidates.append(step.candidates[:, kept])
        probability.append(step.probability[kept])
        links.append(step.links)
        track[first:stop], link_probability[first:stop] = step.ids, step.link_probability
    found, chosen = np.concatenate(candidates, axis=1), np.concatenate(links, axis=1)
    return ScoredLinks(found, np.concatenate(probability), chosen, track, link_probability)


def steps(
    detections: np.ndarray,
    linker: AssociationLinker,
    given: Given | None = None,
    groups: np.ndarray | None = None,
    camera: CameraMotion | None = None,
    joins: bool = False,
) -> Iterator[tuple[int, int, Step]]:
    """Links a video frame by frame: first row of every frame, the row after its last, and the step.

    Arguments are those of :func:`find_links`; ``given``: the links, ``joins``: see :func:`score_links`.
    """
    starts = np.append(np.flatnonzero(np.diff(detections[:, FRAME], prepend=-1)), len(detections))
    before = 0
    for first, stop in pairwise(starts.tolist()):
        here = None
        if given is not None:
            rows = given.before[first:stop]
            here = Given(rows, given.begins[first:stop], not joins or bool((rows == NONE).any()))
        kinds = None if groups is None else groups[first:stop]
        frame = int(detections[first, FRAME])
        moved = None if camera is None else camera.between(before, frame)
        before = frame
        yield first, stop, linker.step(detections[first:stop], np.arange(first, stop), here, groups=kinds, camera=moved)
