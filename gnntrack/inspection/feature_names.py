"""What the columns of a graph's features say, whichever network the graph is for."""

from __future__ import annotations

from typing import NamedTuple

from torch_geometric.data import Data

from gnntrack.association.feature_columns import (
    APPEARANCE_NAMES,
    DETECTION_NAMES,
    NEIGHBOUR_NAMES,
    PAIR_NAMES,
    TRACK_NAMES,
)
from gnntrack.graphs.feature_columns import EDGE_FEATURES, NODE_FEATURES, SPATIAL_FEATURES
from gnntrack.relinking.feature_columns import TRACKLET_NAMES, TRACKLET_PAIR_NAMES

Names = tuple[str, ...]


class FeatureNames(NamedTuple):
    """Names of the columns of a graph.

    Attributes:
        past: of nodes that came before; of all nodes where there is but one kind.
        future: of nodes that may follow.
        links: of candidate links.
        neighbours: of edges between neighbours.
    """

    past: Names
    future: Names
    links: Names
    neighbours: Names


_WINDOW = FeatureNames(NODE_FEATURES, NODE_FEATURES, EDGE_FEATURES, SPATIAL_FEATURES)
_ASSOCIATION = FeatureNames(TRACK_NAMES, DETECTION_NAMES, PAIR_NAMES, NEIGHBOUR_NAMES)
_RELINKING = FeatureNames(TRACKLET_NAMES, TRACKLET_NAMES, TRACKLET_PAIR_NAMES, NEIGHBOUR_NAMES)
_KNOWN = (_WINDOW, _ASSOCIATION, _RELINKING)
#: By the number of a link's features, which no two kinds of graph have in common; with appearance and without.
_BY_LINKS = {len(names.links): names for names in _KNOWN} | {
    len(names.links) + len(APPEARANCE_NAMES): names._replace(links=names.links + APPEARANCE_NAMES) for names in _KNOWN
}


def feature_names(graph: Data) -> FeatureNames | None:
    """The names of a graph's features; None: it is none of ours.

    A graph of windows, of tracks against detections (:func:`gnntrack.association.data.as_data`, or of a whole video,
    :func:`gnntrack.inspection.sources.scored_graph`), or of ends of tracklets against beginnings.

    Example:
        >>> import torch
        >>> feature_names(Data(edge_attr=torch.zeros((3, len(EDGE_FEATURES))))).links[:2]
        ('right', 'down')
    """
    known = _BY_LINKS.get(graph.edge_attr.shape[1]) if "edge_attr" in graph and graph.edge_attr.dim() == 2 else None
    if known is None or "x" not in graph:
        return known
    columns = graph.x.shape[1]
    if "future" in graph or columns == len(known.past):
        return known
    return known._replace(past=known.future) if columns == len(known.future) else None


def link_names(graph: Data) -> Names:
    """Of the features of a graph's links; numbers where they are not known.

    Example:
        >>> import torch
        >>> link_names(Data(edge_attr=torch.zeros((3, 2))))
        ('0', '1')
    """
    known = feature_names(graph)
    return known.links if known is not None else tuple(map(str, range(graph.edge_attr.shape[1])))
