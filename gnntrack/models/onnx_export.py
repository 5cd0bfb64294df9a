"""Networks that score links, as ONNX graphs: for runtimes without Python. Needs the package ``onnx``, and no torch."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from gnntrack.association.compiled_layers import EPSILON, TwoLayers
from gnntrack.association.compiled_network import CERTAIN
from gnntrack.association.feature_columns import APPEARANCE, APPEARANCE_FEATURES, NEIGHBOUR_FEATURES
from gnntrack.association.packed_weights import Weights
from gnntrack.files import atomic_path

#: Opset and format that runtimes have read since 2023.
OPSET, FORMAT = 18, 9


def write_onnx(path: str | Path, members: Iterable[Weights]) -> None:
    """Writes a network that scores links, or the mean of several, atomically.

    Inputs are the fields of :class:`gnntrack.association.graph.BipartiteGraph`: ``past (T, ·)``, ``future (D, ·)``,
    ``edge_index (2, E)``, ``edge_attr (E, ·)``, ``spatial_edge_index (2, S)``, ``spatial_edge_attr (S, 5)``, and
    ``appearance (E, 4)`` for a network with an appearance branch. Outputs are ``logits (E,)`` and, of the last member,
    ``probability (E,)`` and ``real (D,)`` as in :class:`gnntrack.association.compiled_network.Scores`.

    Args:
        path: the file.
        members: their weights.
    """
    model = network_graph(list(members))
    onnx.checker.check_model(model)
    with atomic_path(path) as temporary:
        temporary.write_bytes(model.SerializeToString())


def network_graph(members: list[Weights]) -> Any:
    """The ``onnx.ModelProto`` of :func:`write_onnx`."""
    graph, first = _Graph(), members[0]
    scores = [_scores(graph, weights) for weights in members]
    logits = scores[0][0]
    for other, _, _ in scores[1:]:
        logits = graph.add("Add", logits, other)
    outputs = graph.add("Div", logits, graph.number(len(members))), *scores[-1][1:]
    for name, output in zip(("logits", "probability", "real"), outputs, strict=True):
        graph.flat(output, name)
    floats, whole = TensorProto.FLOAT, TensorProto.INT64
    inputs: dict[str, tuple[int, list[str | int | None]]] = {
        "past": (floats, ["T", len(first.past_in.first)]),
        "future": (floats, ["D", len(first.future_in.first)]),
        "edge_index": (whole, [2, "E"]),
        "edge_attr": (floats, ["E", len(first.edge_in.first)]),
        "spatial_edge_index": (whole, [2, "S"]),
        "spatial_edge_attr": (floats, ["S", NEIGHBOUR_FEATURES]),
    }
    if first.appearance is not None:
        inputs["appearance"] = (floats, ["E", APPEARANCE_FEATURES])
    described = helper.make_graph(
        graph.nodes,
        "gnntrack",
        [helper.make_tensor_value_info(name, kind, shape) for name, (kind, shape) in inputs.items()],
        [
            helper.make_tensor_value_info(name, floats, [rows])
            for name, rows in (("logits", "E"), ("probability", "E"), ("real", "D"))
        ],
        graph.constants,
    )
    opsets = [helper.make_opsetid("", OPSET)]
    return helper.make_model(described, opset_imports=opsets, ir_version=FORMAT, producer_name="gnntrack")


class _Graph:
    """Collects operations; values are known by their names."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def add(self, operation: str, *inputs: str, **attributes: Any) -> str:
        """One operation; the name of its result."""
        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(operation, inputs, [name], **attributes))
        return name

    def flat(self, value: str, name: str) -> None:
        """An output ``(N,)``."""
        shape = self.constant(np.array([-1]))
        self.nodes.append(helper.make_node("Reshape", [value, shape], [name]))

    def constant(self, values: np.ndarray) -> str:
        """An array of the graph."""
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.array(values, order="C"), name))
        return name

    def number(self, value: float) -> str:
        """A float32."""
        return self.constant(np.array(value, dtype=np.float32))

    def one(self) -> Any:
        """What an array of ones is filled with."""
        return numpy_helper.from_array(np.ones(1, dtype=np.float32))

    def row(self, pairs: str, which: int) -> str:
        """One row of ``(2, E)``."""
        return self.add("Gather", pairs, self.constant(np.array(which)), axis=0)

    def times(self, x: str, weights: np.ndarray) -> str:
        """``x @ weights``."""
        return self.add("MatMul", x, self.constant(weights))

    def plus(self, first: str, *others: str) -> str:
        """The sum, from left to right."""
        for other in others:
            first = self.add("Add", first, other)
        return first

    def gathered_sum(self, values: str, to: str, like: str) -> str:
        """Rows of ``values (E, W)`` added up at the rows ``to (E,)`` of zeros as many as ``like`` has."""
        rows = self.add("Slice", self.add("Shape", like), *(self.constant(np.array([edge])) for edge in (0, 1)))
        width = self.add("Slice", self.add("Shape", values), *(self.constant(np.array([edge])) for edge in (1, 2)))
        zeros = self.add("ConstantOfShape", self.add("Concat", rows, width, axis=0))
        places = self.add("Unsqueeze", to, self.constant(np.array([1])))
        return self.add("ScatterND", zeros, places, values, reduction="add")

    def two_layers(self, x: str, layers: TwoLayers) -> str:
        """See :func:`gnntrack.association.compiled_network.two_layers`."""
        hidden = self.plus(self.times(x, layers.first), self.constant(layers.first_bias))
        return self.plus(self.times(self.add("Relu", hidden), layers.second), self.constant(layers.second_bias))


def _scores(graph: _Graph, weights: Weights) -> tuple[str, str, str]:
    """Logits ``(E, 1)``, probabilities ``(E, 1)`` and ``real (D, 1)`` of one network."""
    past, future = graph.two_layers("past", weights.past_in), graph.two_layers("future", weights.future_in)
    nodes = _with_neighbours(graph, graph.add("Concat", past, future, axis=0), weights)
    pair = graph.two_layers("edge_attr", weights.edge_in)
    if weights.appearance is not None:
        both = graph.add("Concat", "edge_attr", "appearance", axis=1)
        known = graph.add("Gather", "appearance", graph.constant(np.array([APPEARANCE.known])), axis=1)
        pair = graph.plus(pair, graph.add("Mul", known, graph.two_layers(both, weights.appearance)))
    ends = graph.row("edge_index", 0), graph.row("edge_index", 1)
    logits = probability = ""
    for number in range(len(weights.rounds.edge)):
        pair = _updated_pairs(graph, nodes, pair, ends, weights, number)
        logits = graph.plus(graph.times(pair, weights.head.weight[:, None]), graph.constant(weights.head.bias))
        probability = _probability(graph, logits, ends, nodes)
        message = graph.add("Mul", probability, pair)
        heard = graph.plus(*(graph.gathered_sum(message, end, nodes) for end in ends))
        parts = graph.times(nodes, weights.rounds.node[number]), graph.times(heard, weights.rounds.message[number])
        hidden = graph.add("Relu", graph.plus(*parts, graph.constant(weights.rounds.node_bias[number])))
        nodes = graph.plus(nodes, graph.times(hidden, weights.rounds.node_out[number]))
    bounds = graph.add("Shape", "past", end=1), graph.add("Shape", nodes, end=1)
    return logits, probability, graph.two_layers(graph.add("Slice", nodes, *bounds), weights.real)


def _with_neighbours(graph: _Graph, nodes: str, weights: Weights) -> str:
    """Node states with the mean of what their neighbours say."""
    near, here = graph.row("spatial_edge_index", 0), graph.row("spatial_edge_index", 1)
    state = graph.add("Gather", graph.times(nodes, weights.neighbour.state), near, axis=0)
    relation = graph.times("spatial_edge_attr", weights.neighbour.relation)
    heard = graph.add("Relu", graph.plus(state, relation, graph.constant(weights.neighbour.bias)))
    ones = graph.add("ConstantOfShape", graph.add("Shape", here), value=graph.one())
    ones = graph.add("Unsqueeze", ones, graph.constant(np.array([1])))
    count = graph.add("Max", graph.gathered_sum(ones, here, nodes), graph.number(1.0))
    mean = graph.add("Div", graph.gathered_sum(heard, here, nodes), count)
    return graph.plus(nodes, graph.times(mean, weights.neighbour.out))


def _updated_pairs(graph: _Graph, nodes: str, pair: str, ends: tuple[str, str], weights: Weights, number: int) -> str:
    """New states of links, of root mean square 1 before they are scaled."""
    rounds = weights.rounds
    sides = (
        graph.add("Gather", graph.times(nodes, of[number]), end, axis=0)
        for of, end in zip((rounds.source, rounds.target), ends, strict=True)
    )
    mixed = graph.plus(*sides, graph.times(pair, rounds.edge[number]), graph.constant(rounds.edge_bias[number]))
    pair = graph.plus(pair, graph.times(graph.add("Relu", mixed), rounds.edge_out[number]))
    square = graph.add("ReduceMean", graph.add("Mul", pair, pair), graph.constant(np.array([-1])))
    size = graph.add("Sqrt", graph.plus(square, graph.number(EPSILON)))
    return graph.add("Mul", graph.add("Div", pair, size), graph.constant(rounds.scale[number]))


def _probability(graph: _Graph, logits: str, ends: tuple[str, str], nodes: str) -> str:
    """Of each link ``(E, 1)`` against its rivals on both sides, and against none."""
    raised = graph.add("Exp", graph.add("Min", logits, graph.number(CERTAIN)))
    rivals = graph.plus(*(graph.gathered_sum(raised, end, nodes) for end in ends))
    sides = (graph.add("Gather", rivals, end, axis=0) for end in ends)
    return graph.add("Div", raised, graph.add("Sub", graph.plus(graph.number(1.0), *sides), raised))
