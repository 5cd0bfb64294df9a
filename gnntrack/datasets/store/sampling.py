"""Batches limited by edges, not by graphs: memory follows the edges."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from torch.utils.data import Sampler

from gnntrack.datasets.store.reading import GraphStore


class EdgeBudgetSampler(Sampler[list[int]]):
    """Yields batches of window positions whose edges together stay within a budget.

    Shuffled by shard: the order of shards is random, and so is the order of windows within a group of shards; reading
    stays local. A window above the budget is a batch of its own.

    Args:
        store: the windows.
        max_edges: temporal edges of a batch, at most.
        shuffle: false keeps the order of time.
        seed: of the order; each epoch has its own.
        group: shards whose windows are mixed.

    Example:
        >>> import tempfile
        >>> from gnntrack.datasets.sample import sample
        >>> from gnntrack.datasets.store import write_store
        >>> folder = tempfile.mkdtemp()
        >>> _ = write_store(folder, [sample("TUD-Campus", "detections")])
        >>> store = GraphStore(folder)
        >>> sampler = EdgeBudgetSampler(store, max_edges=5000)
        >>> all(sum(store[i].edge_index.shape[1] for i in batch) <= 5000 for batch in sampler)
        True
    """

    def __init__(self, store: GraphStore, max_edges: int, shuffle: bool = True, seed: int = 0, group: int = 8) -> None:
        self.max_edges, self.shuffle, self.seed, self.group = max_edges, shuffle, seed, group
        self._ranges, self._edges, self.epoch = store.shard_ranges(), store.edge_counts(), 0

    def set_epoch(self, epoch: int) -> None:
        """Called by the trainer before each epoch."""
        self.epoch = epoch

    def __len__(self) -> int:
        """Number of batches of this epoch."""
        return sum(1 for _ in self)

    def __iter__(self) -> Iterator[list[int]]:
        """The batches of this epoch."""
        batch: list[int] = []
        edges = 0
        for position in self._order().tolist():
            if batch and edges + self._edges[position] > self.max_edges:
                yield batch
                batch, edges = [], 0
            batch.append(position)
            edges += int(self._edges[position])
        if batch:
            yield batch

    def _order(self) -> np.ndarray:
        if not self.shuffle:
            return np.arange(len(self._edges))
        rng = np.random.default_rng([self.seed, self.epoch])
        shards = rng.permutation(len(self._ranges))
        parts = []
        for start in range(0, len(shards), self.group):
            members = [np.asarray(self._ranges[shard]) for shard in shards[start : start + self.group]]
            parts.append(rng.permutation(np.concatenate(members)))
        return np.concatenate(parts).astype(np.int64) if parts else np.zeros(0, dtype=np.int64)
