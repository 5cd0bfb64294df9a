"""Seconds and units of length of every node, from whatever a window graph tells."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from gnntrack.errors import DataError
from gnntrack.geometry import HEIGHT
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


def graph_count(data: Any, batch: Tensor | None) -> int:
    """Number of graphs: 1 without a batch; as the batch says, or as its numbers do."""
    if batch is None:
        return 1
    graphs = getattr(data, "num_graphs", None)
    if graphs is not None:
        return int(graphs)
    return int(batch.max()) + 1 if batch.numel() else 1


def times(data: Any, frame: Tensor, node_graph: Tensor, graphs: int) -> Tensor:
    """Seconds of every node since the first of its graph, float64: ``time``, else frames over the frame rate.

    Float32 holds the time of day to about a hundredth of a second and Unix time to two minutes: who rounds before
    subtracting has no gaps left.

    Raises:
        DataError: there is neither, or a frame rate is not above 0.
    """
    time = getattr(data, "time", None)
    if time is not None:
        return since_first(torch.as_tensor(time).double(), node_graph, graphs)
    rate = _per_node("frame_rate", data, node_graph, graphs, torch.float64)
    if rate is None:
        raise DataError("the graph has neither time nor frame_rate", remedy="give the time of every node in seconds")
    if not bool((rate > 0).all()):
        raise DataError("frame_rate is not above 0", remedy="give frames a second")
    return since_first(frame.double(), node_graph, graphs) / rate


def since_first(values: Tensor, node_graph: Tensor, graphs: int) -> Tensor:
    """What is added since the smallest value of each graph: ``(N,)``.

    Example:
        >>> since_first(torch.tensor([100.0, 101.0, 7.0]), torch.tensor([0, 0, 1]), 2).tolist()
        [0.0, 1.0, 0.0]
    """
    first = values.new_full((graphs,), torch.inf).scatter_reduce(0, node_graph, values, "amin")
    return values - rows(first, node_graph)


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
    height = box.detach()[:, HEIGHT].to(dtype).clamp(min=0)
    mean = rows(scatter_mean(height, node_graph, graphs), node_graph)
    mean = torch.where(mean > 0, mean, extent)
    return torch.maximum(height, SMALLEST_SIZE * mean)


def diagonals(data: Any, extent: Tensor, node_graph: Tensor, graphs: int, dtype: torch.dtype) -> Tensor:
    """Diagonal of every node's image in pixels; the extent where the size of the image is unknown."""
    width = _per_node("width", data, node_graph, graphs, dtype)
    height = _per_node("height", data, node_graph, graphs, dtype)
    if width is None or height is None:
        return extent
    diagonal = (width.square() + height.square()).sqrt()
    return torch.where(diagonal > 0, diagonal, extent)


def _per_node(name: str, data: Any, node_graph: Tensor, graphs: int, dtype: torch.dtype) -> Tensor | None:
    """A number per graph (a plain one, a list or a tensor after batching) as one per node.

    Raises:
        DataError: there are not as many as graphs, or one is not finite.
    """
    value = getattr(data, name, None)
    if value is None:
        return None
    per_graph = torch.as_tensor(value, dtype=dtype, device=node_graph.device).reshape(-1)
    if len(per_graph) not in (1, graphs):
        raise DataError(f"{name} has {len(per_graph)} entries for {graphs} graphs", remedy="give one per graph")
    if not bool(per_graph.isfinite().all()):
        raise DataError(f"{name} is not finite", remedy="give a number, or leave it out")
    return per_graph.expand(len(node_graph)) if len(per_graph) == 1 else per_graph[node_graph]
