"""Boxes to graphs as arrays by name: what needs no torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from gnntrack.geometry import centres
from gnntrack.graphs.edges import spatial_edges, temporal_edges
from gnntrack.graphs.features import edge_features, node_features, spatial_features
from gnntrack.graphs.labels import edge_labels, true_links
from gnntrack.graphs.settings import GraphSettings
from gnntrack.sequence import View

if TYPE_CHECKING:
    import torch

#: Fields of edges, by the prefix of their index, and fields of nodes.
EDGE_FIELDS = {"": ("edge_attr", "edge_label", "edge_row", "score", "logit"), "spatial_": ("spatial_edge_attr",)}
NODE_FIELDS = ("x", "pos", "box", "frame", "time", "conf", "row", "identity")


def graph_arrays(
    box: np.ndarray,
    frame: np.ndarray,
    conf: np.ndarray,
    settings: GraphSettings,
    *,
    view: View,
    identity: np.ndarray | None = None,
    groups: np.ndarray | None = None,
) -> dict[str, np.ndarray]:
    """The fields of the graph of checked arrays, see :func:`gnntrack.graphs.graph_from_boxes`."""
    first = int(frame[0]) if len(frame) else 0
    time = (frame - first) / view.frame_rate
    temporal = temporal_edges(box, frame, time, settings, groups)
    spatial = spatial_edges(box, frame, settings)
    arrays = {
        "x": node_features(box, frame, conf, spatial, view),
        "pos": centres(box).astype(np.float32),
        "box": box.astype(np.float32),
        "frame": frame.astype(np.int64),
        "time": time,
        "conf": conf.astype(np.float32),
        "row": np.arange(len(box)),
        "edge_index": temporal,
        "edge_attr": edge_features(box, frame, time, temporal),
        "edge_row": np.arange(temporal.shape[1]),
        "spatial_edge_index": spatial,
        "spatial_edge_attr": spatial_features(box, spatial),
    }
    if identity is not None:
        arrays["identity"] = identity.astype(np.int64)
        arrays["edge_label"] = edge_labels(temporal, true_links(identity, frame), len(box))
    return arrays


def window_arrays(graph: Mapping[str, np.ndarray], first: int, last: int) -> dict[str, np.ndarray]:
    """The fields of a window, see :func:`gnntrack.graphs.slice_window`; ``time`` starts at 0 and is float32."""
    start, stop = np.searchsorted(graph["frame"], [first, last + 1]).tolist()
    window = {name: graph[name][start:stop] for name in NODE_FIELDS if name in graph}
    window["time"] = (window["time"] - window["time"][:1]).astype(np.float32)
    for prefix, others in EDGE_FIELDS.items():
        index = graph[f"{prefix}edge_index"]
        low, high = np.searchsorted(index[0], [start, stop]).tolist()
        inside = index[1, low:high] < stop
        window[f"{prefix}edge_index"] = index[:, low:high][:, inside] - start
        window |= {name: graph[name][low:high][inside] for name in others if name in graph}
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
