"""Stores and workers on a bucket: loaders with workers of their own, processes of this machine, a cluster."""

from __future__ import annotations

from collections import Counter

import pytest
from torch.utils.data import DataLoader

from gnntrack.datasets.labelled import label_annotations
from gnntrack.datasets.sample import TRAINING, VALIDATION, sample
from gnntrack.datasets.store import GraphStore, WindowBatches, read_index, write_store
from gnntrack.errors import DataError
from gnntrack.graphs import GraphSettings
from gnntrack.tasks import engine
from tests.remote.conftest import files, objects, put
from tests.tasks.conftest import scheduler  # noqa: F401 (a fixture)

SETTINGS = GraphSettings(window=8, stride=2, max_gap=6)


def items():
    return [label_annotations(sample(name, "annotations")) for name in (TRAINING, VALIDATION)]


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """A store on this machine."""
    folder = tmp_path_factory.mktemp("store")
    write_store(folder, items(), SETTINGS, shard_boxes=300)
    return folder


def names(batches):
    return Counter(
        (graph.name, int(graph.frame[0]), graph.num_nodes) for batch in batches for graph in batch.to_data_list()
    )


def test_a_store_has_the_same_bytes(here, place):
    write_store(f"{place}/store", items(), SETTINGS, shard_boxes=300)
    assert objects(f"{place}/store") == files(here)
    store = GraphStore(f"{place}/store")
    assert len(store) == len(GraphStore(here)) > 50
    assert (store[3].edge_attr == GraphStore(here)[3].edge_attr).all()


def test_a_store_that_is_there_is_kept_and_what_differs_is_written(here, bucket, requests_made):
    write_store(f"{bucket}/store", items(), SETTINGS, shard_boxes=300)
    before = objects(f"{bucket}/store")
    requests_made.clear()
    write_store(f"{bucket}/store", items(), SETTINGS, shard_boxes=300, overwrite=True)
    assert objects(f"{bucket}/store") == before
    assert not [each for each in requests_made if each.startswith("PUT") and "shards" in each]
    write_store(f"{bucket}/store", items()[:1], SETTINGS, shard_boxes=300, overwrite=True)
    assert len(read_index(f"{bucket}/store").sequences) == 1
    assert len(objects(f"{bucket}/store")) == len(read_index(f"{bucket}/store").shards) + 2


def test_a_store_that_was_stopped_goes_on(bucket, requests_made):
    """Its manifest says that it is unfinished; shards that are there are not written again."""

    def stopping():
        yield items()[0]
        raise KeyboardInterrupt

    from gnntrack.datasets.store.writing import MadeFrom

    arguments = {"shard_boxes": 300, "made_from": MadeFrom("sample", {})}
    with pytest.raises(KeyboardInterrupt):
        write_store(f"{bucket}/store", stopping(), SETTINGS, **arguments)
    with pytest.raises(DataError, match="no graph store"):
        read_index(f"{bucket}/store")
    there = {name for name in objects(f"{bucket}/store") if name.startswith("shards")}
    assert there
    requests_made.clear()
    write_store(f"{bucket}/store", items(), SETTINGS, **arguments)
    put_again = {each.rpartition("store/")[2] for each in requests_made if each.startswith("PUT")}
    assert not put_again & there
    assert len(GraphStore(f"{bucket}/store")) > 50


def test_a_loader_with_workers_reads_every_window_once(here, bucket):
    put(here, f"{bucket}/store")
    store = GraphStore(f"{bucket}/store")
    assert store[0].num_nodes  # this process has connections, which its children cannot use
    loader = DataLoader(WindowBatches(store, 20_000), batch_size=None, num_workers=2, multiprocessing_context="fork")
    assert names(loader) == names(WindowBatches(GraphStore(here), 20_000))


def test_a_shard_is_one_request(here, bucket, requests_made):
    put(here, f"{bucket}/store")
    store = GraphStore(f"{bucket}/store")
    requests_made.clear()
    assert sum(1 for _ in WindowBatches(store, 20_000)) > 1
    gets = Counter(each for each in requests_made if each.startswith("GET") and "?list" not in each)
    assert len(gets) == len(store.index.shards) and set(gets.values()) == {1}


def test_processes_of_this_machine(gnntrack, root, bucket, monkeypatch):
    monkeypatch.setattr(engine, "SMALL", 0)  # or one process would do it
    put(root, f"{bucket}/data")
    command = ["convert", f"{bucket}/data", "--to", "kitti"]
    done = gnntrack(*command, "-o", f"{bucket}/two", "--workers", "2")
    assert done.code == 0, done.err
    assert gnntrack(*command, "-o", f"{bucket}/one").code == 0
    assert objects(f"{bucket}/two") == objects(f"{bucket}/one")


def test_a_cluster(gnntrack, root, bucket, weights, scheduler):  # noqa: F811
    put(root, f"{bucket}/data")
    done = gnntrack("convert", f"{bucket}/data", "-o", f"{bucket}/graphs", "--scheduler", scheduler)
    assert done.code == 0, done.err
    put(weights.parent, f"{bucket}/models")
    command = ["track", f"{bucket}/data", "--weights", f"{bucket}/models/w.safetensors"]
    done = gnntrack(*command, "-o", f"{bucket}/there", "--scheduler", scheduler)
    assert done.code == 0, done.err
    assert gnntrack(*command, "-o", f"{bucket}/here").code == 0
    assert objects(f"{bucket}/there") == objects(f"{bucket}/here")
