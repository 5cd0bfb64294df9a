"""A window graph from a batch of clips: predictions on a ``(clips, frames, slots)`` grid, as DETR-like models have."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor
from torch_geometric.data import Data

from gnntrack.geometry import CENTRE, cxcywh_to_xywh
from gnntrack.losses.truth import identity_links
from gnntrack.precision import full_precision


class ClipGraph(NamedTuple):
    """The window graphs of B clips as one batched graph, and where its nodes and links lie on the grid.

    Attributes:
        data: with ``pos`` (differentiable in the boxes), ``box``, ``time``, ``frame``, ``identity``, ``edge_index``,
            ``spatial_edge_index``, ``batch``.
        slot: ``(nodes,)`` place of every node in the flattened grid.
    """

    data: Data
    slot: Tensor


def clip_graph(
    boxes: Tensor,
    time: Tensor,
    identity: Tensor,
    keep: Tensor,
    *,
    neighbours: int = 10,
    max_gap: int = 1,
    spatial_neighbours: int = 4,
) -> ClipGraph:
    """Builds the window graphs of a batch of clips.

    Candidates are, from every node, the nearest nodes of each of the next ``max_gap`` frames, and always the true
    link, which training may know. One distance matrix a frame gap, for all clips and frames at once.

    Args:
        boxes: ``(B, T, N, 4)`` centre x, centre y, width, height in pixels.
        time: ``(T,)`` seconds, increasing.
        identity: ``(B, T, N)``; −1: none.
        keep: ``(B, T, N)`` which slots are nodes.
        neighbours: candidates per node and frame gap.
        max_gap: longest link in frames; true links may be longer.
        spatial_neighbours: neighbours per node within a frame.

    Raises:
        DataError: an identity stands twice in a frame of a clip.

    Example:
        Two objects in two frames; each has both of the next frame as candidates:

        >>> boxes = torch.tensor([[[[1.0, 1, 1, 2], [5.0, 1, 1, 2]], [[1.5, 1, 1, 2], [5.5, 1, 1, 2]]]])
        >>> ids = torch.tensor([[[7, 8], [7, 8]]])
        >>> graph = clip_graph(boxes, torch.tensor([0.0, 0.1]), ids, ids >= 0)
        >>> graph.data.edge_index.tolist()
        [[0, 0, 1, 1], [2, 3, 2, 3]]
    """
    clips, frames, slots = keep.shape
    slot = keep.reshape(-1).nonzero().squeeze(1)
    node = torch.full((clips * frames * slots,), -1, device=boxes.device)
    node[slot] = torch.arange(len(slot), device=boxes.device)
    node = node.reshape(clips, frames, slots)
    clip, frame = slot // (frames * slots), slot // slots % frames
    centre = boxes[..., CENTRE].detach()
    member = identity.reshape(-1)[slot]
    links = [identity_links(member, frame + 1, clip)]
    for gap in range(1, min(max_gap, frames - 1) + 1):
        links.append(_nearest(centre[:, :-gap], centre[:, gap:], node[:, :-gap], node[:, gap:], neighbours))
    near = _nearest(centre, centre, node, node, spatial_neighbours + 1)
    near = near[:, near[0] != near[1]]
    box = boxes.reshape(-1, 4)[slot]
    data = Data(
        pos=box[:, CENTRE],
        box=cxcywh_to_xywh(box),
        time=time[frame],
        frame=frame + 1,
        identity=member,
        edge_index=_distinct(torch.cat(links, 1), len(slot)),
        spatial_edge_index=_distinct(torch.cat([near, near.flip(0)], 1), len(slot)),
        batch=clip,
        num_graphs=clips,
        num_nodes=len(slot),
    )
    return ClipGraph(data, slot)


def _nearest(start: Tensor, end: Tensor, start_node: Tensor, end_node: Tensor, count: int) -> Tensor:
    """Pairs of nodes: from each in ``start`` the nearest in ``end`` of the same clip and frame pair: ``(2, M)``."""
    distance = torch.cdist(full_precision(start), full_precision(end))
    distance = distance.masked_fill((end_node < 0)[..., None, :], torch.inf)
    closest = distance.topk(min(count, distance.shape[-1]), largest=False)
    source = start_node[..., None].expand_as(closest.indices)
    target = end_node[..., None, :].expand_as(distance).gather(-1, closest.indices)
    there = (source >= 0) & (target >= 0) & closest.values.isfinite()
    return torch.stack([source[there], target[there]])


def _distinct(links: Tensor, nodes: int) -> Tensor:
    """Sorted by source and target, without repetitions."""
    key = torch.unique(links[0] * nodes + links[1])
    return torch.stack([key // max(nodes, 1), key % max(nodes, 1)])
