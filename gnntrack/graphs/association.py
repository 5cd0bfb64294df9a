"""The association graph: the tracks so far, the detections of a new frame, and the links that are possible."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gnntrack.graphs.histories import BOX, CENTRE, CONFIDENCE, FRAME, Histories

#: How far back each track is looked at, in observations.
LOOK_BACK = np.array([1, 2, 3, 4, 6, 8, 10, 13, 16, 20, 25, 31])
#: Observations that a straight line is fitted to, and how many frames ahead each line is trusted.
FITTED, TRUST = np.array([5, 12, 32]), np.array([5.0, 15.0, 30.0])
#: Pull of fitted velocities towards 0, which matters for tracks of few observations only.
RIDGE = 0.5
_MIDDLE, _LONG = 1, 2  # positions in FITTED
_RECENT, _RECENT_TRUST = 4, 15.0  # position in LOOK_BACK of the velocity that is added to the newest box

TRACK_FEATURES = 14 + 7 * len(LOOK_BACK)
DETECTION_FEATURES = 13
PAIR_FEATURES = 42
NEIGHBOUR_FEATURES = 5


@dataclass(frozen=True)
class View:
    """What is known of the video.

    Attributes:
        width: of the picture, pixels.
        height: of the picture, pixels.
        frame_rate: frames a second.
    """

    width: float
    height: float
    frame_rate: float


@dataclass(frozen=True)
class AssociationGraph:
    """T tracks, D detections, E candidate links; float32 features, int64 indices.

    Nodes are numbered: first the tracks, then the detections.

    Attributes:
        tracks: ``(T, TRACK_FEATURES)``.
        detections: ``(D, DETECTION_FEATURES)``.
        links: ``(2, E)`` track and detection of each candidate, as nodes; sorted.
        pairs: ``(E, PAIR_FEATURES)``.
        neighbours: ``(2, S)`` tracks close to tracks and detections close to detections, from and to, as nodes.
        relations: ``(S, NEIGHBOUR_FEATURES)``.
    """

    tracks: np.ndarray
    detections: np.ndarray
    links: np.ndarray
    pairs: np.ndarray
    neighbours: np.ndarray
    relations: np.ndarray

    @property
    def ends(self) -> np.ndarray:
        """``(2, E)`` each candidate's track and detection, both counted from 0."""
        return self.links - np.array([[0], [len(self.tracks)]])


def association_graph(
    histories: Histories,
    seen: np.ndarray,
    view: View,
    camera: np.ndarray,
    candidates: int = 6,
    neighbours: int = 3,
) -> AssociationGraph:
    """Builds the graph of one frame.

    Args:
        histories: the tracks.
        seen: ``(D, 6)`` detections of the new frame, in the columns of an observation; D ≥ 1 and T ≥ 1.
        view: picture size and frame rate.
        camera: ``(2,)`` where the camera stands now (see :func:`camera_step`).
        candidates: nearest partners kept of every track and of every detection.
        neighbours: neighbours kept of every track and detection within their own kind.
    """
    newest = histories.newest
    frame = seen[0, FRAME]
    gap = frame - newest[:, FRAME]  # (T,)
    back = newest[:, None] - histories.observations[:, LOOK_BACK]  # (T, K, 6)
    span = np.maximum(back[..., FRAME], 1.0)
    velocity = back[..., BOX] / span[..., None]  # (T, K, 4) pixels a frame
    moved = camera - histories.camera  # (T, 2)
    recent = newest[:, BOX] + velocity[:, _RECENT] * np.minimum(gap, _RECENT_TRUST)[:, None]
    predicted = np.concatenate([_fitted(histories, gap), recent[:, None]], axis=1)  # (T, 4, 4)
    predicted[..., 2:] = np.maximum(predicted[..., 2:], 0.5 * newest[:, None, 2:4])
    height = newest[:, 3]
    # distances in heights, from where it was and from where it should be: the smaller counts
    slack = height * (1.0 + 0.1 * (gap - 1.0))
    nearer = np.minimum(_squared(newest, seen), _squared(predicted[:, _MIDDLE], seen))
    distance = np.sqrt(nearer) / slack[:, None]  # (T, D)
    rank_track, rank_detection = _ranks(distance, 1), _ranks(distance, 0)
    links = np.stack(np.nonzero((rank_track < candidates) | (rank_detection < candidates)))
    near_tracks, track_relations, track_overlap = _neighbours(predicted[:, _MIDDLE], neighbours)
    near_seen, seen_relations, seen_overlap = _neighbours(seen[:, BOX], neighbours)
    detections = _detection_features(seen, near_seen, seen_overlap, view)
    pairs = _pair_features(
        links, seen, newest, predicted, moved, gap, histories, distance, rank_track, rank_detection, view
    )
    return AssociationGraph(
        _track_features(histories, back, span, velocity, gap, track_overlap, view),
        detections,
        links + np.array([[0], [len(newest)]]),
        pairs,
        np.concatenate([near_tracks, near_seen + len(newest)], axis=1),
        np.concatenate([track_relations, seen_relations]),
    )


def _fitted(histories: Histories, gap: np.ndarray) -> np.ndarray:
    """Where straight lines through the last observations lead, ``(T, 3, 4)``: least squares over :data:`FITTED`.

    Unlike the newest box moved on, a line does not follow one bad box, such as that of two people who pass.
    """
    past = histories.observations
    age = past[:, :, FRAME] - past[:, :1, FRAME]  # (T, LENGTH), 0 and less
    weight = (np.arange(past.shape[1]) < histories.count[:, None]).astype(float)
    parts = np.empty((*age.shape, 11))
    parts[..., 0], parts[..., 1], parts[..., 2] = weight, weight * age, weight * age * age
    parts[..., 3:7] = (past[..., BOX] - past[:, :1, BOX]) * weight[..., None]
    parts[..., 7:11] = parts[..., 3:7] * age[..., None]
    sums = parts.cumsum(1)[:, FITTED - 1]  # (T, 3, 11)
    count, time, square = sums[..., :1], sums[..., 1:2], sums[..., 2:3]
    spread = count * square - time * time + RIDGE * count
    slope = (count * sums[..., 7:11] - time * sums[..., 3:7]) / spread
    start = (sums[..., 3:7] - slope * time) / count
    ahead = np.minimum(gap[:, None], TRUST)[..., None]  # (T, 3, 1)
    line: np.ndarray = past[:, :1, BOX] + start + slope * ahead
    return line


def camera_step(newest: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """How the picture as a whole moved since the last frame, pixels ``(2,)``: the median over tracks.

    Args:
        newest: ``(T, 6)`` last observations of tracks that were seen in the last frame.
        seen: ``(D, 6)`` detections of the new frame.
    """
    if len(newest) < 3 or not len(seen):
        return np.zeros(2)
    unlike = sum(np.abs(seen[None, :, column] - newest[:, None, column]) for column in (0, 1, 3))  # (T, D)
    nearest = unlike.argmin(1)
    rows = np.arange(len(newest))
    close = unlike[rows, nearest] < newest[:, 3]
    if close.sum() < 3:
        return np.zeros(2)
    return _median((seen[nearest, CENTRE] - newest[:, CENTRE])[close])


def _median(values: np.ndarray) -> np.ndarray:
    """Median along the first axis; numpy's own takes many times as long on few values."""
    ordered = np.sort(values, axis=0)
    middle: np.ndarray = 0.5 * (ordered[(len(values) - 1) // 2] + ordered[len(values) // 2])
    return middle


def _squared(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Squared distances ``(T, D)`` between centres."""
    across: np.ndarray = (b[None, :, 0] - a[:, None, 0]) ** 2
    across += (b[None, :, 1] - a[:, None, 1]) ** 2
    return across


def _ranks(values: np.ndarray, axis: int) -> np.ndarray:
    """Rank of every value along the axis, from 0."""
    order = values.argsort(axis)
    ranks = np.empty_like(order)
    shape = (1, -1) if axis == 1 else (-1, 1)
    np.put_along_axis(ranks, order, np.arange(values.shape[axis]).reshape(shape), axis)
    return ranks


def _margin(values: np.ndarray, ranks: np.ndarray, axis: int) -> np.ndarray:
    """How much farther each is than the nearest other along the axis."""
    if values.shape[axis] < 2:
        return np.full_like(values, -2.0)
    two = np.partition(values, 1, axis)
    first, second = (two[:, :1], two[:, 1:2]) if axis == 1 else (two[:1], two[1:2])
    return values - np.where(ranks == 0, second, first)


def _overlaps(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """IoU and generalised IoU of centre boxes ``(..., 4)``, element by element."""
    x, y, w, h = a[..., 0], a[..., 1], a[..., 2], a[..., 3]
    u, v, p, q = b[..., 0], b[..., 1], b[..., 2], b[..., 3]
    width, height = 0.5 * (w + p), 0.5 * (h + q)
    apart_x, apart_y = np.abs(x - u), np.abs(y - v)
    smaller_w, smaller_h = np.minimum(w, p), np.minimum(h, q)
    shared = np.maximum(np.minimum(width - apart_x, smaller_w), 0.0)
    shared *= np.maximum(np.minimum(height - apart_y, smaller_h), 0.0)
    union = w * h + p * q - shared
    hull = np.maximum(width + apart_x, np.maximum(w, p)) * np.maximum(height + apart_y, np.maximum(h, q))
    overlap = shared / union
    return overlap, overlap - (hull - union) / hull


def _neighbours(box: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The nearest others of each box: pairs ``(2, N·K)``, relations ``(N·K, 5)`` and overlaps ``(N, K)``; K ≤ count."""
    number = len(box)
    count = min(count, number - 1)
    if count < 1:
        return np.zeros((2, 0), dtype=np.int64), np.zeros((0, NEIGHBOUR_FEATURES), np.float32), np.zeros((number, 1))
    x, y = box[:, 0], box[:, 1]
    squared = (x[None] - x[:, None]) ** 2 + (y[None] - y[:, None]) ** 2
    squared.ravel()[:: number + 1] = np.inf
    near = np.argpartition(squared, count - 1, axis=1)[:, :count].ravel()
    to = np.repeat(np.arange(number), count)
    here, there = box[to], box[near]
    overlap = _overlaps(here, there)[0]
    relation = np.empty((len(to), NEIGHBOUR_FEATURES), dtype=np.float32)
    relation[:, :2] = np.arcsinh(2.0 * (there[:, :2] - here[:, :2]) / here[:, 3:4])
    relation[:, 2:4] = np.log(there[:, 2:4] / here[:, 2:4])
    relation[:, 4] = overlap
    return np.stack([near, to]), relation, overlap.reshape(number, count)


def _borders(box: np.ndarray, view: View, out: np.ndarray) -> None:
    """Distance from the sides of the picture, in heights, at most 1: ``out (N, 4)``."""
    out[:, :2] = box[:, :2] - 0.5 * box[:, 2:4]
    out[:, 2:] = np.array([view.width, view.height]) - box[:, :2] - 0.5 * box[:, 2:4]
    out /= box[:, 3:4]
    np.minimum(np.maximum(out, -1.0), 1.0, out=out)


def _detection_features(seen: np.ndarray, neighbours: np.ndarray, overlap: np.ndarray, view: View) -> np.ndarray:
    x = np.empty((len(seen), DETECTION_FEATURES), dtype=np.float32)
    height = seen[:, 3]
    x[:, 0] = seen[:, CONFIDENCE]
    _borders(seen, view, x[:, 1:5])
    x[:, 5] = np.log(height / view.height)
    x[:, 6] = np.log(seen[:, 2] / height)
    x[:, 7] = overlap.max(1)
    x[:, 8] = np.minimum(overlap.sum(1), 3.0)
    x[:, 9] = np.log(height / _median(height))
    x[:, 10] = 0.25 * np.log(len(seen))
    x[:, 11] = _surer(seen[:, CONFIDENCE], overlap, neighbours)
    x[:, 12] = seen[:, CONFIDENCE] > 0.6
    return x


def _surer(confidence: np.ndarray, overlap: np.ndarray, neighbours: np.ndarray) -> np.ndarray | float:
    """Largest overlap of each detection with a neighbour of higher confidence ``(D,)``."""
    if not neighbours.shape[1]:
        return 0.0
    surer = confidence[neighbours[0]] > confidence[neighbours[1]]
    largest: np.ndarray = (overlap * surer.reshape(overlap.shape)).max(1)
    return largest


def _track_features(
    histories: Histories,
    back: np.ndarray,
    span: np.ndarray,
    velocity: np.ndarray,
    gap: np.ndarray,
    overlap: np.ndarray,
    view: View,
) -> np.ndarray:
    newest = histories.newest
    height = newest[:, 3]
    x = np.empty((len(newest), TRACK_FEATURES), dtype=np.float32)
    x[:, 0] = 0.25 * np.log(histories.count)
    x[:, 1] = 0.5 * np.log(gap)
    x[:, 2] = np.minimum(gap / view.frame_rate, 4.0)
    x[:, 3] = 0.125 * histories.observations[:, :8, CONFIDENCE].sum(1)
    x[:, 4] = newest[:, CONFIDENCE]
    x[:, 5] = histories.surprise
    _borders(newest, view, x[:, 6:10])
    x[:, 10] = np.log(height / view.height)
    x[:, 11] = np.log(newest[:, 2] / height)
    x[:, 12] = overlap.max(1)
    x[:, 13] = np.minimum(overlap.sum(1), 3.0)
    past = x[:, 14:].reshape(len(newest), len(LOOK_BACK), 7)
    inverse = (1.0 / height)[:, None, None]
    past[..., 0:2] = np.arcsinh(back[..., CENTRE] * inverse)
    past[..., 2:4] = np.arcsinh(velocity[..., CENTRE] * (10.0 * inverse))
    past[..., 4:6] = np.log(histories.observations[:, LOOK_BACK, 2:4] / newest[:, None, 2:4])
    past[..., 6] = 0.25 * np.log(span)
    return x


def _pair_features(
    links: np.ndarray,
    seen: np.ndarray,
    newest: np.ndarray,
    predicted: np.ndarray,
    moved: np.ndarray,
    gap: np.ndarray,
    histories: Histories,
    distance: np.ndarray,
    rank_track: np.ndarray,
    rank_detection: np.ndarray,
    view: View,
) -> np.ndarray:
    track, detection = links
    x = np.empty((len(track), PAIR_FEATURES), dtype=np.float32)
    inverse = (1.0 / newest[:, 3])[track, None]
    last, now, gaps = newest[track], seen[detection], gap[track]
    step = (now[:, CENTRE] - last[:, CENTRE]) * inverse
    x[:, 0:2] = np.arcsinh(2.0 * step)
    x[:, 2:4] = np.arcsinh(10.0 * step / gaps[:, None])
    missed = (now[:, None, CENTRE] - predicted[track][..., :2]) * inverse[:, None]  # (E, 4, 2)
    x[:, 4:10] = np.arcsinh(2.0 * missed[:, :3]).reshape(len(track), 6)
    x[:, 37:39] = np.arcsinh(2.0 * missed[:, 3])
    distances = np.log(np.sqrt((missed**2).sum(-1)) + 0.02)
    x[:, 10:13], x[:, 39] = distances[:, :3], distances[:, 3]
    x[:, 40:42] = np.log(now[:, 2:4] / predicted[track, _LONG, 2:4])
    steady = step - moved[track] * inverse
    x[:, 13:15] = np.arcsinh(2.0 * steady)
    x[:, 15] = np.log(np.sqrt((steady**2).sum(-1)) + 0.02)
    x[:, 16] = np.log(np.sqrt((step**2).sum(-1)) + 0.02)
    reference = np.concatenate([newest[:, None, BOX], predicted[:, :2]], axis=1)  # (T, 3, 4)
    overlap, generalised = _overlaps(reference[track], now[:, None])
    x[:, 17:23:2], x[:, 18:23:2] = overlap, generalised
    size = np.log(now[:, 2:4] / last[:, 2:4])
    x[:, 23:25] = size
    x[:, 25] = np.abs(size).sum(1)
    x[:, 26:28] = np.log(now[:, 2:4] / predicted[track, _MIDDLE, 2:4])
    x[:, 28] = now[:, CONFIDENCE]
    x[:, 29] = last[:, CONFIDENCE]
    x[:, 30] = 0.5 * np.log(gaps)
    x[:, 31] = np.minimum(gaps / view.frame_rate, 4.0)
    x[:, 32] = np.minimum(rank_track[track, detection], 5) * 0.2
    x[:, 33] = np.minimum(rank_detection[track, detection], 5) * 0.2
    x[:, 34] = _margin(distance, rank_track, 1)[track, detection]
    x[:, 35] = _margin(distance, rank_detection, 0)[track, detection]
    np.minimum(np.maximum(x[:, 34:36], -2.0), 2.0, out=x[:, 34:36])
    x[:, 36] = histories.surprise[track]
    return x
