"""Seconds and units of length of every node, from whatever a window graph tells."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from gnntrack.errors import DataError
from gnntrack.scatter import rows, scatter_mean

#: A box lower than this share of its window's mean height counts as that high: a zero-area box has no size of its own.
SMALLEST_SIZE = 0.1


def frames(data: Any) -> Tensor:
    """Frame number of every node; where there is none, the rank of its time.

    Raises:
        DataError: there is neither.
    """
    frame = getattr(data, "frame", None)
    if frame is not None:
        return frame if isinstance(frame, Tensor) else torch.as_tensor(frame)
    if getattr(data, "time", None) is None:
        raise DataError("the graph has neither time nor frame", remedy="give the time of every node in seconds")
    moments: Tensor = torch.unique(data.time, return_inverse=True)[1]
    return moments


def times(data: Any, frame: Tensor, node_graph: Tensor, dtype: torch.dtype) -> Tensor:
    """Seconds of every node: ``time``, else frames over the frame rate.

    Raises:
        DataError: there is neither.
    """
    time = getattr(data, "time", None)
    if time is not None:
        return time.to(dtype) if isinstance(time, Tensor) else torch.as_tensor(time, dtype=dtype)
    rate = _per_node(getattr(data, "frame_rate", None), node_graph, dtype)
    if rate is None:
        raise DataError("the graph has neither time nor frame_rate", remedy="give the time of every node in seconds")
    return frame.to(dtype) / rate


def extents(position: Tensor, node_graph: Tensor, graphs: int) -> Tensor:
    """Root mean square distance of the nodes from the middle of their graph, in pixels: ``(N,)``, above zero."""
    fixed = position.detach()
    centred = fixed - rows(scatter_mean(fixed, node_graph, graphs), node_graph)
    extent = scatter_mean(centred.square().sum(1), node_graph, graphs).sqrt()
    return torch.where(extent > 0, extent, 1.0)[node_graph]


def sizes(data: Any, extent: Tensor, node_graph: Tensor, graphs: int, dtype: torch.dtype) -> Tensor:
    """Height of every node's box in pixels, above zero, without gradient; the extent where there are no boxes."""
    box = getattr(data, "box", None)
    if box is None:
        return extent
    height = box.detach()[:, 3].to(dtype).clamp(min=0)
    mean = rows(scatter_mean(height, node_graph, graphs), node_graph)
    mean = torch.where(mean > 0, mean, extent)
    return torch.maximum(height, SMALLEST_SIZE * mean)


def diagonals(data: Any, extent: Tensor, node_graph: Tensor, dtype: torch.dtype) -> Tensor:
    """Diagonal of every node's picture in pixels; the extent where the picture's size is unknown."""
    width = _per_node(getattr(data, "width", None), node_graph, dtype)
    height = _per_node(getattr(data, "height", None), node_graph, dtype)
    if width is None or height is None:
        return extent
    diagonal = (width.square() + height.square()).sqrt()
    return torch.where(diagonal > 0, diagonal, extent)


def _per_node(value: Any, node_graph: Tensor, dtype: torch.dtype) -> Tensor | None:
    """A number per graph (a plain one, a list or a tensor after batching) as one per node."""
    if value is None:
        return None
    per_graph = torch.as_tensor(value, dtype=dtype, device=node_graph.device).reshape(-1)
    return per_graph.expand(len(node_graph)) if len(per_graph) == 1 else per_graph[node_graph]
