"""Reading a store in shares: every shard once, whoever reads, in an order that all readers agree on."""

from collections import Counter
from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.data import DataLoader

from gnntrack import DataError
from gnntrack.datasets.labelled import label_annotations
from gnntrack.datasets.sample import TRAINING, VALIDATION, sample
from gnntrack.datasets.store import GraphStore, Share, WindowBatches, share_of, write_store
from gnntrack.graphs import GraphSettings

SETTINGS = GraphSettings(window=8, stride=2, max_gap=6)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    folder = tmp_path_factory.mktemp("store")
    videos = [label_annotations(sample(name, "annotations")) for name in (TRAINING, VALIDATION)]
    write_store(folder, videos, SETTINGS, shard_boxes=60)
    return GraphStore(folder)


def windows_of(batches):
    """The windows of some batches, in their order, by video, first frame and boxes."""
    return [
        (graph.name, int(graph.frame[0]), int(graph.frame[-1]), graph.num_nodes)
        for batch in batches
        for graph in batch.to_data_list()
    ]


@given(
    shards=st.integers(0, 300),
    world=st.integers(1, 9),
    workers=st.integers(1, 5),
    seed=st.none() | st.integers(0, 2**32),
    epoch=st.integers(0, 99),
)
def test_all_shares_together_are_every_shard_once(shards, world, workers, seed, epoch):
    every = [Share(rank, world, worker, workers) for rank in range(world) for worker in range(workers)]
    shares = [share_of(shards, share, seed, epoch) for share in every]
    assert sorted(np.concatenate(shares).tolist()) == list(range(shards))
    sizes = [len(share) for share in shares]
    assert max(sizes) - min(sizes) <= 1


def test_an_epoch_has_its_own_order_and_the_same_seed_the_same():
    one, again, other = (share_of(50, Share(), seed=1, epoch=epoch).tolist() for epoch in (0, 0, 1))
    assert one == again != other
    assert share_of(50, Share(), seed=2).tolist() != one != sorted(one)


@pytest.mark.parametrize(
    "numbers, message",
    [((2, 2), "rank 2 of 2; expected 0 to 1"), ((-1, 2), "rank -1 of 2"), ((0, 1, 4, 4), "worker 4 of 4")],
)
def test_a_rank_that_there_is_not(numbers, message):
    with pytest.raises(DataError, match=message):
        Share(*numbers)


@pytest.mark.parametrize("world", [1, 3])
def test_batches_keep_the_budget_and_all_ranks_read_every_window_once(store, world):
    streams = [WindowBatches(store, 4000, group=2, rank=rank, world=world) for rank in range(world)]
    batches = [list(stream) for stream in streams]
    for batch in (batch for share in batches for batch in share):
        assert batch.num_edges <= 4000 or batch.num_graphs == 1
    whole = windows_of(WindowBatches(store, 4000, shuffle=False))
    assert len(whole) == len(store) > 50
    assert Counter(windows_of(chain.from_iterable(batches))) == Counter(whole)
    assert all(windows_of(share) for share in batches)


def test_the_order_is_of_time_or_of_the_epoch(store):
    stream = WindowBatches(store, 4000)
    first = windows_of(stream)
    assert windows_of(stream) == first
    stream.set_epoch(1)
    assert windows_of(stream) != first
    in_time = windows_of(WindowBatches(store, 4000, shuffle=False))
    assert in_time == [(graph.name, int(graph.frame[0]), int(graph.frame[-1]), graph.num_nodes) for graph in store]
    assert in_time != first


def test_few_shards_are_open_in_a_batch(store):
    """A batch is of one group of shards, and perhaps of the border to the next."""
    stream = WindowBatches(store, 4000, group=2)
    positions = list(stream._positions())
    shards = [store.shard_of(position) for position in positions]
    runs = [shards[start : start + 3] for start in range(len(shards))]
    assert max(len(set(run)) for run in runs) <= 3
    last = {shard: index for index, shard in enumerate(shards)}
    first = {shard: shards.index(shard) for shard in last}
    assert all(len({s for s in last if first[s] <= i <= last[s]}) <= 2 for i in range(len(shards)))


def test_a_loader_with_workers_reads_every_window_once(store):
    loader = DataLoader(WindowBatches(store, 20_000), batch_size=None, num_workers=2)
    assert Counter(windows_of(loader)) == Counter(windows_of(WindowBatches(store, 20_000)))
