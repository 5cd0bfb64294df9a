"""What a window graph and its logits must be like, and a clear error where they are not."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from gnntrack.errors import DataError
from gnntrack.scatter import rows


def check_shapes(logits: Tensor, data: Any, nodes: int) -> None:
    """Raises on the first shape or type that does not fit.

    Raises:
        DataError: see above.
    """
    edges = data.edge_index
    if edges.dim() != 2 or edges.shape[0] != 2:
        raise DataError(f"edge_index has shape {tuple(edges.shape)}", remedy="give (2, E)")
    if logits.shape != (edges.shape[1],):
        raise DataError(
            f"{tuple(logits.shape)} logits for {edges.shape[1]} links", remedy="give one logit per column of edge_index"
        )
    if not logits.is_floating_point():
        raise DataError(f"logits are {logits.dtype}", remedy="give floating point logits")
    for name in ("identity", "time", "frame", "box", "batch"):
        values = getattr(data, name, None)
        if values is not None and len(values) != nodes:
            raise DataError(f"{name} has {len(values)} entries for {nodes} nodes", remedy="give one per node")
    label = getattr(data, "edge_label", None)
    if label is not None and label.shape != logits.shape:
        raise DataError(f"edge_label has shape {tuple(label.shape)} for {len(logits)} links", remedy="one per link")


def check_nodes(edges: Tensor, nodes: int) -> None:
    """Raises if a link names a node that is not there.

    Raises:
        DataError: see above.
    """
    if not edges.numel():
        return
    lowest, highest = torch.stack(edges.aminmax()).tolist()
    if lowest < 0 or highest >= nodes:
        raise DataError(f"edge_index names a node outside 0..{nodes - 1}", remedy="rebuild the graph")


def check_values(logits: Tensor, data: Any, position: Tensor, time: Tensor, gap: Tensor, node_graph: Tensor) -> None:
    """Raises on the first value that makes no sense; one synchronisation with the device when all is well.

    Raises:
        DataError: a value is not finite, or a link goes between graphs or backwards in time.
    """
    edges: Tensor = data.edge_index
    nodes = len(position)
    finite = logits.isfinite().all() & position.isfinite().all() & time.isfinite().all()
    inside = (rows(node_graph, edges[0]) == rows(node_graph, edges[1])).all()
    if bool(finite & inside & (gap > 0).all()):
        return
    for name, values in (("position", position), ("time", time)):
        if not bool(values.isfinite().all()):
            node = int((~values.reshape(nodes, -1).isfinite().all(1)).nonzero()[0])
            raise DataError(f"the {name} of node {node} is not finite", remedy="check the boxes")
    source, target = edges[0], edges[1]
    if not bool(logits.isfinite().all()):
        bad = (~logits.isfinite()).nonzero()[:, 0]
        link = int(bad[0])
        raise DataError(
            f"{len(bad)} of {len(logits)} logits are not finite, first logits[{link}] = {logits[link].item()}"
            f"{_whereabouts(data, link, node_graph)}",
            remedy="lower the learning rate or clip gradients",
        )
    crossing = node_graph[source] != node_graph[target]
    if bool(crossing.any()):
        link = int(crossing.nonzero()[0])
        raise DataError(f"link {link} joins two graphs of the batch", remedy="batch with torch_geometric's loader")
    backwards = (time[target] <= time[source]).nonzero()[:, 0]
    link = int(backwards[0])
    start, end = time[source[link]].item(), time[target[link]].item()
    raise DataError(
        f"link {link} points backwards in time or within a frame ({start:g} s to {end:g} s)"
        f"{_whereabouts(data, link, node_graph)}",
        remedy="links go from past to future",
    )


def _whereabouts(data: Any, link: int, node_graph: Tensor) -> str:
    """Where a link lies, in the words of the data: nodes, frames, sequence."""
    source, target = (int(node) for node in data.edge_index[:, link])
    text = f" (node {source} to {target}"
    if getattr(data, "frame", None) is not None:
        text += f", frame {int(data.frame[source])} to {int(data.frame[target])}"
    name = getattr(data, "name", None)
    if isinstance(name, (list, tuple)):
        name = name[int(node_graph[source])]
    return text + (f", sequence {name})" if name else ")")
