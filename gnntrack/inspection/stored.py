"""The graph of a whole sequence, put together from the shards of a graph store."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch_geometric.data import Data

from gnntrack.datasets.store.index import SHARDS, read_index
from gnntrack.datasets.store.shards import open_shard
from gnntrack.errors import DataError
from gnntrack.graphs import GraphSettings
from gnntrack.remote import as_path
from gnntrack.showing import shown

_NODES = ("x", "pos", "box", "conf", "row", "identity", "frame")
_EDGES = {"": ("edge_attr", "edge_label"), "spatial_": ("spatial_edge_attr",)}


def stored_graph(folder: str | Path, sequence: int | str | None = None) -> tuple[Data, GraphSettings]:
    """Reads one sequence's graph from a store, and the settings that it was built with.

    Shards overlap by a window; boxes and links that stand in two of them are taken once.

    Args:
        folder: the store.
        sequence: its name, or its position in the store, from 0; needed where there is more than one.

    Raises:
        DataError: the store is missing or broken, or the sequence has to be named.

    Example:
        >>> import tempfile
        >>> from gnntrack.datasets.sample import sample
        >>> from gnntrack.datasets.store import write_store
        >>> folder = tempfile.mkdtemp()
        >>> _ = write_store(folder, [sample("TUD-Campus", "detections")], shard_boxes=50)
        >>> stored_graph(folder)[0].num_nodes
        222
    """
    index = read_index(folder)
    names = ", ".join(f"{place}: {entry.name} ({entry.boxes} boxes)" for place, entry in enumerate(index.sequences))
    if sequence is None and len(index.sequences) != 1:
        raise DataError(f"{len(index.sequences)} sequences", remedy=f"choose with --sequence: {names}", path=folder)
    wanted = str(sequence or 0)
    known = {str(place): place for place in range(len(index.sequences))}
    known |= {entry.name: place for place, entry in enumerate(index.sequences)}
    if wanted not in known:
        raise DataError(f"no sequence {shown(sequence)}", remedy=f"choose from {names}", path=folder)
    place = known[wanted]
    about = index.sequences[place]
    parts = [
        open_shard(as_path(folder) / SHARDS / shard.file, shard)[0] for shard in index.shards if shard.sequence == place
    ]
    if not parts:
        raise DataError(f"{about.name} has no boxes", remedy="choose another sequence", path=folder)
    return _joined(parts), index.settings


def _joined(parts: list[Data]) -> Data:
    """One graph of overlapping ones; boxes are identified by their row in the sequence's table."""
    first = parts[0]
    graph = Data(name=first.name, frame_rate=first.frame_rate, width=first.width, height=first.height)
    rows, where = np.unique(np.concatenate([part.row.numpy() for part in parts]), return_index=True)
    for key in _NODES:
        if key in first:
            graph[key] = torch.cat([part[key] for part in parts])[where]
    graph.time = (graph.frame - graph.frame[:1]).double() / graph.frame_rate
    for prefix, keys in _EDGES.items():
        ends = [part.row.numpy()[part[f"{prefix}edge_index"].numpy()] for part in parts]
        edges = np.searchsorted(rows, np.concatenate(ends, axis=1))
        _, kept = np.unique(edges[0] * len(rows) + edges[1], return_index=True)  # sorted by source, then target
        graph[f"{prefix}edge_index"] = torch.from_numpy(edges[:, kept])
        for key in keys:
            if key in first:
                graph[key] = torch.cat([part[key] for part in parts])[kept]
    graph.edge_row = torch.arange(graph.edge_index.shape[1])
    return graph
