"""Graphs that networks see as networkx graphs and back, without loss."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import networkx as nx
import numpy as np
import torch
from torch_geometric.data import Data

from gnntrack.errors import DataError
from gnntrack.inspection.feature_names import feature_names
from gnntrack.inspection.vectors import FEATURE_NAMES, SPATIAL, flat, written
from gnntrack.loaders.json_text import parse_json

#: Kinds of edges. A committed link is a temporal link that a tracker chose.
TEMPORAL, COMMITTED = "temporal", "committed"

Side = Literal["nodes", "links", "neighbours"]
#: For each side of the graph: a tensor of the window graph, and the networkx attribute that holds its rows.
NAMES: dict[Side, dict[str, str]] = {
    "nodes": {"x": "features", "pos": "position", "conf": "confidence"},
    "links": {"edge_attr": "features", "edge_label": "label", "appearance": "appearance"},
    "neighbours": {"spatial_edge_attr": "features"},
}
_OF_LINKS = {"score", "logit", "committed", "appearance"}
_DERIVED = {"kind", "gap"}
_INDICES = {"edge_index", "spatial_edge_index", "batch", "ptr"}
_SCHEMA = "tensors"
_DTYPES = {
    name: getattr(torch, name) for name in ("float16", "bfloat16", "float32", "float64", "int32", "int64", "bool")
}


def to_networkx(
    data: Data, scores: torch.Tensor | None = None, committed: torch.Tensor | None = None, *, named: bool = False
) -> nx.DiGraph:
    """A graph that a network sees as a ``networkx.DiGraph``.

    That is a window graph, the graph of a whole sequence, tracks against the detections of a frame or ends of tracklets
    against beginnings (:func:`gnntrack.association.data.as_data`).

    Nodes are numbered as in ``data`` and carry ``frame``, ``time`` (s), ``box`` (x, y, w, h in pixels), ``position``
    (the centre), ``confidence``, ``identity`` (−1: none; absent without ground truth), ``row`` and ``features``.
    Edges carry ``kind``, ``features`` and, where they are links through time, ``gap`` (frames), ``label`` (1.0: true),
    ``score`` and ``logit``. Kinds are ``temporal`` (candidate link), ``committed`` (a candidate that the tracker chose)
    and ``spatial`` (neighbours in one frame). Where some nodes came before and others may follow, ``future`` says
    which, and each has the features of its kind. Tensors of other names travel along under their own name. Vectors
    become tuples; what each of their numbers says stands in ``graph.graph["feature_names"]``, or see ``named``.

    Args:
        data: a graph as :mod:`gnntrack.graphs` builds it.
        scores: probability of each candidate link ``(E,)``; default: ``data.score``, where there is one.
        committed: which candidates a tracker chose, ``(E,)`` bool; default: ``data.committed``, where there is one.
        named: with it every feature is an attribute of its own, by name: ``graph.edges[0, 1]["features.IoU"]``.

    Raises:
        DataError: scores or committed do not hold one value a candidate link.

    Example:
        >>> data = Data(frame=torch.tensor([1, 2]), conf=torch.tensor([0.5, 1.0]), edge_index=torch.tensor([[0], [1]]))
        >>> graph = to_networkx(data, scores=torch.tensor([0.75]))
        >>> graph.nodes[1]["frame"], graph.edges[0, 1]
        (2, {'score': 0.75, 'gap': 1, 'kind': 'temporal'})
    """
    content = data.to_dict()
    tensors = {key: value for key, value in content.items() if torch.is_tensor(value) and key not in _INDICES}
    links, neighbours = _pairs(data, "edge_index"), _pairs(data, "spatial_edge_index")
    for key, values in {"score": scores, "committed": committed}.items():
        if values is not None:
            if tuple(values.shape) != (len(links),):
                problem = f"{key} has shape {tuple(values.shape)} for {len(links)} links"
                raise DataError(problem, remedy="give one value a link")
            tensors[key] = values
    count = len(data.frame) if "frame" in data else int(data.num_nodes or 0)
    sizes = {"nodes": count, "links": len(links), "neighbours": len(neighbours)}
    sides = {key: _side(key) for key, value in tensors.items() if value.dim() in (1, 2)}
    sides = {key: side for key, side in sides.items() if len(tensors[key]) == sizes[side]}

    graph = nx.DiGraph(**{key: value for key, value in content.items() if isinstance(value, str | int | float)})
    graph.graph.pop("num_nodes", None)
    names = feature_names(data)
    if names is not None:
        graph.graph[FEATURE_NAMES] = written(names)
    graph.graph[_SCHEMA] = json.dumps({key: _describe(tensors[key]) for key in sides})
    columns: dict[Side, dict[str, Sequence[Any]]] = {"nodes": {}, "links": {}, "neighbours": {}}
    for key, side in sides.items():
        columns[side][NAMES[side].get(key, key)] = _rows(tensors[key])
    if names is not None and "future" in columns["nodes"] and "features" in columns["nodes"]:
        widths = len(names.past), len(names.future)
        rows = zip(columns["nodes"]["features"], columns["nodes"]["future"], strict=True)
        columns["nodes"]["features"] = [row[: widths[future]] for row, future in rows]
    if "frame" in columns["nodes"]:
        frame = np.array(columns["nodes"]["frame"], dtype=np.int64)
        earlier, later = links.T
        columns["links"]["gap"] = (frame[later] - frame[earlier]).tolist()
    chosen = columns["links"].get("committed", [False] * len(links))
    columns["links"]["kind"] = [COMMITTED if choice else TEMPORAL for choice in chosen]
    columns["neighbours"]["kind"] = [SPATIAL] * len(neighbours)

    graph.add_nodes_from(zip(range(count), _dicts(columns["nodes"], count), strict=True))
    for pairs, side in ((links, "links"), (neighbours, "neighbours")):
        sources, targets = pairs.T.tolist()
        graph.add_edges_from(zip(sources, targets, _dicts(columns[side], len(pairs)), strict=True))
    return flat(graph) if named else graph


def from_networkx(graph: nx.DiGraph) -> Data:
    """The window graph that :func:`to_networkx` was given, tensor for tensor, edges sorted by source and target.

    Graphs made elsewhere work too: nodes may have any names and any of the attributes, as long as every node, or every
    edge of one kind, has the same ones. Edges without a ``kind`` count as temporal.

    Raises:
        DataError: an attribute is missing on some nodes or edges, or a link does not point forward in time.

    Example:
        >>> graph = nx.DiGraph(frame_rate=25.0)
        >>> graph.add_nodes_from([("a", {"frame": 1}), ("b", {"frame": 3})])
        >>> graph.add_edge("a", "b", score=0.5)
        >>> from_networkx(graph)
        Data(frame=[2], edge_index=[2, 1], score=[1], spatial_edge_index=[2, 0], num_nodes=2, frame_rate=25.0)
    """
    try:
        return _rebuilt(graph)
    except (AttributeError, LookupError, TypeError, ValueError, RuntimeError, OverflowError) as error:
        if isinstance(error, DataError):
            raise
        problem = f"attributes that make no tensors: {str(error)[:80]}"
        raise DataError(problem, remedy="expected a graph that gnntrack wrote") from None


def _rebuilt(graph: nx.DiGraph) -> Data:
    order = {node: position for position, node in enumerate(graph)}
    edges = [(order[source], order[target], values) for source, target, values in graph.edges(data=True)]
    edges.sort(key=lambda edge: edge[:2])
    groups: dict[Side, list[Mapping[str, Any]]] = {"nodes": [values for _, values in graph.nodes(data=True)]}
    pairs: dict[str, list[tuple[int, int]]] = {}
    for side, wanted in (("links", False), ("neighbours", True)):
        chosen = [edge for edge in edges if (edge[2].get("kind", TEMPORAL) == SPATIAL) == wanted]
        pairs[side] = [edge[:2] for edge in chosen]
        groups[side] = [edge[2] for edge in chosen]  # type: ignore[index]

    schema: dict[str, tuple[str, list[int]]] = parse_json(graph.graph.get(_SCHEMA, "{}"))
    data = Data()
    for side, index in (("nodes", None), ("links", "edge_index"), ("neighbours", "spatial_edge_index")):
        if index is not None:
            data[index] = torch.tensor(pairs[side], dtype=torch.int64).reshape(-1, 2).T.contiguous()
        for key, values in _restore(groups[side], side, schema).items():  # type: ignore[index, arg-type]
            data[key] = values
    if "committed" not in data and any(values.get("kind") == COMMITTED for values in groups["links"]):
        data.committed = torch.tensor([values.get("kind") == COMMITTED for values in groups["links"]])
    if "frame" in data and bool((data.frame[data.edge_index[0]] >= data.frame[data.edge_index[1]]).any()):
        raise DataError("a link does not point forward in time", remedy="link from the past to the future")
    data.num_nodes = len(order)
    for key, value in graph.graph.items():
        if key not in (_SCHEMA, FEATURE_NAMES) and isinstance(value, str | int | float):
            data[key] = value
    return data


def _side(key: str) -> Side:
    if key.startswith("spatial_edge"):
        return "neighbours"
    return "links" if key.startswith("edge") or key in _OF_LINKS else "nodes"


def _pairs(data: Data, key: str) -> np.ndarray:
    """The edges as ``(E, 2)``; a graph without the tensor has none."""
    index: np.ndarray = data[key].detach().cpu().numpy().T if key in data else np.zeros((0, 2), dtype=np.int64)
    return index


def _describe(values: torch.Tensor) -> tuple[str, list[int]]:
    return str(values.dtype).removeprefix("torch."), list(values.shape[1:])


def _rows(values: torch.Tensor) -> list[Any]:
    rows: list[Any] = values.detach().cpu().tolist()
    return [tuple(row) for row in rows] if values.dim() > 1 else rows


def _dicts(columns: Mapping[str, Sequence[Any]], count: int) -> list[dict[str, Any]]:
    """The rows of a table of attributes, as dictionaries."""
    if not columns:
        return [{} for _ in range(count)]
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _restore(rows: list[Mapping[str, Any]], side: Side, schema: dict[str, Any]) -> dict[str, torch.Tensor]:
    """The tensors of one side, from the attributes of its nodes or edges."""
    tensor_of = {attribute: key for key, attribute in NAMES[side].items()}
    attributes = dict.fromkeys(key for row in rows for key in row if key not in _DERIVED)
    keys = [key for key in schema if _side(key) == side]
    keys += [key for key in (tensor_of.get(name, name) for name in attributes) if key not in keys]
    tensors = {}
    for key in keys:
        name = NAMES[side].get(key, key)
        values = [row.get(name) for row in rows]
        if any(value is None for value in values):
            missing = sum(value is None for value in values)
            problem = f"attribute {name!r} is missing on {missing} of {len(rows)} {side}"
            raise DataError(problem, remedy="give it to all or to none")
        if key in schema:
            kind, shape = schema[key]
            values = _filled(values, shape[0]) if key == "x" and "future" in schema else values
            tensors[key] = torch.tensor(values, dtype=_DTYPES[kind]).reshape(len(rows), *shape)
        elif all(isinstance(value, bool | int | float | tuple | list) for value in values):
            tensor = torch.tensor(values)  # whole numbers become int64, fractions float32
            tensors[key] = tensor.float() if tensor.is_floating_point() else tensor
    return tensors


def _filled(rows: list[Any], columns: int) -> list[Any]:
    """Features of nodes that have fewer than those of the other kind, filled up with zeros, as graphs have them."""
    return [(*row, *[0] * (columns - len(row))) for row in rows]
