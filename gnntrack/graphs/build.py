"""Boxes to graphs: one graph of a whole sequence, or the window graphs cut from it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch_geometric.data import Data

from gnntrack.geometry import centres
from gnntrack.graphs.edges import spatial_edges, temporal_edges
from gnntrack.graphs.features import edge_features, node_features, spatial_features
from gnntrack.graphs.labels import edge_labels, true_links
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
    first = int(frame[0]) if len(frame) else 0
    time = (frame - first) / view.frame_rate
    temporal = temporal_edges(box, frame, time, settings, groups)
    spatial = spatial_edges(box, frame, settings)
    data = Data(
        x=torch.from_numpy(node_features(box, frame, conf, spatial, view)),
        pos=torch.from_numpy(centres(box).astype(np.float32)),
        box=torch.from_numpy(box.astype(np.float32)),
        frame=torch.from_numpy(frame.astype(np.int64)),
        time=torch.from_numpy(time),
        conf=torch.from_numpy(conf.astype(np.float32)),
        row=torch.arange(len(box)),
        edge_index=torch.from_numpy(temporal),
        edge_attr=torch.from_numpy(edge_features(box, frame, time, temporal)),
        edge_row=torch.arange(temporal.shape[1]),
        spatial_edge_index=torch.from_numpy(spatial),
        spatial_edge_attr=torch.from_numpy(spatial_features(box, spatial)),
        name=name,
        frame_rate=view.frame_rate,
        width=view.width,
        height=view.height,
    )
    if identity is not None:
        data.identity = torch.from_numpy(identity.astype(np.int64))
        data.edge_label = torch.from_numpy(edge_labels(temporal, true_links(identity, frame), len(box)))
    return data


_EDGE_FIELDS = {"": ("edge_attr", "edge_label", "edge_row", "score", "logit"), "spatial_": ("spatial_edge_attr",)}
_NODE_FIELDS = ("x", "pos", "box", "frame", "time", "conf", "row", "identity")


def slice_window(graph: Data, first: int, last: int) -> Data:
    """The window graph of frames ``first`` to ``last`` (both included) of a sequence's graph.

    Its ``time`` starts at 0, and is rounded to float32 only then; ``row`` and ``edge_row`` still count from the
    sequence's start. Tensors of nodes are views, so nothing is copied but the edges and the time.
    """
    start, stop = torch.searchsorted(graph.frame, torch.tensor([first, last + 1])).tolist()
    window = Data(name=graph.name, frame_rate=graph.frame_rate, width=graph.width, height=graph.height)
    for field in _NODE_FIELDS:
        if field in graph:
            window[field] = graph[field][start:stop]
    window.time = (window.time - window.time[:1]).float()
    for prefix, others in _EDGE_FIELDS.items():
        index = graph[f"{prefix}edge_index"]
        low, high = torch.searchsorted(index[0], torch.tensor([start, stop])).tolist()
        inside = index[1, low:high] < stop
        window[f"{prefix}edge_index"] = index[:, low:high][:, inside] - start
        for field in others:
            if field in graph:
                window[field] = graph[field][low:high][inside]
    return window


def window_ranges(frame: np.ndarray | torch.Tensor, settings: GraphSettings) -> list[tuple[int, int]]:
    """First and last frame of every window over a sequence's frames; windows without boxes are left out.

    The last window ends with the last frame, so every link within ``window − stride`` frames lies in one.

    Example:
        >>> window_ranges(np.arange(1, 21), GraphSettings(window=16, stride=4))
        [(1, 16), (5, 20)]
        >>> window_ranges(np.array([1, 2, 1000]), GraphSettings(window=16, stride=8, max_gap=8))
        [(1, 16), (985, 1000)]
    """
    present = np.unique(np.asarray(frame))
    if not len(present):
        return []
    base = int(present[0])
    # only starts whose window holds a box: empty stretches are jumped over, however long
    steps: set[int] = set()
    for back in range(-(-settings.window // settings.stride)):
        step = (present - base) // settings.stride - back
        steps.update(step[(step >= 0) & (step * settings.stride + base + settings.window > present)].tolist())
    starts = base + settings.stride * np.array(sorted(steps))
    needed = int(np.searchsorted(starts + settings.window - 1, int(present[-1]))) + 1  # the first to reach the end
    return [(start, start + settings.window - 1) for start in starts[:needed].tolist()]


def windows(graph: Data, settings: GraphSettings) -> Iterator[Data]:
    """Yields the overlapping window graphs of a sequence's graph, in order of time."""
    for first, last in window_ranges(graph.frame, settings):
        yield slice_window(graph, first, last)
