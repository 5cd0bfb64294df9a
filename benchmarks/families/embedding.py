"""Embedding + Kalman (DeepSORT-like): a learned appearance, a motion model that is not learned.

Kept: the network is trained as a classifier of the identities that are annotated (cosine softmax); tracking adds the
log likelihood of a Kalman filter to the similarity with a track's mean embedding, and assigns frame by frame, tracks
that were seen in the frame before first.
Left out: pictures (see videos.py).
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import torch
from clips import Clips
from family import Family, Found, mlp
from linking import HURRIED, MARGIN, MEASURED, TEMPERATURE, MotionTracks, link, normalised
from torch import Tensor, nn
from torch.nn import functional
from videos import FEATURES, Video

#: Numbers of an embedding, and what multiplies cosines before the softmax over identities.
WIDTH, SHARPNESS = 16, 10.0


class Embedding(Family):
    """A network from features to embeddings."""

    criterion: ClassVar[dict[str, Any]] = {**Family.criterion, "margin": MARGIN, "temperature": TEMPERATURE}

    def __init__(self, people: int) -> None:
        super().__init__()
        self.network = mlp(FEATURES, 32, WIDTH)
        self.people = nn.Parameter(torch.randn(people, WIDTH))

    def found(self, clips: Clips) -> Found:
        embeddings = self.network(clips.features)
        outputs = {
            "pred_boxes": clips.boxes,
            "pred_logits": confidence(clips),
            "embeddings": embeddings,
            "identity": clips.identity,
        }
        return Found(person_loss(embeddings, self.people, clips), forms(outputs, clips))

    def prepared(self, video: Video) -> Any:
        embeddings = self.network(torch.from_numpy(video.features)).numpy()
        return video.grid, pixels(video.boxes, video), normalised(embeddings)

    def track(self, prepared: Any, threshold: float) -> np.ndarray:
        grid, boxes, embeddings = prepared
        return link(grid, MotionTracks(boxes, embeddings), threshold, len(boxes))


def person_loss(embeddings: Tensor, people: Tensor, clips: Clips) -> Tensor:
    """Cross entropy of "who is it?" over all annotated people."""
    known = clips.person >= 0
    cosine = functional.normalize(embeddings[known], dim=1) @ functional.normalize(people, dim=1).T
    return functional.cross_entropy(SHARPNESS * cosine, clips.person[known])


def forms(outputs: dict[str, Tensor], clips: Clips) -> dict[str, dict[str, Tensor]]:
    """The embeddings; and, as "with motion", the affinity that tracking adds up: of appearance and motion."""
    unit = functional.normalize(outputs["embeddings"], dim=-1).flatten(1, 2)
    shape = clips.there.shape
    looks = ((unit @ unit.mT - MARGIN) / TEMPERATURE).reshape(*shape, *shape[1:])
    apart = {name: values for name, values in outputs.items() if name != "embeddings"}
    return {"": outputs, "with motion": apart | {"affinity": looks + motion(clips)}}


def motion(clips: Clips) -> Tensor:
    """Log likelihood of each detection where each other, at its true speed, would be: ``(B, T, N, T, N)``."""
    place = clips.boxes[..., :2] * clips.boxes.new_tensor(clips.size)
    height = (clips.boxes[..., 3] * clips.size[1]).clamp(min=1.0)
    own = clips.identity
    same = ((own[:, 1:, :, None] == own[:, :-1, None]) & (own[:, 1:, :, None] >= 0)).to(place.dtype)
    known = functional.pad(same.sum(-1), (0, 0, 1, 0))  # nothing is known in the first frame
    speed = functional.pad(place[:, 1:] - same @ place[:, :-1], (0, 0, 0, 0, 1, 0)) * known[..., None]
    moment = torch.arange(own.shape[1])
    gap = (moment - moment[:, None]).clamp(min=0).to(place.dtype)[:, None, :]  # (T, 1, T)
    there = place[:, :, :, None] + speed[:, :, :, None] * gap[..., None]
    off = (place[:, None, None] - there[..., None, :]) / height[..., None, None, None]
    variance = 2 * MEASURED + HURRIED * gap.square() * (4 - 3 * known)[..., None]
    return -0.5 * off.square().sum(-1) / variance[..., None]


def confidence(clips: Clips) -> Tensor:
    """Detections exist: a logit of 4 ``(B, T, N, 1)``; −inf where a slot is empty."""
    return torch.where(clips.there, 4.0, -torch.inf)[..., None]


def pixels(boxes: np.ndarray, video: Video) -> np.ndarray:
    """Shares of the image as pixels."""
    size = [video.detections.width, video.detections.height]
    return boxes * np.array([*size, *size])
