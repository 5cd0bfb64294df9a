"""Which shards each of several readers reads: every shard is read once, by one of them; needs no torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gnntrack.errors import DataError


@dataclass(frozen=True)
class Share:
    """One of the processes that read a store together.

    Attributes:
        rank: of the process that trains, from 0.
        world: processes that train.
        worker: of the process that reads for it, from 0.
        workers: processes that read for each of them.

    Raises:
        DataError: a rank or worker that there is not.
    """

    rank: int = 0
    world: int = 1
    worker: int = 0
    workers: int = 1

    def __post_init__(self) -> None:
        for what, number, count in (("rank", self.rank, self.world), ("worker", self.worker, self.workers)):
            if not 0 <= number < count:
                raise DataError(f"{what} {number} of {count}", remedy=f"expected 0 to {count - 1}")


def share_of(shards: int, share: Share, seed: int | None = None, epoch: int = 0) -> np.ndarray:
    """The shards that one reader reads in an epoch, in its order; together, all readers read every shard once.

    Args:
        shards: how many there are.
        share: whose.
        seed: of the order, the same for all readers; None: the order of time.
        epoch: each has an order of its own.

    Returns:
        ``(n,)`` int64; readers differ by one shard at most.

    Example:
        >>> share_of(5, Share(rank=1, world=2)).tolist()
        [1, 3]
        >>> sorted(np.concatenate([share_of(5, Share(rank, 2), seed=3) for rank in (0, 1)]).tolist())
        [0, 1, 2, 3, 4]
    """
    order = np.arange(shards) if seed is None else np.random.default_rng([seed, epoch]).permutation(shards)
    return order[share.rank + share.world * share.worker :: share.world * share.workers]
