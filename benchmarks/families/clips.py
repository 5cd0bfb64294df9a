"""Batches of clips: detections on a ``(clips, frames, slots)`` grid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from videos import Video

#: Frames of a clip.
LENGTH = 6


@dataclass(frozen=True)
class Clips:
    """B clips of T frames with N slots.

    Attributes:
        boxes: ``(B, T, N, 4)`` as in :class:`videos.Video`.
        exact: likewise.
        features: ``(B, T, N, FEATURES)``.
        evidence: ``(B, T, N, EVIDENCE)``.
        there: ``(B, T, N)`` whether a slot holds a detection.
        identity: ``(B, T, N)`` −1: none.
        person: ``(B, T, N)`` number of the identity among all that are learned from, −1: none.
        size: width and height of the image in pixels.
        seconds: from one frame to the next.
    """

    boxes: Tensor
    exact: Tensor
    features: Tensor
    evidence: Tensor
    there: Tensor
    identity: Tensor
    person: Tensor
    size: tuple[float, float]
    seconds: float

    @property
    def targets(self) -> list[list[dict[str, Any]]]:
        """Annotated boxes and identities, as the criterion takes them."""
        return [
            [
                {"boxes": boxes[own >= 0], "track_ids": own[own >= 0]}
                for boxes, own in zip(frames, identities, strict=True)
            ]
            for frames, identities in zip(self.exact, self.identity, strict=True)
        ]


def people(videos: list[Video]) -> list[np.ndarray]:
    """For each video the number of every detection's identity among those of all videos, −1: none."""
    first, result = 0, []
    for video in videos:
        names, which = np.unique(video.identity, return_inverse=True)
        false = int(len(names) > 0 and names[0] < 0)
        result.append(np.where(video.identity < 0, -1, first + which - false))
        first += len(names) - false
    return result


def cut(videos: list[Video], person: list[np.ndarray], firsts: list[int], length: int) -> Clips:
    """One clip from each video."""
    slots = max(video.grid.shape[1] for video in videos)
    rows = np.full((len(videos), length, slots), -1)
    for number, (video, first) in enumerate(zip(videos, firsts, strict=True)):
        rows[number, :, : video.grid.shape[1]] = video.grid[first : first + length]
    rows = rows[:, :, : max(1, int((rows >= 0).sum(2).max()))]
    there = rows >= 0

    def taken(name: str) -> Tensor:
        parts = [getattr(video, name)[where] for video, where in zip(videos, rows, strict=True)]
        values = torch.from_numpy(np.stack(parts))
        return values.masked_fill(~mask.reshape(*mask.shape, *[1] * (values.dim() - 3)), 0)

    mask = torch.from_numpy(there)
    numbers = np.stack([own[where] for own, where in zip(person, rows, strict=True)])
    view = videos[0].detections
    return Clips(
        taken("boxes"),
        taken("exact"),
        taken("features"),
        taken("evidence"),
        mask,
        taken("identity").masked_fill(~mask, -1),
        torch.from_numpy(numbers).masked_fill(~mask, -1),
        (float(view.width), float(view.height)),
        1.0 / view.frame_rate,
    )


def batches(kinds: list[list[Video]], seed: int, steps: int, count: int) -> Iterator[Clips]:
    """Random clips, a batch from each kind of video in turn; the same seed gives the same."""
    rng = np.random.default_rng([seed, 5])
    person = iter(people([video for videos in kinds for video in videos]))
    known = [[(video, next(person)) for video in videos] for videos in kinds]
    for step in range(steps):
        part = known[step % len(known)]
        picked = [part[number] for number in rng.integers(len(part), size=count)]
        firsts = [int(rng.integers(len(video.grid) - LENGTH + 1)) for video, _ in picked]
        yield cut([video for video, _ in picked], [own for _, own in picked], firsts, LENGTH)


def whole(video: Video, first: int = 0, length: int | None = None) -> Clips:
    """Frames of one video as a batch of one clip, to track."""
    return cut([video], [video.identity], [first], length or len(video.grid) - first)
