"""Attributes that are vectors, as one attribute a component with a name, and back."""

from __future__ import annotations

import json
from typing import Any

import networkx as nx

from gnntrack.association.feature_columns import APPEARANCE_NAMES
from gnntrack.inspection.feature_names import FeatureNames
from gnntrack.loaders.json_text import parse_json

#: Attribute of a graph that names the components of its features.
FEATURE_NAMES = "feature_names"
_COMPONENTS = {"box": ("x", "y", "w", "h"), "position": ("x", "y"), "appearance": APPEARANCE_NAMES}
_NODE, _LINK, _NEIGHBOUR = ("past", "future"), ("links",), ("neighbours",)
SPATIAL = "spatial"


def written(names: FeatureNames) -> str:
    """Names as text, as an attribute of a graph can hold them."""
    return json.dumps(names._asdict())


def flat(graph: nx.DiGraph) -> nx.DiGraph:
    """The same graph with one attribute for every component of a vector: ``box`` becomes ``box.x`` to ``box.h``.

    Example:
        >>> graph = nx.DiGraph()
        >>> graph.add_node(0, position=(2.0, 3.0))
        >>> flat(graph).nodes[0]
        {'position.x': 2.0, 'position.y': 3.0}
    """
    names: dict[str, list[str]] = parse_json(graph.graph.get(FEATURE_NAMES, "{}"))
    result = nx.DiGraph(**graph.graph)
    result.add_nodes_from((node, _flattened(values, names, _NODE)) for node, values in graph.nodes(data=True))
    result.add_edges_from(
        (source, target, _flattened(values, names, _NEIGHBOUR if values.get("kind") == SPATIAL else _LINK))
        for source, target, values in graph.edges(data=True)
    )
    return result


def restored(graph: nx.DiGraph) -> nx.DiGraph:
    """Vectors put together again, and nodes that were numbers are numbers again."""
    numbered = all(isinstance(node, int) or node.removeprefix("-").isdecimal() for node in graph)
    result = nx.DiGraph(**graph.graph)
    result.add_nodes_from(
        (int(node) if numbered else node, _gathered(values)) for node, values in graph.nodes(data=True)
    )
    for source, target, values in graph.edges(data=True):
        ends = (int(source), int(target)) if numbered else (source, target)
        values.pop("id", None)
        result.add_edge(*ends, **_gathered(values))
    return result


def _flattened(values: dict[str, Any], names: dict[str, list[str]], kinds: tuple[str, ...]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, tuple):
            known = [_COMPONENTS[key]] if key in _COMPONENTS else [names.get(kind, []) for kind in kinds]
            fitting = next((found for found in known if len(found) == len(value)), map(str, range(len(value))))
            result |= {f"{key}.{name}": component for name, component in zip(fitting, value, strict=True)}
        else:
            result[key] = value
    return result


def _gathered(values: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in values.items():
        name, dot, _ = key.partition(".")
        result[name if dot else key] = (*result.get(name, ()), value) if dot else value
    return result
