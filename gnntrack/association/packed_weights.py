"""The weights of a link network for compiled code: by name, and as one row of numbers, which is quick to hand over."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np

from gnntrack.association.compiled_layers import Head, TwoLayers
from gnntrack.compiled import compiled


class Rounds(NamedTuple):
    """Weights of message passing, each ``(R, …)`` for R rounds."""

    source: np.ndarray
    target: np.ndarray
    edge: np.ndarray
    edge_bias: np.ndarray
    edge_out: np.ndarray
    scale: np.ndarray
    node: np.ndarray
    message: np.ndarray
    node_bias: np.ndarray
    node_out: np.ndarray


class Neighbour(NamedTuple):
    """Weights of the messages of neighbours."""

    state: np.ndarray
    relation: np.ndarray
    bias: np.ndarray
    out: np.ndarray


class Layers(NamedTuple):
    """The layers of a link network, in order of use; those of the appearance branch are apart."""

    past_in: TwoLayers
    future_in: TwoLayers
    neighbour: Neighbour
    edge_in: TwoLayers
    rounds: Rounds
    head: Head
    real: TwoLayers


class _Weights(NamedTuple):
    past_in: TwoLayers
    future_in: TwoLayers
    neighbour: Neighbour
    edge_in: TwoLayers
    rounds: Rounds
    head: Head
    real: TwoLayers
    appearance: TwoLayers | None


class Weights(_Weights):
    """Weights of :func:`.compiled_network.fast_associate`, in order of use."""

    @cached_property
    def packed(self) -> np.ndarray:
        """All but those of the appearance branch, one after another; they are not changed afterwards."""
        return np.concatenate([values.ravel() for part in self[:-1] for values in part])

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """Inputs of past and future nodes, of candidates and of neighbours; width of states; rounds."""
        inputs = (part.first.shape[0] for part in (self.past_in, self.future_in, self.edge_in))
        return (*inputs, len(self.neighbour.relation), len(self.head.weight), len(self.rounds.edge))


@compiled
def unpacked(numbers: np.ndarray, sizes: tuple[int, ...]) -> Layers:
    """The layers in a row of numbers.

    Args:
        numbers: :attr:`Weights.packed`.
        sizes: :attr:`Weights.sizes`.
    """
    past, future, pair, relation, hidden, rounds = sizes
    past_in, at = _two_layers(numbers, 0, past, hidden, hidden)
    future_in, at = _two_layers(numbers, at, future, hidden, hidden)
    state, at = _matrix(numbers, at, hidden, hidden)
    to_relation, at = _matrix(numbers, at, relation, hidden)
    bias, at = numbers[at : at + hidden], at + hidden
    out, at = _matrix(numbers, at, hidden, hidden)
    edge_in, at = _two_layers(numbers, at, pair, hidden, hidden)
    source, at = _matrices(numbers, at, rounds, hidden)
    target, at = _matrices(numbers, at, rounds, hidden)
    edge, at = _matrices(numbers, at, rounds, hidden)
    edge_bias, at = _matrix(numbers, at, rounds, hidden)
    edge_out, at = _matrices(numbers, at, rounds, hidden)
    scale, at = _matrix(numbers, at, rounds, hidden)
    node, at = _matrices(numbers, at, rounds, hidden)
    message, at = _matrices(numbers, at, rounds, hidden)
    node_bias, at = _matrix(numbers, at, rounds, hidden)
    node_out, at = _matrices(numbers, at, rounds, hidden)
    head, at = Head(numbers[at : at + hidden], numbers[at + hidden : at + hidden + 1]), at + hidden + 1
    real, at = _two_layers(numbers, at, hidden, hidden, 1)
    return Layers(
        past_in,
        future_in,
        Neighbour(state, to_relation, bias, out),
        edge_in,
        Rounds(source, target, edge, edge_bias, edge_out, scale, node, message, node_bias, node_out),
        head,
        real,
    )


@compiled
def _matrix(numbers: np.ndarray, at: int, rows: int, columns: int) -> tuple[np.ndarray, int]:
    """A matrix, and where the next numbers begin."""
    stop = at + rows * columns
    return numbers[at:stop].reshape((rows, columns)), stop


@compiled
def _matrices(numbers: np.ndarray, at: int, rounds: int, hidden: int) -> tuple[np.ndarray, int]:
    """A square matrix for each round, and where the next numbers begin."""
    stop = at + rounds * hidden * hidden
    return numbers[at:stop].reshape((rounds, hidden, hidden)), stop


@compiled
def _two_layers(numbers: np.ndarray, at: int, inputs: int, hidden: int, outputs: int) -> tuple[TwoLayers, int]:
    """A perceptron, and where the next numbers begin."""
    first, at = _matrix(numbers, at, inputs, hidden)
    first_bias, at = numbers[at : at + hidden], at + hidden
    second, at = _matrix(numbers, at, hidden, outputs)
    return TwoLayers(first, first_bias, second, numbers[at : at + outputs]), at + outputs
