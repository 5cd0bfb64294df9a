"""Joint detection and embedding (FairMOT-like): one trunk for confidence, box and appearance.

Kept: three heads compete for one small trunk; losses are those of the detector (cross entropy, L1) and of the
classifier of identities; the tracker links refined boxes above a confidence by motion and appearance.
Left out: pictures and heat maps: the trunk sees a noisy feature vector and noisy evidence of the box for each proposal.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import torch
from clips import Clips
from embedding import WIDTH, forms, person_loss, pixels
from family import Family, Found, mlp
from linking import MARGIN, TEMPERATURE, MotionTracks, link, normalised
from torch import Tensor, nn
from torch.nn import functional
from videos import EVIDENCE, FEATURES, Video

#: Proposals below this confidence are not tracked.
LEAST = 0.4
HIDDEN = 32


class Joint(Family):
    """A trunk and three heads."""

    criterion: ClassVar[dict[str, Any]] = {**Family.criterion, "margin": MARGIN, "temperature": TEMPERATURE}

    def __init__(self, people: int) -> None:
        super().__init__()
        self.trunk = nn.Sequential(mlp(FEATURES + EVIDENCE, HIDDEN, HIDDEN), nn.ReLU())
        self.score, self.move = nn.Linear(HIDDEN, 1), nn.Linear(HIDDEN, 4)
        self.embedding = nn.Linear(HIDDEN, WIDTH)
        self.people = nn.Parameter(torch.randn(people, WIDTH))

    def heads(self, boxes: Tensor, features: Tensor, evidence: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Refined boxes, logits of confidence and embeddings."""
        hidden = self.trunk(torch.cat([features, evidence], -1))
        move, size = 0.1 * self.move(hidden), boxes[..., 2:]
        refined = torch.cat([boxes[..., :2] + move[..., :2] * size, size * move[..., 2:].exp()], -1)
        return refined, self.score(hidden), self.embedding(hidden)

    def found(self, clips: Clips) -> Found:
        boxes, score, embeddings = self.heads(clips.boxes, clips.features, clips.evidence)
        real = clips.identity >= 0
        label = real[clips.there].to(score.dtype)
        detection = functional.binary_cross_entropy_with_logits(score[..., 0][clips.there], label)
        size = clips.exact[..., 2:].repeat(1, 1, 1, 2)
        place = ((boxes - clips.exact).abs() / size.clamp(min=1e-6))[real].mean()
        outputs = {
            "pred_boxes": boxes,
            "pred_logits": score.masked_fill(~clips.there[..., None], -torch.inf),
            "embeddings": embeddings,
        }
        return Found(detection + place + person_loss(embeddings, self.people, clips), forms(outputs, clips))

    def prepared(self, video: Video) -> Any:
        boxes, score, embeddings = (
            values.numpy()
            for values in self.heads(*map(torch.from_numpy, (video.boxes, video.features, video.evidence)))
        )
        sure = np.append(score[:, 0] > np.log(LEAST / (1 - LEAST)), False)  # the last: of −1
        grid = np.where(sure[video.grid], video.grid, -1)
        return grid, pixels(boxes, video), normalised(embeddings)

    def track(self, prepared: Any, threshold: float) -> np.ndarray:
        grid, boxes, embeddings = prepared
        return link(grid, MotionTracks(boxes, embeddings), threshold, len(boxes))
