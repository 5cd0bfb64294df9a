"""Features of tracks, detections and the pairs they could make; lengths in box heights, so scale does not matter."""

from __future__ import annotations

import numpy as np

from gnntrack.compiled import compiled

#: How far back each track is looked at, in observations.
LOOK_BACK = np.array([1, 2, 3, 4, 6, 8, 10, 13, 16, 20, 25, 31])
#: Observations that a straight line is fitted to, and how many frames ahead each line is trusted.
FITTED, TRUST = np.array([5, 12, 32]), np.array([5.0, 15.0, 30.0])
#: Pull of fitted velocities towards 0, which matters for tracks of few observations only.
RIDGE = 0.5
#: Positions in :data:`FITTED` of the lines that candidates are found with, and that look farthest back.
MIDDLE, LONG = 1, 2
#: Position in :data:`LOOK_BACK` of the velocity that is added to the newest box, and how many frames it is trusted.
RECENT, RECENT_TRUST = 4, 15.0

TRACK_FEATURES = 14 + 7 * len(LOOK_BACK)
DETECTION_FEATURES = 13
PAIR_FEATURES = 42
NEIGHBOUR_FEATURES = 5
#: Ranks and margins from here on are all the same.
LAST_RANK, FARTHEST = 5, 2.0
#: A link is evident where boxes of consecutive frames overlap so much (IoU), and rivals on both sides are so much
#: farther away (heights).
EVIDENT_OVERLAP, EVIDENT_MARGIN = 0.3, 1.9
# columns of an observation
_X, _Y, _W, _H, _FRAME, _CONFIDENCE = 0, 1, 2, 3, 4, 5


@compiled
def predictions(past: np.ndarray, count: np.ndarray, gap: np.ndarray) -> np.ndarray:
    """Where each track should be, ``(T, 4, 4)``: on least squares lines over :data:`FITTED`, and the newest box moved.

    Unlike the newest box moved on, a line does not follow one bad box, such as that of two people who pass.

    Args:
        past: ``(T, LENGTH, 6)`` observations, newest first.
        count: ``(T,)`` how many there are.
        gap: ``(T,)`` frames since the newest.
    """
    result = np.empty((len(past), len(FITTED) + 1, 4))
    for track in range(len(past)):
        newest = past[track, 0]
        time, square = 0.0, 0.0
        total, moment = np.zeros(4), np.zeros(4)
        fit = 0
        for step in range(past.shape[1]):
            if step < count[track]:
                age = past[track, step, _FRAME] - newest[_FRAME]
                time += age
                square += age * age
                for side in range(4):
                    away = past[track, step, side] - newest[side]
                    total[side] += away
                    moment[side] += away * age
            if step + 1 == FITTED[fit]:
                number = float(min(step + 1, count[track]))
                spread = number * square - time * time + RIDGE * number
                ahead = min(gap[track], TRUST[fit])
                for side in range(4):
                    slope = (number * moment[side] - time * total[side]) / spread
                    result[track, fit, side] = newest[side] + (total[side] - slope * time) / number + slope * ahead
                fit = min(fit + 1, len(FITTED) - 1)
        earlier = past[track, LOOK_BACK[RECENT]]
        span = max(newest[_FRAME] - earlier[_FRAME], 1.0)
        for side in range(4):
            speed = (newest[side] - earlier[side]) / span
            result[track, -1, side] = newest[side] + speed * min(gap[track], RECENT_TRUST)
        for line in range(len(FITTED) + 1):
            for side in range(2, 4):
                result[track, line, side] = max(result[track, line, side], 0.5 * newest[side])
    return result


@compiled
def distances(newest: np.ndarray, predicted: np.ndarray, gap: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Distances ``(T, D)`` in heights from where tracks were or should be, whichever is less; lost ones have slack."""
    result = np.empty((len(newest), len(seen)))
    for track in range(len(newest)):
        slack = newest[track, _H] * (1.0 + 0.1 * (gap[track] - 1.0))
        for detection in range(len(seen)):
            x, y = seen[detection, _X], seen[detection, _Y]
            was = (newest[track, _X] - x) ** 2 + (newest[track, _Y] - y) ** 2
            expected = (predicted[track, MIDDLE, _X] - x) ** 2 + (predicted[track, MIDDLE, _Y] - y) ** 2
            result[track, detection] = np.sqrt(min(was, expected)) / slack
    return result


@compiled
def ranks(distance: np.ndarray, most: int) -> np.ndarray:
    """Rank of the nearest values of every row, from 0; the others have rank ``most``."""
    result = np.full(distance.shape, most)
    for row in range(len(distance)):
        near = np.full(most, -1)
        for column in range(distance.shape[1]):
            place = most
            while place > 0 and (near[place - 1] < 0 or distance[row, column] < distance[row, near[place - 1]]):
                place -= 1
            for later in range(most - 1, place, -1):
                near[later] = near[later - 1]
            if place < most:
                near[place] = column
        for place in range(most):
            if near[place] >= 0:
                result[row, near[place]] = place
    return result


@compiled
def candidates(rank_track: np.ndarray, rank_detection: np.ndarray, count: int) -> np.ndarray:
    """``(2, E)`` pairs in which one is among the nearest ``count`` of the other; sorted."""
    near = (rank_track < count) | (rank_detection < count)
    links = np.empty((2, near.sum()), dtype=np.int64)
    link = 0
    for track in range(near.shape[0]):
        for detection in range(near.shape[1]):
            if near[track, detection]:
                links[0, link], links[1, link] = track, detection
                link += 1
    return links


@compiled
def overlap(a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    """IoU and generalised IoU of two centre boxes."""
    width, height = 0.5 * (a[_W] + b[_W]), 0.5 * (a[_H] + b[_H])
    apart_x, apart_y = abs(a[_X] - b[_X]), abs(a[_Y] - b[_Y])
    shared = max(min(width - apart_x, min(a[_W], b[_W])), 0.0) * max(min(height - apart_y, min(a[_H], b[_H])), 0.0)
    union = a[_W] * a[_H] + b[_W] * b[_H] - shared
    hull = max(width + apart_x, max(a[_W], b[_W])) * max(height + apart_y, max(a[_H], b[_H]))
    return shared / union, shared / union - (hull - union) / hull


@compiled
def largest_overlap(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Largest IoU ``(N,)`` of each of N centre boxes with any of the others."""
    result = np.zeros(len(boxes))
    for row in range(len(boxes)):
        for other in range(len(others)):
            result[row] = max(result[row], overlap(boxes[row], others[other])[0])
    return result


@compiled
def neighbours(box: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The nearest others of each box: pairs ``(2, N·K)`` and relations ``(N·K, 5)``; K ≤ count."""
    number = len(box)
    count = max(min(count, number - 1), 0)
    pairs = np.empty((2, number * count), dtype=np.int64)
    relations = np.empty((number * count, NEIGHBOUR_FEATURES), dtype=np.float32)
    apart = np.empty(number)
    for here in range(number if count else 0):
        for there in range(number):
            apart[there] = (box[there, _X] - box[here, _X]) ** 2 + (box[there, _Y] - box[here, _Y]) ** 2
        apart[here] = np.inf
        for place in range(count):
            there = int(apart.argmin())
            apart[there] = np.inf
            row = here * count + place
            pairs[0, row], pairs[1, row] = there, here
            relations[row, 0] = np.arcsinh(2.0 * (box[there, _X] - box[here, _X]) / box[here, _H])
            relations[row, 1] = np.arcsinh(2.0 * (box[there, _Y] - box[here, _Y]) / box[here, _H])
            relations[row, 2] = np.log(box[there, _W] / box[here, _W])
            relations[row, 3] = np.log(box[there, _H] / box[here, _H])
            relations[row, 4] = overlap(box[here], box[there])[0]
    return pairs, relations


@compiled
def _surroundings(box: np.ndarray, relations: np.ndarray, width: float, height: float, x: np.ndarray) -> None:
    """Distances from the sides of the picture, size, shape, and how much neighbours cover: ``x (8,)``."""
    x[0] = (box[_X] - 0.5 * box[_W]) / box[_H]
    x[1] = (box[_Y] - 0.5 * box[_H]) / box[_H]
    x[2] = (width - box[_X] - 0.5 * box[_W]) / box[_H]
    x[3] = (height - box[_Y] - 0.5 * box[_H]) / box[_H]
    for side in range(4):
        x[side] = min(max(x[side], -1.0), 1.0)
    x[4] = np.log(box[_H] / height)
    x[5] = np.log(box[_W] / box[_H])
    x[6], x[7] = 0.0, 0.0
    for neighbour in range(len(relations)):
        x[6] = max(x[6], relations[neighbour, 4])
        x[7] = min(x[7] + relations[neighbour, 4], 3.0)


@compiled
def detection_features(
    seen: np.ndarray, pairs: np.ndarray, relations: np.ndarray, width: float, height: float
) -> np.ndarray:
    """``(D, DETECTION_FEATURES)``; neighbours as :func:`neighbours` gives them, picture in pixels."""
    x = np.empty((len(seen), DETECTION_FEATURES), dtype=np.float32)
    count = len(relations) // len(seen)
    middle = np.median(seen[:, _H])
    for row in range(len(seen)):
        mine = slice(row * count, (row + 1) * count)
        x[row, 0] = seen[row, _CONFIDENCE]
        _surroundings(seen[row], relations[mine], width, height, x[row, 1:9])
        x[row, 9] = np.log(seen[row, _H] / middle)
        x[row, 10] = 0.25 * np.log(len(seen))
        x[row, 11] = 0.0  # largest overlap with a surer one
        for pair in range(row * count, (row + 1) * count):
            if seen[pairs[0, pair], _CONFIDENCE] > seen[row, _CONFIDENCE]:
                x[row, 11] = max(x[row, 11], relations[pair, 4])
        x[row, 12] = 1.0 if seen[row, _CONFIDENCE] > 0.6 else 0.0
    return x


@compiled
def track_features(
    past: np.ndarray,
    count: np.ndarray,
    surprise: np.ndarray,
    gap: np.ndarray,
    relations: np.ndarray,
    width: float,
    height: float,
    frame_rate: float,
) -> np.ndarray:
    """``(T, TRACK_FEATURES)``: what the track is like now, and its way so far."""
    x = np.empty((len(past), TRACK_FEATURES), dtype=np.float32)
    others = len(relations) // len(past)
    for track in range(len(past)):
        newest = past[track, 0]
        x[track, 0] = 0.25 * np.log(count[track])
        x[track, 1] = 0.5 * np.log(gap[track])
        x[track, 2] = min(gap[track] / frame_rate, 4.0)
        x[track, 3] = 0.125 * past[track, :8, _CONFIDENCE].sum()
        x[track, 4] = newest[_CONFIDENCE]
        x[track, 5] = surprise[track]
        mine = slice(track * others, (track + 1) * others)
        _surroundings(newest, relations[mine], width, height, x[track, 6:14])
        for place in range(len(LOOK_BACK)):
            earlier = past[track, LOOK_BACK[place]]
            span = max(newest[_FRAME] - earlier[_FRAME], 1.0)
            column = 14 + 7 * place
            for side in range(2):
                moved = (newest[side] - earlier[side]) / newest[_H]
                x[track, column + side] = np.arcsinh(moved)
                x[track, column + 2 + side] = np.arcsinh(10.0 * moved / span)
                x[track, column + 4 + side] = np.log(earlier[2 + side] / newest[2 + side])
            x[track, column + 6] = 0.25 * np.log(span)
    return x


@compiled
def pair_features(
    links: np.ndarray,
    seen: np.ndarray,
    newest: np.ndarray,
    predicted: np.ndarray,
    moved: np.ndarray,
    gap: np.ndarray,
    surprise: np.ndarray,
    distance: np.ndarray,
    rank_track: np.ndarray,
    rank_detection: np.ndarray,
    frame_rate: float,
) -> np.ndarray:
    """``(E, PAIR_FEATURES)`` of the candidates ``links (2, E)``.

    Args:
        links: track and detection of each.
        seen: ``(D, 6)`` detections.
        newest: ``(T, 6)`` newest observation of each track.
        predicted: ``(T, 4, 4)``, see :func:`predictions`.
        moved: ``(T, 2)`` how far the camera has moved since the track was last seen, pixels.
        gap: ``(T,)`` frames since then.
        surprise: ``(T,)`` how far from its predictions the track usually was.
        distance: ``(T, D)``, see :func:`distances`.
        rank_track: ``(T, D)`` rank of the detection for the track.
        rank_detection: ``(T, D)`` rank of the track for the detection.
        frame_rate: frames a second.
    """
    x = np.empty((links.shape[1], PAIR_FEATURES), dtype=np.float32)
    best_track, best_detection = _two_smallest(distance), _two_smallest(distance.T)
    for link in range(links.shape[1]):
        track, detection = links[0, link], links[1, link]
        last, now = newest[track], seen[detection]
        here = distance[track, detection]
        step = (now[:2] - last[:2]) / last[_H]
        steady = step - moved[track] / last[_H]
        for side in range(2):
            x[link, side] = np.arcsinh(2.0 * step[side])
            x[link, 2 + side] = np.arcsinh(10.0 * step[side] / gap[track])
            x[link, 13 + side] = np.arcsinh(2.0 * steady[side])
            x[link, 23 + side] = np.log(now[2 + side] / last[2 + side])
            x[link, 26 + side] = np.log(now[2 + side] / predicted[track, MIDDLE, 2 + side])
            x[link, 40 + side] = np.log(now[2 + side] / predicted[track, LONG, 2 + side])
        for line in range(4):
            column, length = (37, 39) if line == 3 else (4 + 2 * line, 10 + line)
            missed = (now[:2] - predicted[track, line, :2]) / last[_H]
            x[link, column] = np.arcsinh(2.0 * missed[0])
            x[link, column + 1] = np.arcsinh(2.0 * missed[1])
            x[link, length] = np.log(np.sqrt(missed[0] ** 2 + missed[1] ** 2) + 0.02)
        x[link, 15] = np.log(np.sqrt(steady[0] ** 2 + steady[1] ** 2) + 0.02)
        x[link, 16] = np.log(np.sqrt(step[0] ** 2 + step[1] ** 2) + 0.02)
        x[link, 17], x[link, 18] = overlap(last, now)
        x[link, 19], x[link, 20] = overlap(predicted[track, 0], now)
        x[link, 21], x[link, 22] = overlap(predicted[track, 1], now)
        x[link, 25] = abs(x[link, 23]) + abs(x[link, 24])
        x[link, 28], x[link, 29] = now[_CONFIDENCE], last[_CONFIDENCE]
        x[link, 30] = 0.5 * np.log(gap[track])
        x[link, 31] = min(gap[track] / frame_rate, 4.0)
        x[link, 32] = min(rank_track[track, detection], LAST_RANK) * 0.2
        x[link, 33] = min(rank_detection[track, detection], LAST_RANK) * 0.2
        # how much farther than the nearest other
        x[link, 34] = here - best_track[track, 1 if rank_track[track, detection] == 0 else 0]
        x[link, 35] = here - best_detection[detection, 1 if rank_detection[track, detection] == 0 else 0]
        for column in range(34, 36):
            x[link, column] = min(max(x[link, column], -FARTHEST), FARTHEST)
        x[link, 36] = surprise[track]
    return x


@compiled
def evident(pairs: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Which links ``(E,)`` are beyond doubt: a track and a detection alone with each other, one frame apart.

    No network is needed to see that, and one that has never met such an object may doubt it. Tracks that are lost are
    no rivals: they may be earlier pieces of the same object.

    Args:
        pairs: ``(E, PAIR_FEATURES)``.
        ends: ``(2, E)`` track and detection of each.
    """
    result = np.empty(len(pairs), dtype=np.bool_)
    for link in range(len(pairs)):
        x = pairs[link]
        result[link] = x[34] <= -EVIDENT_MARGIN and x[30] == 0.0 and max(x[17], x[19]) >= EVIDENT_OVERLAP
        for other in range(len(pairs) if result[link] else 0):
            if other != link and ends[1, other] == ends[1, link] and pairs[other, 30] == 0.0:
                nearer = min(np.exp(pairs[other, 16]), np.exp(pairs[other, 11]))
                result[link] &= nearer >= min(np.exp(x[16]), np.exp(x[11])) + EVIDENT_MARGIN
    return result


@compiled
def _two_smallest(values: np.ndarray) -> np.ndarray:
    """The two smallest of every row, infinity where there is no second."""
    result = np.full((len(values), 2), np.inf)
    for row in range(len(values)):
        for column in range(values.shape[1]):
            value = values[row, column]
            if value < result[row, 0]:
                result[row, 1], result[row, 0] = result[row, 0], value
            elif value < result[row, 1]:
                result[row, 1] = value
    return result


@compiled
def camera_step(newest: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """How the picture as a whole moved since the last frame, pixels ``(2,)``: the median over tracks.

    Args:
        newest: ``(T, 6)`` last observations of tracks that were seen in the last frame.
        seen: ``(D, 6)`` detections of the new frame.
    """
    steps = np.empty((2, len(newest)))
    close = 0
    for track in range(len(newest)):
        best, nearest = np.inf, -1
        for detection in range(len(seen)):
            unlike = 0.0
            for column in (_X, _Y, _H):
                unlike += abs(seen[detection, column] - newest[track, column])
            if unlike < best:
                best, nearest = unlike, detection
        if best < newest[track, _H]:
            steps[0, close] = seen[nearest, _X] - newest[track, _X]
            steps[1, close] = seen[nearest, _Y] - newest[track, _Y]
            close += 1
    if close < 3:
        return np.zeros(2)
    return np.array([np.median(steps[0, :close]), np.median(steps[1, :close])])
