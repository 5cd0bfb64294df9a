"""What the small trackers have in common."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
from clips import Clips
from torch import Tensor, nn
from torch_geometric.data import Data
from videos import Video


@dataclass(frozen=True)
class Found:
    """What a tracker says of a batch of clips.

    Attributes:
        own: its own loss, a scalar.
        outputs: what :class:`gnntrack.losses.UniTrackCriterion` takes, by form; the first is what the tracker links
            by.
        links: logits on a graph, where it has one: for :class:`gnntrack.losses.UniTrackLoss` itself.
    """

    own: Tensor
    outputs: dict[str, dict[str, Tensor]] = field(default_factory=dict)
    links: tuple[Tensor, Data] | None = None


class Family(nn.Module):
    """A small tracker."""

    #: Arguments of the criterion.
    criterion: ClassVar[dict[str, Any]] = {"max_gap": 2, "neighbours": 5}

    def found(self, clips: Clips) -> Found:
        """Its own loss, and what the criterion needs."""
        raise NotImplementedError

    def prepared(self, video: Video) -> Any:
        """What tracking needs of the network, whatever the threshold."""
        raise NotImplementedError

    def track(self, prepared: Any, threshold: float) -> np.ndarray:
        """The track of every detection ``(N,)``, −1: none."""
        raise NotImplementedError


def mlp(*widths: int) -> nn.Sequential:
    """Linear layers with ReLU between them."""
    layers: list[nn.Module] = []
    for before, after in pairwise(widths):
        layers += [nn.Linear(before, after), nn.ReLU()]
    return nn.Sequential(*layers[:-1])
