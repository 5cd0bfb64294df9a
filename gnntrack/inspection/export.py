"""Graphs in the formats of other tools: GraphML, GEXF (Gephi, with time) and node-link JSON; written and read back."""

from __future__ import annotations

import json
from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import networkx as nx
from networkx.readwrite.gexf import GEXFWriter

from gnntrack.errors import DataError
from gnntrack.files import atomic_path, write_text
from gnntrack.inspection.style import identity_colour
from gnntrack.inspection.vectors import flat, restored
from gnntrack.loaders.json_text import parse_json, read_json
from gnntrack.loaders.xml_text import read_xml
from gnntrack.remote import as_path
from gnntrack.showing import shown

#: GEXF gives these names a meaning of its own.
_RESERVED = {"id", "label", "weight", "type", "start", "end", "viz", "pid", "spells", "parents", "slices"}


def write_graph(graph: nx.DiGraph, path: str | PathLike[str]) -> None:
    """Writes a graph; the suffix names the format.

    GraphML and GEXF know no vectors: each component is an attribute of its own there.
    ``.graphml`` opens in yEd, Gephi, Cytoscape and igraph; ``.gexf`` in Gephi, with a time line (nodes last one
    frame, links from box to box), positions and colours; ``.json`` is networkx's node-link form, which D3 reads as
    well.

    Args:
        graph: from ``to_networkx`` or ``tracks_to_networkx``, or one's own with numbers, texts and tuples of numbers.
        path: the file.

    Raises:
        DataError: the suffix is none of these, or an attribute cannot be written in this format.

    Example:
        >>> import tempfile
        >>> graph = nx.DiGraph([(0, 1, {"features": (0.5, 2.0)})])
        >>> path = Path(tempfile.mkdtemp(), "graph.graphml")
        >>> write_graph(graph, path)
        >>> read_graph(path).edges[0, 1]
        {'features': (0.5, 2.0)}
    """
    writer = _format(path)[0]
    try:
        writer(graph, as_path(path))
    except (TypeError, ValueError, nx.NetworkXError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(
            f"an attribute cannot be written: {error}", remedy="use plain numbers and text", path=path
        ) from None


def read_graph(path: str | PathLike[str]) -> nx.DiGraph:
    """Reads what :func:`write_graph` wrote, attribute for attribute.

    Raises:
        DataError: the file is missing or not of the format that its suffix names.
    """
    reader = _format(path)[1]
    try:
        return reader(as_path(path))
    except DataError:
        raise
    except Exception as error:  # the parsers of networkx raise whatever a file makes them stumble over
        remedy = "expected a file that gnntrack wrote"
        raise DataError(f"cannot read the graph: {str(error)[:80]}", remedy=remedy, path=path) from None


def _write_graphml(graph: nx.DiGraph, path: Path) -> None:
    with atomic_path(path) as temporary:
        nx.write_graphml(flat(graph), temporary)


def _read_graphml(path: Path) -> nx.DiGraph:
    read_xml(path)  # refuses what networkx would expand
    graph = nx.read_graphml(path)
    for key in ("node_default", "edge_default"):
        graph.graph.pop(key, None)
    return restored(graph)


def _write_gexf(graph: nx.DiGraph, path: Path) -> None:
    result = nx.DiGraph(name=str(graph.graph.get("name", "")))
    renamed = flat(graph)
    for node, values in renamed.nodes(data=True):
        result.add_node(node, **_escaped(values), **_appearance(graph, node))
    for source, target, values in renamed.edges(data=True):
        span = {}
        if "frame" in graph.nodes[source] and "frame" in graph.nodes[target]:
            span = {"start": float(graph.nodes[source]["frame"]), "end": float(graph.nodes[target]["frame"] + 1)}
        result.add_edge(source, target, **_escaped(values), **span)
    writer = GEXFWriter(version="1.2draft")
    writer.add_graph(result)
    # GEXF has no attributes for the graph itself: its description carries them
    ElementTree.SubElement(writer.xml.find("meta"), "description").text = json.dumps(graph.graph)
    with atomic_path(path) as temporary:
        writer.write(str(temporary))


def _read_gexf(path: Path) -> nx.DiGraph:
    said = read_xml(path).find("meta", "description")  # refuses what networkx would expand
    graph = nx.read_gexf(path)
    graph.graph = parse_json("{}" if said is None else said.text or "{}", path)
    everything = [values for _, values in graph.nodes(data=True)] + [values for *_, values in graph.edges(data=True)]
    for values in everything:
        for key in _RESERVED & values.keys():
            del values[key]
        for key in [key for key in values if key.endswith("_") and key[:-1] in _RESERVED]:
            values[key[:-1]] = values.pop(key)
    return restored(graph)


def _write_json(graph: nx.DiGraph, path: Path) -> None:
    write_text(path, json.dumps(nx.node_link_data(graph, edges="links"), allow_nan=False))


def _read_json(path: Path) -> nx.DiGraph:
    graph = nx.node_link_graph(read_json(path), edges="links")
    everything = [values for _, values in graph.nodes(data=True)] + [values for *_, values in graph.edges(data=True)]
    for values in everything:
        values.update({key: tuple(value) for key, value in values.items() if isinstance(value, list)})
    return graph


_FORMATS: dict[str, tuple[Callable[[nx.DiGraph, Path], None], Callable[[Path], nx.DiGraph]]] = {
    ".graphml": (_write_graphml, _read_graphml),
    ".gexf": (_write_gexf, _read_gexf),
    ".json": (_write_json, _read_json),
}


def _format(path: str | PathLike[str]) -> tuple[Callable[[nx.DiGraph, Path], None], Callable[[Path], nx.DiGraph]]:
    suffix = as_path(path).suffix.lower()
    if suffix not in _FORMATS:
        raise DataError(f"no graph format {shown(suffix)}", remedy=f"use {', '.join(_FORMATS)}", path=path)
    return _FORMATS[suffix]


def _escaped(values: dict[str, Any]) -> dict[str, Any]:
    return {f"{key}_" if key in _RESERVED else key: value for key, value in values.items()}


def _appearance(graph: nx.DiGraph, node: Any) -> dict[str, Any]:
    """Label, time span, position (frames from left to right) and colour of a node in Gephi."""
    values = graph.nodes[node]
    look: dict[str, Any] = {}
    if "frame" in values:
        look |= {"start": float(values["frame"]), "end": float(values["frame"] + 1)}
    identity = values.get("identity", -1)
    look["label"] = (
        f"{identity if identity >= 0 else '?'} in frame {values['frame']}" if "frame" in values else str(node)
    )
    if "position" in values:
        x, y = values["position"]
        wide = 0.6 * graph.graph.get("width", 0)
        colour = identity_colour(identity).lstrip("#")
        red, green, blue = (int(colour[start : start + 2], 16) for start in (0, 2, 4))
        look["viz"] = {
            "position": {"x": values.get("frame", 0) * wide + 0.4 * x, "y": -y, "z": 0.0},
            "color": {"r": red, "g": green, "b": blue, "a": 1.0},
            "size": 12.0,
        }
    return look
