"""Batches of a store for training: each rank and worker reads shards of its own, as it comes to them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from torch.utils.data import IterableDataset, get_worker_info
from torch_geometric.data import Batch, Data

from gnntrack.datasets.store.reading import GraphStore
from gnntrack.datasets.store.shares import Share, share_of


class WindowBatches(IterableDataset[Batch]):
    """Batches of windows whose edges together stay within a budget: memory follows the edges, not the graphs.

    Every shard is read once an epoch, by one worker of one rank, so nothing is read twice, and a store may be larger
    than any memory or disk. Shuffled by shard: the order of shards is random, and so is the order of windows within
    a group of shards. A window above the budget is a batch of its own. Ranks have about as many batches, not exactly.

    Args:
        store: the windows.
        max_edges: temporal edges of a batch, at most.
        shuffle: false keeps the order of time.
        seed: of the order, the same on all ranks; each epoch has its own.
        group: shards whose windows are mixed.
        rank: of this process, where several train.
        world: how many train.

    Raises:
        DataError: a rank that there is not; while reading: a shard is missing or broken.

    Example:
        >>> import tempfile
        >>> from torch.utils.data import DataLoader
        >>> from gnntrack.datasets.sample import sample
        >>> from gnntrack.datasets.store import write_store
        >>> folder = tempfile.mkdtemp()
        >>> _ = write_store(folder, [sample("TUD-Campus", "detections")])
        >>> loader = DataLoader(WindowBatches(GraphStore(folder), max_edges=5000), batch_size=None, num_workers=0)
        >>> sum(batch.num_graphs for batch in loader)
        15
    """

    def __init__(
        self,
        store: GraphStore,
        max_edges: int,
        *,
        shuffle: bool = True,
        seed: int = 0,
        group: int = 8,
        rank: int = 0,
        world: int = 1,
    ) -> None:
        self.store, self.max_edges, self.group = store, max_edges, group
        self.shuffle, self.seed, self.epoch = shuffle, seed, 0
        self.rank, self.world = Share(rank, world).rank, world

    def set_epoch(self, epoch: int) -> None:
        """To be called before each epoch; workers that persist do not hear of it."""
        self.epoch = epoch

    def __iter__(self) -> Iterator[Batch]:
        """The batches of this epoch that this rank and worker read."""
        batch: list[Data] = []
        edges = 0
        for position in self._positions():
            window = self.store[position]
            count = window.edge_index.shape[1]
            if batch and edges + count > self.max_edges:
                yield Batch.from_data_list(batch)
                batch, edges = [], 0
            batch.append(window)
            edges += count
        if batch:
            yield Batch.from_data_list(batch)

    def _positions(self) -> Iterator[int]:
        """The windows of this share, in the order of this epoch."""
        worker = get_worker_info()
        share = Share(self.rank, self.world, *((worker.id, worker.num_workers) if worker else ()))
        ranges = self.store.shard_ranges()
        shards = share_of(len(ranges), share, self.seed if self.shuffle else None, self.epoch)
        rng = np.random.default_rng([self.seed, self.epoch, share.rank, share.worker])
        for start in range(0, len(shards), self.group):
            positions = np.concatenate([np.asarray(ranges[shard]) for shard in shards[start : start + self.group]])
            yield from (rng.permutation(positions) if self.shuffle else positions).tolist()
