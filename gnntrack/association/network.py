"""The network that scores candidate links: tracks against detections, or ends of tracklets against beginnings."""

from __future__ import annotations

from typing import Any, Protocol

import torch
from torch import Tensor, nn

from gnntrack.association.appearance import APPEARANCE_FEATURES
from gnntrack.association.compiled_network import Weights, gather
from gnntrack.association.features import NEIGHBOUR_FEATURES
from gnntrack.association.scores import Scores, associate


class Shape(Protocol):
    """What a :class:`LinkNetwork` needs to know of its settings."""

    @property
    def hidden(self) -> int:
        """Width of node and link states."""

    @property
    def rounds(self) -> int:
        """Rounds of message passing."""

    @property
    def dropout(self) -> float:
        """Share of hidden values that are dropped in training."""

    @property
    def appearance(self) -> bool:
        """Whether links know how alike the embeddings of their ends are."""


class LinkNetwork(nn.Module):
    """The weights of :func:`gnntrack.association.scores.associate`.

    Args:
        settings: width, rounds, dropout.
        left: features of a track, or of a tracklet's end.
        right: features of a detection, or of a tracklet's beginning.
        pair: features of a candidate.
    """

    def __init__(self, settings: Shape, left: int, right: int, pair: int) -> None:
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
        arrays = {name: tensor.detach().cpu().float().numpy() for name, tensor in self.weights().items()}
        return gather(arrays, self.rounds)


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
