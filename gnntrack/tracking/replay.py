"""Runs an association network over a whole video: links are found, or given and scored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from gnntrack.association.histories import FRAME
from gnntrack.association.linker import AssociationLinker
from gnntrack.association.step import Given, Step
from gnntrack.geometry.camera_motion import CameraMotion
from gnntrack.models.compiled_bundle import CompiledNetworks
from gnntrack.models.tracking_settings import TrackingSettings
from gnntrack.scratch import Scratch
from gnntrack.sequence import View
from gnntrack.tracking.row_links import NONE, RowLinks


class FoundLinks(NamedTuple):
    """The links between the N rows of a video that a tracker made.

    Attributes:
        links: themselves.
        track: ``(N,)`` the track of each row as the tracker counts them, from 1; 0: none, negative: not confirmed then.
        probability: ``(N,)`` of the link into each row; 0: there is none.
    """

    links: RowLinks
    track: np.ndarray
    probability: np.ndarray


class ScoredLinks(NamedTuple):
    """Candidate links between rows of a video.

    Attributes:
        candidates: ``(2, M)``, past to future; sorted.
        probability: ``(M,)``.
    """

    candidates: np.ndarray
    probability: np.ndarray


_NOTHING = ScoredLinks(np.zeros((2, 0), dtype=np.int64), np.zeros(0, dtype=np.float32))


def find_links(
    detections: np.ndarray,
    view: View,
    network: CompiledNetworks,
    settings: TrackingSettings,
    groups: np.ndarray | None = None,
    camera: CameraMotion | None = None,
    scratch: Scratch | None = None,
) -> FoundLinks:
    """Tracks once from first to last frame, as the online tracker does.

    Args:
        detections: ``(N, 6 + A)`` observations, sorted by frame.
        view: of the video.
        network: scores candidates.
        settings: thresholds and memory.
        groups: ``(N,)`` only detections of one group are linked; None: all are of one.
        camera: its motion, if it is known.
        scratch: makes the arrays.
    """
    scratch = scratch or Scratch()
    links = RowLinks.nothing(len(detections), scratch)
    track = scratch.full(len(detections), 0, np.int64)
    probability = scratch.full(len(detections), 0, np.float64)
    linker = network.linker(settings, view)
    for first, stop, step in steps(detections, linker, None, groups, camera, scratch=scratch):
        links.add(step.links)
        track[first:stop], probability[first:stop] = step.ids, step.link_probability
    return FoundLinks(links, track, probability)


def score_links(
    detections: np.ndarray,
    view: View,
    network: CompiledNetworks,
    settings: TrackingSettings,
    links: RowLinks,
    begins: np.ndarray,
    groups: np.ndarray | None = None,
    camera: CameraMotion | None = None,
    joins: bool = False,
    least: float = -1.0,
    scratch: Scratch | None = None,
) -> ScoredLinks:
    """Goes along given tracks forwards and backwards, and averages the two probabilities of every candidate.

    A link between two tracks is scored once with the whole past of the first, and once with the whole future of the
    second; a link that is no candidate in one direction counts as 0 there.

    Args:
        detections: ``(N, 6 + A)`` observations, sorted by frame.
        view: of the video.
        network: scores candidates.
        settings: memory: longest gap of a candidate.
        links: given.
        begins: ``(N,)`` whether a row that belongs to no link is a track of its own.
        groups: ``(N,)`` only detections of one group are linked; None: all are of one.
        camera: its motion, if it is known.
        joins: only candidates from the end of a track to the beginning of one are asked for: no others are kept, and
            frames where no track begins (backwards: ends) are not scored.
        least: candidates are left out that are not more probable.
        scratch: makes the arrays.
    """
    scratch = scratch or Scratch()
    count = len(detections)
    about = detections, network, settings, view, links, begins, groups, camera, joins
    keys, score = _in_order(_one_way(*about, False, scratch), count)
    met, found, probability = np.zeros(len(keys), dtype=bool), [], []
    for (later, earlier), backward in _one_way(*about, True, scratch):
        key = (count - 1 - later) * count + count - 1 - earlier
        place = np.searchsorted(keys, key)  # the last key is larger than all others
        known = keys[place] == key
        met[place[known]] = True
        both = 0.5 * np.where(known, score[place], 0.0).astype(np.float64) + 0.5 * backward.astype(np.float64)
        found.append(key[both > least])
        probability.append(both[both > least])
    alone = 0.5 * score.astype(np.float64)
    forward_only = ~met & (alone > least)
    forward_only[-1] = False
    key = np.concatenate([*found, keys[forward_only]])
    target, source = np.divmod(key, max(count, 1))
    order = np.lexsort([target, source])
    both = np.concatenate([*probability, alone[forward_only]])
    return ScoredLinks(np.stack([source[order], target[order]]), both[order])


def _in_order(parts: Iterator[ScoredLinks], count: int) -> tuple[np.ndarray, np.ndarray]:
    """Candidates that come in the order of the later row's frame, as ascending numbers, and the score of each.

    The number is the later row times ``count`` plus the earlier one; at the end stands a larger one.
    """
    keys, scores = [], []
    for (source, target), probability in parts:
        key = target * count + source
        order = np.argsort(key)
        keys.append(key[order])
        scores.append(probability[order])
    keys.append(np.array([count * count]))
    scores.append(np.zeros(1, dtype=np.float32))
    return np.concatenate(keys), np.concatenate(scores)


def _one_way(
    detections: np.ndarray,
    network: CompiledNetworks,
    settings: TrackingSettings,
    view: View,
    links: RowLinks,
    begins: np.ndarray,
    groups: np.ndarray | None,
    camera: CameraMotion | None,
    joins: bool,
    backwards: bool,
    scratch: Scratch,
) -> Iterator[ScoredLinks]:
    """One direction of time, some frames at a time, see :func:`score_links`; backwards, rows count from the last."""
    way = -1 if backwards else 1
    seen = links.backwards() if backwards else links
    if backwards and camera is not None and len(detections):
        camera = camera.backwards(int(detections[-1, FRAME]))
    begin = begins[::way]

    def given(rows: slice) -> tuple[np.ndarray, np.ndarray]:
        before = seen.before_rows(rows)
        return before, begin[rows] | (before != NONE) | seen.followed(rows)

    there = None if groups is None else groups[::way]
    linker = network.linker(settings, view)
    some, number = [_NOTHING], 0
    for _, _, step in steps(detections[::way], linker, given, there, camera, joins, backwards, scratch):
        found, score = step.candidates, step.probability
        if joins and len(score):
            kept = ~seen.followed(found[0]) & (seen.before_rows(found[1]) == NONE)
            found, score = found[:, kept], score[kept]
        if len(score):
            some.append(ScoredLinks(found, score))
            number += len(score)
        if number >= scratch.rows:
            yield _joined(some)
            some, number = [_NOTHING], 0
    yield _joined(some)


def _joined(parts: list[ScoredLinks]) -> ScoredLinks:
    candidates, probability = zip(*parts, strict=True)
    return ScoredLinks(np.concatenate(candidates, axis=1), np.concatenate(probability))


def steps(
    detections: np.ndarray,
    linker: AssociationLinker,
    given: Callable[[slice], tuple[np.ndarray, np.ndarray]] | None = None,
    groups: np.ndarray | None = None,
    camera: CameraMotion | None = None,
    joins: bool = False,
    backwards: bool = False,
    scratch: Scratch | None = None,
) -> Iterator[tuple[int, int, Step]]:
    """Links a video frame by frame: first row of every frame, the row after its last, and the step.

    Args:
        detections: ``(N, 6 + A)`` observations, sorted by frame.
        linker: links them.
        given: of rows, the row that each must follow, and whether it begins a track; None: links are found.
        groups: ``(N,)`` only detections of one group are linked; None: all are of one.
        camera: its motion, if it is known.
        joins: of given links, see :func:`score_links`.
        backwards: rows are sorted from the last frame to the first; frames are counted from the last.
        scratch: of the arrays.
    """
    before, last = 0, detections[:1, FRAME] + 1
    for part in (scratch or Scratch()).parts(detections[:, FRAME]):
        here = np.ascontiguousarray(detections[part])
        if backwards:
            here = here.copy()
            here[:, FRAME] = last - here[:, FRAME]
        kinds = None if groups is None else np.ascontiguousarray(groups[part])
        known = None if given is None else given(part)
        starts = np.append(np.flatnonzero(np.diff(here[:, FRAME], prepend=-1)), len(here)) + part.start
        for first, stop in pairwise(starts.tolist()):
            rows = slice(first - part.start, stop - part.start)
            frame = int(here[rows.start, FRAME])
            moved = None if camera is None else camera.between(before, frame)
            before = frame
            links = None
            if known is not None:
                row, begins = known[0][rows], known[1][rows]
                links = Given(row, begins, not joins or bool((row == NONE).any()))
            group = None if kinds is None else kinds[rows]
            yield first, stop, linker.step(here[rows], np.arange(first, stop), links, groups=group, camera=moved)
