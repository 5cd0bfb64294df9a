"""The weights of a link network as arrays: which there are, and how compiled code takes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np

from gnntrack.association.compiled_layers import Head, TwoLayers
from gnntrack.association.feature_columns import APPEARANCE_FEATURES, NEIGHBOUR_FEATURES
from gnntrack.association.packed_weights import Neighbour, Rounds, Weights

Arrays = Mapping[str, np.ndarray]
Shapes = dict[str, tuple[int, ...]]
_PER_ROUND = ("source", "target", "edge", "edge_out", "node", "message", "node_out")
_WITH_BIAS = ("edge", "node")


class Shape(Protocol):
    """The settings that a link network needs."""

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
        """Whether it has an appearance branch."""


def link_shapes(settings: Shape, past: int, future: int, edge: int) -> Shapes:
    """The shape of every weight of a :class:`gnntrack.association.network.LinkNetwork`, by its name there.

    Args:
        settings: width, rounds, appearance.
        past: features of a node that came before.
        future: features of a node that may follow.
        edge: features of a candidate.

    Example:
        >>> from gnntrack.association.settings import LinkNetworkSettings
        >>> link_shapes(LinkNetworkSettings(hidden=8, rounds=1), 5, 4, 3)["edge_in.first.weight"]
        (8, 3)
    """
    width = settings.hidden
    shapes: Shapes = {}
    perceptrons = {"past_in": (past, width), "future_in": (future, width), "edge_in": (edge, width), "real": (width, 1)}
    if settings.appearance:
        perceptrons["appearance"] = (edge + APPEARANCE_FEATURES, width)
    for name, (inputs, outputs) in perceptrons.items():
        shapes |= linear_shapes(f"{name}.first", inputs, width) | linear_shapes(f"{name}.second", width, outputs)
    shapes |= {f"neighbour_{part}.weight": (width, width) for part in ("state", "out")}
    shapes |= linear_shapes("neighbour_relation", NEIGHBOUR_FEATURES, width) | linear_shapes("head", width, 1)
    for number in range(settings.rounds):
        shapes[f"rounds.{number}.scale"] = (width,)
        shapes |= {f"rounds.{number}.{name}.weight": (width, width) for name in _PER_ROUND}
        shapes |= {f"rounds.{number}.{name}.bias": (width,) for name in _WITH_BIAS}
    return shapes


def linear_shapes(name: str, inputs: int, outputs: int) -> Shapes:
    """Of a linear layer with a bias."""
    return {f"{name}.weight": (outputs, inputs), f"{name}.bias": (outputs,)}


def named_below(prefix: str, shapes: Shapes) -> Shapes:
    """The same under longer names: those of a part of a network."""
    return {f"{prefix}.{name}": shape for name, shape in shapes.items()}


def part_of(arrays: Arrays, prefix: str) -> Arrays:
    """The arrays of a part of a network, by their names there; the inverse of :func:`named_below`."""
    start = f"{prefix}."
    return {name.removeprefix(start): values for name, values in arrays.items() if name.startswith(start)}


def link_weights(arrays: Arrays, settings: Shape) -> Weights:
    """The weights in the form that :mod:`gnntrack.association.compiled_network` takes.

    Args:
        arrays: float32, by the names of :func:`link_shapes`.
        settings: of the network.
    """

    def stacked(name: str) -> np.ndarray:
        rounds = range(settings.rounds)
        if name in _PER_ROUND:
            return np.stack([_matrix(arrays, f"rounds.{number}.{name}") for number in rounds])
        return np.stack([arrays[f"rounds.{number}.{name}"] for number in rounds])

    return Weights(
        past_in=two_layers_of(arrays, "past_in"),
        future_in=two_layers_of(arrays, "future_in"),
        neighbour=Neighbour(
            _matrix(arrays, "neighbour_state"),
            _matrix(arrays, "neighbour_relation"),
            _own(arrays["neighbour_relation.bias"]),
            _matrix(arrays, "neighbour_out"),
        ),
        edge_in=two_layers_of(arrays, "edge_in"),
        rounds=Rounds(
            source=stacked("source"),
            target=stacked("target"),
            edge=stacked("edge"),
            edge_bias=stacked("edge.bias"),
            edge_out=stacked("edge_out"),
            scale=stacked("scale"),
            node=stacked("node"),
            message=stacked("message"),
            node_bias=stacked("node.bias"),
            node_out=stacked("node_out"),
        ),
        head=Head(_matrix(arrays, "head").ravel(), _own(arrays["head.bias"])),
        real=two_layers_of(arrays, "real"),
        appearance=two_layers_of(arrays, "appearance") if settings.appearance else None,
    )


def two_layers_of(arrays: Arrays, name: str) -> TwoLayers:
    """A perceptron."""
    first, second = f"{name}.first", f"{name}.second"
    return TwoLayers(
        _matrix(arrays, first), _own(arrays[f"{first}.bias"]), _matrix(arrays, second), _own(arrays[f"{second}.bias"])
    )


def _matrix(arrays: Arrays, layer: str) -> np.ndarray:
    """Weights ``(inputs, outputs)``."""
    return _own(arrays[f"{layer}.weight"].T)


def _own(values: np.ndarray) -> np.ndarray:
    """A contiguous copy: what compiled code takes, and what further training does not change."""
    return np.array(values, order="C")
