"""From a recipe to a loss."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import Tensor, nn

from gnntrack import recipes
from gnntrack.losses.graph import candidate_graph
from gnntrack.losses.links.link_losses import BceLinkLoss, FocalLinkLoss, LinkLoss, SoftmaxLinkLoss
from gnntrack.losses.links.soft_assignment import side_sums
from gnntrack.losses.output import LossOutput
from gnntrack.losses.settings import LinkSettings, LossSettings, UniTrackSettings
from gnntrack.losses.unitrack import UniTrackLoss


class SumLoss(nn.Module):
    """A link loss and the UniTrack loss on the same logits: their sum, as UniTrack is added to a tracker's own loss.

    Args:
        link: the tracker's own loss.
        unitrack: what is added.
    """

    def __init__(self, link: LinkLoss, unitrack: UniTrackLoss) -> None:
        super().__init__()
        self.link, self.unitrack = link, unitrack

    def forward(self, logits: Tensor, data: Any, **extras: Any) -> LossOutput:
        """The sum on a window graph; the graph is checked once, sums that both need are taken once."""
        logits, graph = candidate_graph(logits, data, extras.get("embeddings"))
        shared = isinstance(self.link, SoftmaxLinkLoss) and self.unitrack.flows == "softmax"
        sums = side_sums(logits, graph.source, graph.target, graph.nodes) if shared else None
        link = self.link.evaluate(logits, graph, sums=sums)
        unitrack = self.unitrack.evaluate(logits, graph, sums=sums, **extras)
        return LossOutput(link.total + unitrack.total, {**link.parts, **unitrack.parts})


def build_loss(recipe: str | Path | LossSettings) -> LinkLoss | UniTrackLoss | SumLoss:
    """The loss that a recipe describes; call it as ``loss(logits, data)``.

    Args:
        recipe: the name of a recipe in ``losses/``, the path of a YAML file, or settings.

    Raises:
        DataError: there is no such recipe, or something in it is wrong.

    Example:
        >>> build_loss("bce")
        BceLinkLoss()
    """
    settings = recipe if isinstance(recipe, LossSettings) else recipes.load("losses", recipe, LossSettings)
    link = None if settings.link is None else _link(settings.link)
    unitrack = None if settings.unitrack is None else _unitrack(settings.unitrack)
    if link is not None and unitrack is not None:
        return SumLoss(link, unitrack)
    chosen = link or unitrack
    assert chosen is not None  # LossSettings requires one of them
    return chosen


def _link(settings: LinkSettings) -> LinkLoss:
    if settings.kind == "bce":
        return BceLinkLoss(settings.weight, settings.positive_weight)
    if settings.kind == "focal":
        return FocalLinkLoss(settings.weight, settings.gamma, settings.focal_alpha)
    return SoftmaxLinkLoss(settings.weight)


def _unitrack(settings: UniTrackSettings) -> UniTrackLoss:
    options = settings.model_dump(exclude={"terms"})
    return UniTrackLoss(settings.terms.given(), **options)
