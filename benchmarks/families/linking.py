"""From probabilities to tracks, frame by frame, and the tracks of the families that have a motion model."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.special import expit, softmax

#: Frames that a track is remembered without a detection.
MEMORY = 10
#: Variances of the Kalman filter, in box heights and frames: of a measured place, of what moves it and its speed.
MEASURED, MOVED, HURRIED = 0.1**2, 0.02**2, 0.1**2
#: Squared distance, in standard deviations of the predicted place, beyond which a track does not reach.
GATE = 25.0
#: Cosine similarity at which a link is as likely as none, and how sharply that changes.
MARGIN, TEMPERATURE = 0.5, 0.1
#: Share of its mean embedding that a track keeps when it meets a new one.
KEPT = 0.8


class Tracks:
    """K live tracks; a family says how probably they go on with which of M detections."""

    def probability(self, frame: int, rows: np.ndarray) -> np.ndarray:
        """``(K, M)``."""
        raise NotImplementedError

    def update(self, frame: int, rows: np.ndarray) -> None:
        """Tracks go on with these detections, ``(K,)``; −1: with none."""
        raise NotImplementedError

    def begin(self, frame: int, rows: np.ndarray) -> None:
        """A new track for each of these."""
        raise NotImplementedError

    def keep(self, mask: np.ndarray) -> None:
        """Forgets the others."""
        raise NotImplementedError


def link(grid: np.ndarray, tracks: Tracks, threshold: float, count: int) -> np.ndarray:
    """Tracks a video frame by frame; of one-to-one links, those with the largest Σ (p − threshold): ``(count,)``.

    Tracks that were seen in the frame before choose first.

    Args:
        grid: ``(frames, slots)`` detections of each frame, −1: none.
        tracks: none yet.
        threshold: links must be more probable than this.
        count: detections in all.
    """
    result = np.full(count, -1)
    names, seen, born = np.zeros(0, dtype=int), np.zeros(0, dtype=int), 0
    for frame, row in enumerate(grid):
        rows = row[row >= 0]
        chosen = np.full(len(names), -1)
        if len(names) and len(rows):
            gain = (tracks.probability(frame, rows) - threshold).clip(min=0)
            for turn in (seen == frame - 1, seen < frame - 1):
                free = ~np.isin(rows, chosen)
                track, column = linear_sum_assignment(gain[turn][:, free], maximize=True)
                real = gain[turn][:, free][track, column] > 0
                chosen[np.flatnonzero(turn)[track[real]]] = rows[free][column[real]]
        result[chosen[chosen >= 0]] = names[chosen >= 0]
        seen[chosen >= 0] = frame
        if len(names):
            tracks.update(frame, chosen)
        new = rows[result[rows] < 0]
        tracks.begin(frame, new)
        result[new] = born + np.arange(len(new))
        names, seen = np.append(names, result[new]), np.append(seen, np.full(len(new), frame))
        born += len(new)
        alive = frame - seen < MEMORY
        if not alive.all():
            tracks.keep(alive)
            names, seen = names[alive], seen[alive]
    return result


class MotionTracks(Tracks):
    """A Kalman filter with constant speed for the centre, and the running mean of the embeddings.

    Args:
        boxes: ``(N, 4)`` centre x, centre y, width, height in pixels.
        embeddings: ``(N, D)`` of length 1.
    """

    def __init__(self, boxes: np.ndarray, embeddings: np.ndarray) -> None:
        self.boxes, self.embeddings = boxes, embeddings
        self.mean = np.zeros((0, 2, 2))  # track; place and speed; x and y
        self.variance = np.zeros((0, 2, 2))  # track; place and speed twice; in box heights
        self.height = np.zeros(0)
        self.looks = np.zeros((0, embeddings.shape[1]))

    def probability(self, frame: int, rows: np.ndarray) -> np.ndarray:
        """The sum of what appearance and motion say, as a logit."""
        off = (self.boxes[None, rows, :2] - self.mean[:, None, 0]) / self.height[:, None, None]
        distance = (off**2).sum(2) / (self.variance[:, 0, 0] + MEASURED)[:, None]
        logit = (self.looks @ self.embeddings[rows].T - MARGIN) / TEMPERATURE - 0.5 * distance
        return np.where(distance < GATE, expit(logit), 0.0)

    def update(self, frame: int, rows: np.ndarray) -> None:
        found, rows = np.flatnonzero(rows >= 0), rows[rows >= 0]
        box, variance = self.boxes[rows], self.variance[found]
        gain = variance[:, :, 0] / (variance[:, :1, 0] + MEASURED)
        self.mean[found] += gain[:, :, None] * (box[:, None, :2] - self.mean[found, :1])
        self.variance[found] = variance - gain[:, :, None] * variance[:, :1]
        self.height[found] = box[:, 3]
        self.looks[found] = normalised(KEPT * self.looks[found] + (1 - KEPT) * self.embeddings[rows])
        self._predict()

    def begin(self, frame: int, rows: np.ndarray) -> None:
        count = len(rows)
        place = self.boxes[rows, None, :2]
        self.mean = np.concatenate([self.mean, np.concatenate([place, np.zeros((count, 1, 2))], 1)])
        start = np.diag([2 * MEASURED, 4 * HURRIED])
        self.variance = np.concatenate([self.variance, np.tile(_moved(start[None]), (count, 1, 1))])
        self.height = np.append(self.height, self.boxes[rows, 3])
        self.looks = np.concatenate([self.looks, self.embeddings[rows]])

    def keep(self, mask: np.ndarray) -> None:
        self.mean, self.variance, self.height, self.looks = (
            values[mask] for values in (self.mean, self.variance, self.height, self.looks)
        )

    def _predict(self) -> None:
        """One frame further."""
        self.mean[:, 0] += self.mean[:, 1]
        self.variance = _moved(self.variance)


def _moved(variance: np.ndarray) -> np.ndarray:
    step = np.array([[1.0, 1.0], [0.0, 1.0]])
    return step @ variance @ step.T + np.diag([MOVED, HURRIED])


class MemberTracks(Tracks):
    """Tracks that are the sum of their detections so far: each has a probability for every detection of a frame.

    Args:
        votes: for each frame the detections of the frames before that have a say, and their probabilities
            ``(members, detections of the frame)``.
        count: detections in all.
    """

    def __init__(self, votes: list[tuple[np.ndarray, np.ndarray]], count: int) -> None:
        self.votes = votes
        self.member = np.full(count, -1)
        self.tracks = 0

    def probability(self, frame: int, rows: np.ndarray) -> np.ndarray:
        """The mean over the members of a track."""
        members, probability = self.votes[frame]
        own = self.member[members]
        known = own >= 0
        total = np.zeros((self.tracks, len(rows)))
        np.add.at(total, own[known], probability[known])
        return total / np.bincount(own[known], minlength=self.tracks).clip(min=1)[:, None]

    def update(self, frame: int, rows: np.ndarray) -> None:
        self.member[rows[rows >= 0]] = np.flatnonzero(rows >= 0)

    def begin(self, frame: int, rows: np.ndarray) -> None:
        self.member[rows] = self.tracks + np.arange(len(rows))
        self.tracks += len(rows)

    def keep(self, mask: np.ndarray) -> None:
        place = np.where(mask, np.cumsum(mask) - 1, -1)
        self.member = np.where(self.member >= 0, place[self.member], -1)
        self.tracks = int(mask.sum())


def normalised(vectors: np.ndarray) -> np.ndarray:
    """Rows of length 1."""
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True).clip(min=1e-9)


def with_none(logits: np.ndarray) -> np.ndarray:
    """Probabilities of the columns of ``(K, M)`` logits where "none" has the logit 0."""
    return softmax(np.concatenate([logits, np.zeros((len(logits), 1))], 1), axis=1)[:, :-1]
