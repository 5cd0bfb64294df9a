"""The network that scores the links from tracks to the detections of a new frame."""

from __future__ import annotations

from typing import Any, Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from gnntrack.association.appearance import APPEARANCE_FEATURES
from gnntrack.association.compiled_network import Weights, gather
from gnntrack.association.features import (
    DETECTION_FEATURES,
    NEIGHBOUR_FEATURES,
    PAIR_FEATURES,
    TRACK_FEATURES,
)
from gnntrack.association.scores import Scores, associate
from gnntrack.recipes import Settings
from gnntrack.relinking.graph import TRACKLET_FEATURES, TRACKLET_PAIR_FEATURES
from gnntrack.relinking.settings import TrackletNetworkSettings
from gnntrack.smoothing.network import SmoothingNetwork
from gnntrack.smoothing.settings import SmoothingNetworkSettings


class AssociationNetworkSettings(Settings):
    """Settings of :class:`AssociationNetwork`.

    Attributes:
        kind: which encoder this is.
        hidden: width of node and link states.
        rounds: rounds of message passing.
        candidates: nearest partners kept of every track and of every detection.
        neighbours: neighbours kept of every track and every detection among their own kind.
        dropout: share of hidden values that are dropped in training.
        appearance: whether links know how alike the embeddings of their ends are, where there are embeddings.
        tracklets: of the network that decides crossings afterwards, if there is one.
        smoothing: of the network that smooths boxes, if there is one.
    """

    kind: Literal["association"] = "association"
    hidden: int = Field(64, ge=4)
    rounds: int = Field(2, ge=1)
    candidates: int = Field(6, ge=1)
    neighbours: int = Field(3, ge=1)
    dropout: float = Field(0.1, ge=0, lt=1)
    appearance: bool = False
    tracklets: TrackletNetworkSettings | None = None
    smoothing: SmoothingNetworkSettings | None = None


class LinkNetwork(nn.Module):
    """The weights of :func:`gnntrack.association.scores.associate`.

    Args:
        settings: width, rounds, dropout.
        left: features of a track, or of a tracklet's end.
        right: features of a detection, or of a tracklet's beginning.
        pair: features of a candidate.
    """

    def __init__(
        self, settings: AssociationNetworkSettings | TrackletNetworkSettings, left: int, right: int, pair: int
    ) -> None:
        super().__init__()
        self.rounds, self.dropout = settings.rounds, settings.dropout
        width = settings.hidden
        weights = _two_layers("track_in", left, width) | _two_layers("pair_in", pair, width)
        weights |= _two_layers("detection_in", right, width) | _two_layers("real", width, width, 1)
        weights |= {
            "neighbour.state": _matrix(width, width),
            "neighbour.relation": _matrix(NEIGHBOUR_FEATURES, width),
            "neighbour.bias": torch.zeros(width),
            "neighbour.out": _matrix(width, width),
            "head": _matrix(width, 1),
            "head_bias": torch.zeros(1),
        }
        square = ("source", "target", "pair", "pair_out", "node", "message", "node_out")
        for number in range(settings.rounds):
            weights |= {f"rounds.{number}.{name}": _matrix(width, width) for name in square}
            weights |= {f"rounds.{number}.{name}": torch.zeros(width) for name in ("pair_bias", "node_bias")}
            weights[f"rounds.{number}.scale"] = torch.ones(width)
        if settings.appearance:
            weights |= _two_layers("appearance", pair + APPEARANCE_FEATURES, width)
        self._names = list(weights)
        for name, values in weights.items():
            self.register_parameter(name.replace(".", "_"), nn.Parameter(values))

    def weights(self) -> dict[str, Tensor]:
        """The parameters by the names that :func:`associate` knows."""
        return {name: getattr(self, name.replace(".", "_")) for name in self._names}

    def forward(self, graph: Any) -> Tensor:
        """Link logits ``(E,)`` of the last round."""
        logits: Tensor = self.score(graph).logits[-1]
        return logits

    def score(self, graph: Any) -> Scores:
        """Everything the network says of a graph of tensors."""
        return associate(self.weights(), graph, self.rounds, self.dropout if self.training else 0.0)

    def gathered(self) -> Weights:
        """The parameters in the form that :mod:`gnntrack.association.compiled_network` takes, for tracking."""
        return gather({name: tensor.detach().cpu().numpy() for name, tensor in self.weights().items()}, self.rounds)


class TrackletMember(LinkNetwork):
    """One network of a :class:`TrackletNetwork`.

    Args:
        settings: width and rounds.
    """

    def __init__(self, settings: TrackletNetworkSettings) -> None:
        super().__init__(settings, TRACKLET_FEATURES, TRACKLET_FEATURES, TRACKLET_PAIR_FEATURES)

    def standardise(self, mean: dict[str, Tensor], deviation: dict[str, Tensor]) -> None:
        """Makes the first layers see features of mean 0 and deviation 1.

        Args:
            mean: of the features of ``track_in``, ``detection_in`` and ``pair_in``.
            deviation: likewise.
        """
        weights = self.weights()
        with torch.no_grad():
            for name in mean:
                first = weights[f"{name}.first"]
                first /= deviation[name][:, None]
                weights[f"{name}.first_bias"] -= mean[name] @ first


class TrackletNetwork(nn.Module):
    """Scores the links from ends of tracklets to beginnings: the mean logits of several networks.

    Args:
        settings: width, rounds, members.
    """

    def __init__(self, settings: TrackletNetworkSettings) -> None:
        super().__init__()
        self.settings = settings
        self.members = nn.ModuleList(TrackletMember(settings) for _ in range(settings.members))

    def gathered(self) -> list[Weights]:
        """The parameters of every member, for tracking."""
        return [member.gathered() for member in self.members if isinstance(member, TrackletMember)]


class AssociationNetwork(LinkNetwork):
    """Scores the links from tracks to the detections of a new frame.

    Args:
        settings: width and rounds.

    Attributes:
        tracklets: the network that decides crossings once they are over, if there is one.
        smoothing: the network that smooths boxes, if there is one.
    """

    def __init__(self, settings: AssociationNetworkSettings) -> None:
        super().__init__(settings, TRACK_FEATURES, DETECTION_FEATURES, PAIR_FEATURES)
        self.settings = settings
        self.tracklets = None if settings.tracklets is None else TrackletNetwork(settings.tracklets)
        self.smoothing = None if settings.smoothing is None else SmoothingNetwork(settings.smoothing)


def _matrix(inputs: int, outputs: int) -> Tensor:
    return torch.empty(inputs, outputs).uniform_(-1.0, 1.0) * inputs**-0.5


def _two_layers(name: str, inputs: int, width: int, outputs: int | None = None) -> dict[str, Tensor]:
    outputs = width if outputs is None else outputs
    return {
        f"{name}.first": _matrix(inputs, width) * 1.7,
        f"{name}.first_bias": torch.zeros(width),
        f"{name}.second": _matrix(width, outputs) * 1.7,
        f"{name}.second_bias": torch.zeros(outputs),
    }
