"""The nearest of tracks and detections, exactly, without a table of all pairs.

Points are sorted from left to right; a search goes both ways from where it stands, until whatever is farther along is
farther away than the nearest so far. What counts is the distance as it is rounded, and of equal distances the lower
position, so the result is that of a table of all distances.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gnntrack.association.nearest_few import Nearest, keep_nearest, nothing_near
from gnntrack.association.predictions import MIDDLE
from gnntrack.compiled import compiled
from gnntrack.geometry.boxes import HEIGHT, X, Y

#: Columns of the two smallest distances.
FIRST, SECOND = 0, 1
#: Tracks whose slack differs by up to this factor are searched together.
_ALIKE = 2.0
#: What squares may be off: as a factor, and where they are too small for factors.
_ROUNDING, _TINY = 1.0 + 1e-9, 1e-300


class Near(NamedTuple):
    """Tracks against detections: E candidate links.

    Attributes:
        links: ``(2, E)`` track and detection of each; sorted.
        distance: ``(E,)`` in heights.
        rank_track: ``(E,)`` rank of the detection for the track, from 0; as many as are searched: beyond the nearest.
        rank_detection: ``(E,)`` rank of the track for the detection, likewise.
        of_track: ``(T, 2)`` the two smallest distances of each track, infinity where there is no second.
        of_detection: ``(D, 2)`` those of each detection.
    """

    links: np.ndarray
    distance: np.ndarray
    rank_track: np.ndarray
    rank_detection: np.ndarray
    of_track: np.ndarray
    of_detection: np.ndarray


class Points(NamedTuple):
    """T tracks: where each was and where it should be, and by what its distances are divided.

    Attributes:
        was: ``(T, ≥ 4)`` newest box.
        expected: ``(T, 4, 4)``, see :func:`.predictions.predictions`.
        slack: ``(T,)`` its height, more after a long gap.
        group: ``(T,)``.
    """

    was: np.ndarray
    expected: np.ndarray
    slack: np.ndarray
    group: np.ndarray


@compiled
def candidate_links(
    newest: np.ndarray,
    predicted: np.ndarray,
    gap: np.ndarray,
    detections: np.ndarray,
    groups: tuple[np.ndarray, np.ndarray],
    count: int,
    most: int,
) -> Near:
    """The pairs in which one is among the nearest ``count`` of the other.

    Distances are to the newest or the predicted box, whichever is nearer; long gaps reduce them.

    Args:
        newest: ``(T, 6)`` newest observation of each track.
        predicted: ``(T, 4, 4)``, see :func:`.predictions.predictions`.
        gap: ``(T,)`` frames since the newest.
        detections: ``(D, ≥ 6)``.
        groups: ``(T,)`` and ``(D,)``: of two groups, nothing is near.
        count: partners that are candidates.
        most: partners whose rank is known, at least ``count`` and 2.
    """
    slack = np.empty(len(newest))
    for track in range(len(newest)):
        slack[track] = newest[track, HEIGHT] * (1.0 + 0.1 * (gap[track] - 1.0))
    tracks = Points(newest, predicted, slack, groups[0])
    detection_of = _nearest_detections(tracks, detections, groups[1], most)
    track_of = _nearest_tracks(tracks, detections, groups[1], most)
    links = _links(detection_of.place, track_of.place, count)
    number = links.shape[1]
    distance = np.empty(number)
    rank_track, rank_detection = np.empty(number, dtype=np.int64), np.empty(number, dtype=np.int64)
    for link in range(number):
        track, detection = links[0, link], links[1, link]
        rank_track[link] = _rank(detection_of.place, track, detection)
        rank_detection[link] = _rank(track_of.place, detection, track)
        if rank_track[link] < most:
            distance[link] = detection_of.distance[track, rank_track[link]]
        else:
            distance[link] = track_of.distance[detection, rank_detection[link]]
    two = SECOND + 1
    of_track, of_detection = detection_of.distance[:, :two].copy(), track_of.distance[:, :two].copy()
    return Near(links, distance, rank_track, rank_detection, of_track, of_detection)


@compiled
def _squared(tracks: Points, track: int, x: float, y: float) -> float:
    """Squared pixels from a track to a detection."""
    was, expected = tracks.was, tracks.expected
    to_newest = (was[track, X] - x) ** 2 + (was[track, Y] - y) ** 2
    to_expected = (expected[track, MIDDLE, X] - x) ** 2 + (expected[track, MIDDLE, Y] - y) ** 2
    return min(to_newest, to_expected)


@compiled
def _limit(distance: float, slack: float) -> float:
    """Squared pixels beyond which all is farther than a distance, however it is rounded."""
    return (distance * slack) ** 2 * _ROUNDING + _TINY


@compiled
def _nearest_detections(tracks: Points, detections: np.ndarray, group: np.ndarray, most: int) -> Nearest:
    """Of every track."""
    found = nothing_near(len(tracks.slack), most)
    order = np.argsort(detections[:, X])
    across, down = detections[:, X][order], detections[:, Y][order]
    seen = np.full(len(order), -1)  # by which track last
    for track in range(len(tracks.slack)):
        slack = tracks.slack[track]
        for x, y in (
            (tracks.was[track, X], tracks.was[track, Y]),
            (tracks.expected[track, MIDDLE, X], tracks.expected[track, MIDDLE, Y]),
        ):
            start = np.searchsorted(across, x)
            limit = _limit(found.distance[track, most - 1], slack)
            for way in (-1, 1):
                rank = start - 1 if way < 0 else start
                while 0 <= rank < len(order) and (across[rank] - x) ** 2 <= limit:
                    if (across[rank] - x) ** 2 + (down[rank] - y) ** 2 <= limit:
                        detection = order[rank]
                        if seen[detection] != track and tracks.group[track] == group[detection]:
                            seen[detection] = track
                            squared = _squared(tracks, track, across[rank], down[rank])
                            keep_nearest(found, track, np.sqrt(squared) / slack, detection)
                            limit = _limit(found.distance[track, most - 1], slack)
                    rank += way
    return found


@compiled
def _nearest_tracks(tracks: Points, detections: np.ndarray, group: np.ndarray, most: int) -> Nearest:
    """Of every detection: tracks of like slack are searched together, the largest slack limits how far."""
    found = nothing_near(len(detections), most)
    count = len(tracks.slack)
    by_slack = np.argsort(tracks.slack)
    across, down = np.empty(2 * count), np.empty(2 * count)
    seen = np.full(count, -1)  # by which detection last
    first = 0
    while first < count:
        stop = first + 1
        while stop < count and tracks.slack[by_slack[stop]] <= _ALIKE * tracks.slack[by_slack[first]]:
            stop += 1
        points = 2 * (stop - first)
        for place in range(stop - first):
            track = by_slack[first + place]
            across[2 * place], across[2 * place + 1] = tracks.was[track, X], tracks.expected[track, MIDDLE, X]
            down[2 * place], down[2 * place + 1] = tracks.was[track, Y], tracks.expected[track, MIDDLE, Y]
        order = np.argsort(across[:points])
        ordered, below, slack = across[:points][order], down[:points][order], np.empty(points)
        for rank in range(points):
            slack[rank] = tracks.slack[by_slack[first + order[rank] // 2]]
        largest = tracks.slack[by_slack[stop - 1]]
        for detection in range(len(detections)):
            x, y = detections[detection, X], detections[detection, Y]
            start = np.searchsorted(ordered, x)
            farthest = found.distance[detection, most - 1]
            for way in (-1, 1):
                rank = start - 1 if way < 0 else start
                while 0 <= rank < points and (ordered[rank] - x) ** 2 <= _limit(farthest, largest):
                    if (ordered[rank] - x) ** 2 + (below[rank] - y) ** 2 <= _limit(farthest, slack[rank]):
                        track = by_slack[first + order[rank] // 2]
                        if seen[track] != detection and tracks.group[track] == group[detection]:
                            seen[track] = detection
                            squared = _squared(tracks, track, x, y)
                            keep_nearest(found, detection, np.sqrt(squared) / slack[rank], track)
                            farthest = found.distance[detection, most - 1]
                    rank += way
        first = stop
    return found


@compiled
def _rank(places: np.ndarray, row: int, place: int) -> int:
    """Where a partner stands among the nearest of a row; as many as there are: nowhere."""
    for rank in range(places.shape[1]):
        if places[row, rank] == place:
            return rank
    return places.shape[1]


@compiled
def _links(detection_of: np.ndarray, track_of: np.ndarray, count: int) -> np.ndarray:
    """``(2, E)`` sorted pairs in which one is among the first ``count`` of the other."""
    stops = np.zeros(len(detection_of) + 1, dtype=np.int64)
    for track in range(len(detection_of)):
        for place in range(count):
            stops[track + 1] += detection_of[track, place] >= 0
    for detection in range(len(track_of)):
        for place in range(count):
            track = track_of[detection, place]
            stops[track + 1] += track >= 0 and _rank(detection_of, track, detection) >= count
    for track in range(len(detection_of)):
        stops[track + 1] += stops[track]
    links = np.empty((2, stops[-1]), dtype=np.int64)
    filled = stops[:-1].copy()
    for detection in range(len(track_of)):  # the detections of each track are in order
        for place in range(count):
            track = track_of[detection, place]
            if track >= 0 and _rank(detection_of, track, detection) >= count:
                links[1, filled[track]] = detection
                filled[track] += 1
    for track in range(len(detection_of)):
        for place in range(count):
            detection = detection_of[track, place]
            if detection >= 0:
                link = filled[track]
                while link > stops[track] and links[1, link - 1] > detection:
                    links[1, link] = links[1, link - 1]
                    link -= 1
                links[1, link] = detection
                filled[track] += 1
        for link in range(stops[track], stops[track + 1]):
            links[0, link] = track
    return links
