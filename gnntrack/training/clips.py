"""Clips: some frames of a labelled video, changed, as the tracker will see them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gnntrack.datasets.labelled import Labelled
from gnntrack.graphs.association import View
from gnntrack.graphs.histories import observations
from gnntrack.models.settings import AugmentationSettings
from gnntrack.training.augmentation import Boxes, augment

#: Videos with fewer boxes teach nothing.
FEWEST_BOXES = 20
#: Share of the clips that are mirrored and slowed at most, but not spoiled.
CLEAN = 0.3
_STRENGTHS = ("jitter", "drift", "pan", "doubt", "drop", "drop_run", "spurious")


@dataclass(frozen=True)
class Clip:
    """Some frames of a video.

    Attributes:
        seen: ``(N, 6)`` observations, sorted by frame.
        identity: ``(N,)`` identity of each, −1: a false positive.
        starts: ``(F + 1,)`` first row of every frame that has boxes, and the number of rows.
        view: picture and frame rate.
    """

    seen: np.ndarray
    identity: np.ndarray
    starts: np.ndarray
    view: View


class ClipSource:
    """Draws changed clips from labelled sequences; long sequences more often, by the root of their length.

    Args:
        labelled: sequences with the identity of every box.
        settings: how much clips are changed at most; each draws a strength of its own.
        length: frames of a clip.
        reverse: share of clips that run backwards.
        minimum_confidence: boxes below are left out.
    """

    def __init__(
        self,
        labelled: list[Labelled],
        settings: AugmentationSettings,
        length: int = 100,
        reverse: float = 0.5,
        minimum_confidence: float = 0.1,
    ) -> None:
        self.settings, self.length, self.reverse = settings, length, reverse
        self.minimum_confidence = minimum_confidence
        self.items = [item for item in labelled if len(item.sequence) >= FEWEST_BOXES]
        share = np.sqrt([float(item.sequence.frames[-1]) for item in self.items])
        self._share = share / share.sum()

    def __len__(self) -> int:
        """Number of sequences that clips are drawn from."""
        return len(self.items)

    def draw(self, random: np.random.Generator) -> Clip:
        """A new clip with at least two boxes."""
        while True:
            clip = self._draw(self.items[random.choice(len(self.items), p=self._share)], random)
            if len(clip.seen) > 1:
                return clip

    def _draw(self, item: Labelled, random: np.random.Generator) -> Clip:
        sequence = item.sequence
        skip = int(random.integers(1, self.settings.skip + 1)) if random.random() < 0.5 else 1
        span = self.length * skip
        first = int(random.integers(1, max(2, int(sequence.frames[-1]) - span + 2)))
        low, high = np.searchsorted(sequence.frames, [first, first + span])
        rows = np.arange(low, high)
        rows = rows[(sequence.frames[rows] - first) % skip == 0]
        frame = (sequence.frames[rows] - first) // skip + 1
        if random.random() < self.reverse:
            rows, frame = rows[::-1], (self.length + 1 - frame)[::-1]
        boxes = Boxes(sequence.xywh[rows], frame, sequence.boxes["conf"].to_numpy()[rows], item.identity[rows])
        strength = max(0.0, random.uniform(-CLEAN / (1.0 - CLEAN), 1.0))
        changed = {name: strength * getattr(self.settings, name) for name in _STRENGTHS}
        boxes = augment(boxes, sequence.width, self.settings.model_copy(update=changed), random)
        usable = (boxes.conf >= self.minimum_confidence) & (boxes.box[:, 2:] > 1e-3).all(1)
        boxes = boxes.take(usable.nonzero()[0])
        starts = np.append(np.flatnonzero(np.diff(boxes.frame, prepend=-1)), len(boxes.frame))
        view = View(sequence.width, sequence.height, sequence.frame_rate / skip)
        return Clip(observations(boxes.box, boxes.conf, boxes.frame), boxes.identity, starts, view)
