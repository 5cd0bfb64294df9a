"""What a window graph and its logits must be like, and a clear error where they are not."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from gnntrack.errors import DataError
from gnntrack.scatter import rows
from gnntrack.tensor_checks import check_devices, check_index, check_rows, check_whole

#: Every field that the loss reads, besides plain numbers.
_FIELDS = ("edge_index", "pos", "time", "frame", "box", "identity", "edge_label", "spatial_edge_index", "batch")


def check_fields(logits: Tensor, data: Any) -> None:
    """Raises on the first field that is missing, lies elsewhere, or does not fit the others in shape, type or range.

    Every index is checked with its companions: ``spatial_edge_index`` and ``batch`` as well as ``edge_index``.

    Raises:
        DataError: see above.
    """
    for name in ("edge_index", "pos"):
        if not isinstance(getattr(data, name, None), Tensor):
            raise DataError(f"the graph has no {name}", remedy="give edge_index (2, E) and pos (N, 2)")
    check_devices({"logits": logits} | {name: getattr(data, name, None) for name in _FIELDS})
    nodes, edges = len(data.pos), data.edge_index
    check_rows("pos", data.pos, nodes, "nodes", 2)
    check_index("edge_index", edges, nodes)
    if logits.shape != (edges.shape[1],):
        raise DataError(
            f"{tuple(logits.shape)} logits for {edges.shape[1]} links", remedy="give one logit per column of edge_index"
        )
    if not logits.is_floating_point():
        raise DataError(f"logits are {logits.dtype}", remedy="give floating point logits")
    annotated = getattr(data, "annotated", None)
    if annotated is not None and annotated.dtype != torch.bool:
        raise DataError(f"annotated is {annotated.dtype}", remedy="give a bool per node")
    for name in ("identity", "time", "frame", "batch", "annotated"):
        check_rows(name, getattr(data, name, None), nodes, "nodes")
    check_rows("box", getattr(data, "box", None), nodes, "nodes", 4)
    label = getattr(data, "edge_label", None)
    if label is not None and label.shape != logits.shape:
        raise DataError(f"edge_label has shape {tuple(label.shape)} for {len(logits)} links", remedy="one per link")
    for name in ("identity", "batch"):
        if getattr(data, name, None) is not None:
            check_whole(name, getattr(data, name))
    if getattr(data, "spatial_edge_index", None) is not None:
        check_index("spatial_edge_index", data.spatial_edge_index, nodes)


def check_embeddings(embeddings: Tensor | None, logits: Tensor, nodes: int) -> None:
    """Raises where embeddings lie elsewhere, are not one per node, or are not finite.

    Raises:
        DataError: see above.
    """
    if embeddings is None:
        return
    check_devices({"logits": logits, "embeddings": embeddings})
    if embeddings.dim() != 2 or len(embeddings) != nodes:
        shape = tuple(embeddings.shape)
        raise DataError(f"embeddings have shape {shape} for {nodes} nodes", remedy="give one per node (N, D)")
    finite = embeddings.isfinite().all(1)
    if not bool(finite.all()):
        node = int((~finite).nonzero()[0])
        raise DataError(f"the embedding of node {node} is not finite", remedy="check the model's output")


def check_graphs(batch: Tensor | None, graphs: int) -> None:
    """Raises if a node lies in a graph that is not there.

    Raises:
        DataError: see above.
    """
    if batch is None or not batch.numel():
        return
    lowest, highest = torch.stack(batch.aminmax()).tolist()
    if lowest < 0 or highest >= graphs:
        wrong = lowest if lowest < 0 else highest
        raise DataError(f"batch names a graph outside 0..{graphs - 1}: {wrong}", remedy="batch with PyG's loader")


def check_values(
    logits: Tensor, data: Any, spatial: Tensor, frame: Tensor, time: Tensor, gap: Tensor, node_graph: Tensor
) -> None:
    """Raises on the first value that makes no sense; one synchronisation with the device when all is well.

    Args:
        logits: ``(E,)``; −inf marks a link that is no candidate, and is ignored.
        data: the graph.
        spatial: ``(2, S)`` neighbours.
        frame: ``(N,)``.
        time: ``(N,)`` seconds.
        gap: ``(E,)`` seconds.
        node_graph: ``(N,)``.

    Raises:
        DataError: a value is not finite, a label is no share, a link goes between graphs or backwards in time, or
            neighbours lie in two frames.
    """
    edges: Tensor = data.edge_index
    nodes = len(time)
    masked = logits == -torch.inf
    sound = (logits.isfinite() | masked).all() & time.isfinite().all() & data.pos.isfinite().all()
    sound &= ((rows(node_graph, edges[0]) == rows(node_graph, edges[1])) & (gap > 0) | masked).all()
    sound &= (rows(node_graph, spatial[0]) == rows(node_graph, spatial[1])).all()
    sound &= (rows(frame, spatial[0]) == rows(frame, spatial[1])).all()
    box, label = getattr(data, "box", None), getattr(data, "edge_label", None)
    if box is not None:
        sound &= box.isfinite().all()
    if label is not None:
        sound &= ((label >= 0) & (label <= 1)).all()
    if bool(sound):
        return
    for name, values in (("position", data.pos), ("time", time), ("box", box)):
        if values is not None and not bool(values.isfinite().all()):
            node = int((~values.reshape(nodes, -1).isfinite().all(1)).nonzero()[0])
            raise DataError(f"the {name} of node {node} is not finite", remedy="check the boxes")
    source, target = edges[0], edges[1]
    bad = (~logits.isfinite() & ~masked).nonzero().squeeze(1)
    if len(bad):
        link = int(bad[0])
        raise DataError(
            f"{len(bad)} of {len(logits)} logits are not finite, first logits[{link}] = {logits[link].item()}"
            f"{_whereabouts(data, link, node_graph)}",
            remedy="lower the learning rate or clip gradients; -inf masks a link, nan and inf do not",
        )
    if label is not None and not bool(((label >= 0) & (label <= 1)).all()):
        link = int((~((label >= 0) & (label <= 1))).nonzero()[0])
        raise DataError(f"edge_label[{link}] is {label[link].item()}", remedy="1 on true links, 0 elsewhere")
    crossing = (node_graph[source] != node_graph[target]) & ~masked
    if bool(crossing.any()):
        link = int(crossing.nonzero()[0])
        raise DataError(f"link {link} joins two graphs of the batch", remedy="batch with torch_geometric's loader")
    backwards = ((gap <= 0) & ~masked).nonzero().squeeze(1)
    if len(backwards):
        link = int(backwards[0])
        start, end = time[source[link]].item(), time[target[link]].item()
        raise DataError(
            f"link {link} points backwards in time or within a frame ({start:.12g} s to {end:.12g} s)"
            f"{_whereabouts(data, link, node_graph)}",
            remedy="links go from past to future; times of day need float64",
        )
    apart = (node_graph[spatial[0]] != node_graph[spatial[1]]) | (frame[spatial[0]] != frame[spatial[1]])
    pair = int(apart.nonzero()[0])
    one, other = (int(node) for node in spatial[:, pair])
    raise DataError(
        f"spatial_edge_index[:, {pair}] joins node {one} and {other} of two frames",
        remedy="neighbours lie in one frame; cut graphs with gnntrack.graphs.slice_window",
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
