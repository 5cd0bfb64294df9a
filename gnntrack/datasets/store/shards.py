"""Reading one shard: the graph of a run of frames, and the windows that lie in it."""

from __future__ import annotations

from pathlib import Path

import torch
from torch_geometric.data import Data

from gnntrack.datasets.store.index import ShardEntry
from gnntrack.datasets.store.pieces import label_of
from gnntrack.datasets.store.shard_checks import check_layout, check_values
from gnntrack.errors import DataError
from gnntrack.loaders.tensors import read_header
from gnntrack.loaders.torch_tensors import read_tensors
from gnntrack.remote import is_remote, local_copy


def open_shard(path: Path, entry: ShardEntry | None = None) -> tuple[Data, torch.Tensor]:
    """The graph of a shard and its windows ``(W, 4)``; tensors are memory-mapped, and checked once, here.

    Args:
        path: of the shard.
        entry: what the index says of it.

    Raises:
        DataError: the shard is missing, broken, or not the one of the index.
    """
    if is_remote(path):  # fetched once, and mapped
        with local_copy(path) as copy:
            return open_shard(copy, entry)
    header = read_header(path)
    about = label_of(header, path)
    if entry is not None and (entry.fingerprint, entry.nodes, entry.edges) != (
        about.fingerprint,
        about.nodes,
        about.edges,
    ):
        raise DataError("the shard is not the one of the index", remedy="convert again", path=path)
    check_layout(header, about.nodes, about.edges, path)
    if entry is not None and header.tensors["windows"].shape[0] != entry.windows:
        problem = f"{header.tensors['windows'].shape[0]} windows, the index says {entry.windows}"
        raise DataError(problem, remedy="convert again", path=path)
    tensors = read_tensors(path, header)
    check_values(tensors, path)
    windows = tensors.pop("windows")
    graph = Data(name=about.name, frame_rate=about.frame_rate, width=about.width, height=about.height, **tensors)
    graph.time = (graph.frame - graph.frame[:1]).double() / about.frame_rate
    graph.edge_row = torch.arange(graph.edge_index.shape[1])
    return graph, windows
