"""Reading a graph store: a PyG data set of window graphs, cut from memory-mapped shards."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch_geometric.data import Data, Dataset

from gnntrack.datasets.store.index import SHARDS, read_index
from gnntrack.datasets.store.shards import open_shard
from gnntrack.graphs import slice_window
from gnntrack.remote import as_path

#: Shards that stay mapped at once; a map costs address space, not memory.
_OPEN_SHARDS = 16


class GraphStore(Dataset):  # type: ignore[misc]  # torch_geometric comes without types
    """The window graphs of a store, one an item.

    Args:
        folder: the store.
        transform: applied to every graph that is read.

    Attributes:
        index: settings, sequences and shards.

    Raises:
        DataError: the store is missing, unfinished or broken.

    Example:
        >>> import tempfile
        >>> from gnntrack.datasets.sample import sample
        >>> from gnntrack.datasets.store import write_store
        >>> folder = tempfile.mkdtemp()
        >>> _ = write_store(folder, [sample("TUD-Campus", "detections")])
        >>> store = GraphStore(folder)
        >>> len(store), store[0].name, store[0].num_nodes
        (15, 'TUD-Campus', 53)
    """

    def __init__(self, folder: str | Path, transform: Any = None) -> None:
        super().__init__(root=None, transform=transform)
        self.folder = as_path(folder)
        self.index = read_index(self.folder)
        self._starts = np.concatenate([[0], np.cumsum([shard.windows for shard in self.index.shards])]).astype(int)
        self._open: OrderedDict[int, tuple[Data, torch.Tensor]] = OrderedDict()

    def len(self) -> int:
        """Number of windows."""
        return int(self._starts[-1])

    def get(self, idx: int) -> Data:
        """The window graph at this position, in the order of shards and time."""
        shard = self.shard_of(idx)
        graph, windows = self._shard(shard)
        first, last, _, _ = windows[idx - self._starts[shard]].tolist()
        return slice_window(graph, first, last)

    def shard_of(self, position: int) -> int:
        """The shard that holds the window at this position."""
        return int(np.searchsorted(self._starts, position, side="right")) - 1

    def shard_ranges(self) -> list[range]:
        """The positions of every shard's windows."""
        return [range(int(a), int(b)) for a, b in zip(self._starts[:-1], self._starts[1:], strict=True)]

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_open": OrderedDict()}  # a worker of a data loader maps shards itself

    def _shard(self, number: int) -> tuple[Data, torch.Tensor]:
        if number not in self._open:
            entry = self.index.shards[number]
            self._open[number] = open_shard(self.folder / SHARDS / entry.file, entry)
            if len(self._open) > _OPEN_SHARDS:
                self._open.popitem(last=False)
        self._open.move_to_end(number)
        return self._open[number]
