"""Global attention over a clip (GTR-like): every detection asks all others of the clip whether they are the same.

Kept: a transformer over all detections of a clip; the loss is, for each detection and each other frame, the cross
entropy of its choice among that frame's detections and "none"; online, a track is the mean of what its detections in
the last frames say.
Left out: pictures; separate queries for trajectories; layers (there is one). Added: scores fall with distance, at a
learned rate, since there is little else to see here.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from clips import LENGTH, Clips, whole
from embedding import confidence
from family import Family, Found, mlp
from linking import MemberTracks, link, with_none
from torch import Tensor, nn
from videos import FEATURES, Video

WIDTH = 32
PLACE = 4


class Attention(Family):
    """One layer of a transformer, queries and keys."""

    def __init__(self, people: int) -> None:
        super().__init__()
        self.token = mlp(FEATURES + PLACE, WIDTH, WIDTH)
        self.layer = nn.TransformerEncoderLayer(WIDTH, 2, 2 * WIDTH, dropout=0.0, batch_first=True)
        self.query, self.key = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)
        self.reach, self.level = nn.Parameter(torch.tensor(1.0)), nn.Parameter(torch.tensor(0.0))

    def affinity(self, clips: Clips) -> Tensor:
        """Logits between all detections ``(B, T, N, T, N)``."""
        shape = clips.there.shape
        there = clips.there.flatten(1)
        tokens = self.token(torch.cat([clips.features, clips.boxes], -1)).flatten(1, 2)
        tokens = self.layer(tokens, src_key_padding_mask=~there)
        tokens = torch.where(there[..., None], tokens, 0.0)  # a clip without detections has none
        scores = self.query(tokens) @ self.key(tokens).mT / WIDTH**0.5
        place = clips.boxes.flatten(1, 2)
        size = clips.boxes.new_tensor(clips.size)
        height = (place[..., 3] * clips.size[1]).clamp(min=1.0)
        distance = torch.cdist(place[..., :2] * size, place[..., :2] * size) / height[..., None]
        moment = torch.arange(shape[1]).repeat_interleave(shape[2])
        gap = (moment[:, None] - moment).abs().clamp(min=1)
        return (scores + self.level - self.reach * distance / gap.sqrt()).reshape(*shape, *shape[1:])

    def found(self, clips: Clips) -> Found:
        affinity = self.affinity(clips)
        outputs = {
            "pred_boxes": clips.boxes,
            "pred_logits": confidence(clips),
            "affinity": affinity,
            "identity": clips.identity,
        }
        return Found(choice_loss(affinity, clips), {"": outputs})

    def prepared(self, video: Video) -> Any:
        votes: list[tuple[np.ndarray, np.ndarray]] = []
        for frame in range(len(video.grid)):
            first = max(0, frame - LENGTH + 1)
            clip = whole(video, first, frame - first + 1)
            shape = clip.there.shape[1:]
            logits = self.affinity(clip)[0].numpy()[:-1, :, -1].reshape(-1, shape[1])
            rows = video.grid[first : frame + 1, : shape[1]]
            real = rows[:-1].reshape(-1) >= 0
            votes.append((rows[:-1].reshape(-1)[real], with_none(logits[real][:, rows[-1] >= 0])))
        return video.grid, votes, len(video.boxes)

    def track(self, prepared: Any, threshold: float) -> np.ndarray:
        grid, votes, count = prepared
        return link(grid, MemberTracks(votes, count), threshold, count)


def choice_loss(affinity: Tensor, clips: Clips) -> Tensor:
    """Cross entropy over the detections of each other frame and "none" (logit 0)."""
    logits = affinity.masked_fill(~clips.there[:, None, None], -torch.inf)
    none = logits.new_zeros(*logits.shape[:-1], 1)
    chances = torch.cat([logits, none], -1).log_softmax(-1)
    own = clips.identity[..., None, None]
    same = (own == clips.identity[:, None, None]) & (own >= 0)
    wanted = torch.cat([same, ~same.any(-1, keepdim=True)], -1)
    cost = -torch.where(wanted, chances, 0.0).sum(-1)
    frames = torch.arange(cost.shape[1])
    counted = clips.there[..., None] & (frames[:, None, None] != frames) & clips.there.any(-1)[:, None, None]
    return cost[counted].mean()
