"""The network that scores the links from tracks to the detections of a new frame."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn

from gnntrack.graphs.association_features import (
    DETECTION_FEATURES,
    NEIGHBOUR_FEATURES,
    PAIR_FEATURES,
    TRACK_FEATURES,
)
from gnntrack.models.associate import Scores, associate
from gnntrack.recipes import Settings


class AssociationNetworkSettings(Settings):
    """Settings of :class:`AssociationNetwork`.

    Attributes:
        kind: which encoder this is.
        hidden: width of node and link states.
        rounds: rounds of message passing.
        candidates: nearest partners kept of every track and of every detection.
        neighbours: neighbours kept of every track and every detection among their own kind.
        dropout: share of hidden values that are dropped in training.
    """

    kind: Literal["association"] = "association"
    hidden: int = Field(64, ge=4)
    rounds: int = Field(2, ge=1)
    candidates: int = Field(6, ge=1)
    neighbours: int = Field(3, ge=1)
    dropout: float = Field(0.1, ge=0, lt=1)


class AssociationNetwork(nn.Module):
    """The weights of :func:`gnntrack.models.associate.associate`.

    Args:
        settings: width and rounds.
    """

    def __init__(self, settings: AssociationNetworkSettings) -> None:
        super().__init__()
        self.settings = settings
        width = settings.hidden
        weights = _two_layers("track_in", TRACK_FEATURES, width) | _two_layers("pair_in", PAIR_FEATURES, width)
        weights |= _two_layers("detection_in", DETECTION_FEATURES, width) | _two_layers("real", width, width, 1)
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
        dropout = self.settings.dropout if self.training else 0.0
        return associate(self.weights(), graph, self.settings.rounds, dropout)

    def arrays(self) -> dict[str, np.ndarray]:
        """The parameters as numpy arrays, for tracking."""
        return {name: tensor.detach().cpu().numpy() for name, tensor in self.weights().items()}


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
