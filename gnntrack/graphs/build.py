"""Boxes to graphs: one graph of a whole sequence, or the window graphs cut from it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch_geometric.data import Data

from gnntrack.graphs.arrays import EDGE_FIELDS, NODE_FIELDS, graph_arrays, window_ranges
from gnntrack.graphs.settings import GraphSettings
from gnntrack.sequence import Sequence, View


def build_graph(
    sequence: Sequence,
    settings: GraphSettings = GraphSettings(),
    identity: np.ndarray | None = None,
    groups: np.ndarray | None = None,
) -> Data:
    """The graph of all boxes of a sequence.

    Window graphs are cut from this one (:func:`windows`) rather than built one by one: no feature depends on where a
    window begins, only on frames nearby.

    Args:
        sequence: the boxes.
        settings: candidates and neighbours.
        identity: ``(N,)`` ground-truth identity of every box, −1 for none, for instance from
            :func:`gnntrack.datasets.matching.match_identities`; without it there are no labels.
        groups: ``(N,)`` only boxes of one group may be linked; None: all are of one.

    Returns:
        A graph with ``x, pos, box, frame, time, conf, row``, ``edge_index, edge_attr, edge_row``,
        ``spatial_edge_index, spatial_edge_attr``, and with ``identity`` also ``identity, edge_label``;
        ``time`` is float64, seconds since the first box.

    Example:
        >>> from gnntrack.datasets.sample import sample
        >>> graph = build_graph(sample("TUD-Campus", "detections"))
        >>> graph.num_nodes, graph.edge_index.shape[0], graph.edge_attr.shape[1]
        (222, 2, 20)
    """
    return graph_from_boxes(
        sequence.xywh,
        sequence.frames,
        sequence.boxes["conf"].to_numpy(),
        settings,
        name=sequence.name,
        view=View(sequence.width, sequence.height, sequence.frame_rate),
        identity=identity,
        groups=groups,
    )


def graph_from_boxes(
    box: np.ndarray,
    frame: np.ndarray,
    conf: np.ndarray,
    settings: GraphSettings,
    *,
    name: str,
    view: View,
    identity: np.ndarray | None = None,
    groups: np.ndarray | None = None,
) -> Data:
    """The graph of checked arrays: ``box (N, 4)`` xywh, ``frame (N,)`` ascending, and the others ``(N,)``."""
    arrays = graph_arrays(box, frame, conf, settings, view=view, identity=identity, groups=groups)
    tensors = {field: torch.from_numpy(values) for field, values in arrays.items()}
    return Data(**tensors, name=name, frame_rate=view.frame_rate, width=view.width, height=view.height)


def slice_window(graph: Data, first: int, last: int) -> Data:
    """The window graph of frames ``first`` to ``last`` (both included) of a sequence's graph.

    Its ``time`` starts at 0, and is rounded to float32 only then; ``row`` and ``edge_row`` still count from the
    sequence's start. Tensors of nodes are views, so nothing is copied but the edges and the time.
    """
    start, stop = torch.searchsorted(graph.frame, torch.tensor([first, last + 1])).tolist()
    window = Data(name=graph.name, frame_rate=graph.frame_rate, width=graph.width, height=graph.height)
    for field in NODE_FIELDS:
        if field in graph:
            window[field] = graph[field][start:stop]
    window.time = (window.time - window.time[:1]).float()
    for prefix, others in EDGE_FIELDS.items():
        index = graph[f"{prefix}edge_index"]
        low, high = torch.searchsorted(index[0], torch.tensor([start, stop])).tolist()
        inside = index[1, low:high] < stop
        window[f"{prefix}edge_index"] = index[:, low:high][:, inside] - start
        for field in others:
            if field in graph:
                window[field] = graph[field][low:high][inside]
    return window


def windows(graph: Data, settings: GraphSettings) -> Iterator[Data]:
    """Yields the overlapping window graphs of a sequence's graph, in order of time."""
    for first, last in window_ranges(graph.frame, settings):
        yield slice_window(graph, first, last)
