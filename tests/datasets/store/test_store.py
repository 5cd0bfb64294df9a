"""The graph store: equal to graphs built in memory, whatever the pieces, processes and interruptions."""

import json
import os
import pickle
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pandas as pd
import pytest
import torch

from gnntrack import DataError, Sequence
from gnntrack.datasets.labelled import label_annotations
from gnntrack.datasets.sample import TRAINING, VALIDATION, sample
from gnntrack.datasets.store import GraphStore, read_index, write_store
from gnntrack.graphs import GraphSettings, build_graph, windows
from gnntrack.graphs.arrays import graph_arrays
from gnntrack.tasks import engine

SETTINGS = GraphSettings(window=8, stride=2, max_gap=6)
SMALL = 100  # boxes a shard: several shards a sequence


def items():
    return [label_annotations(sample(name, "annotations")) for name in (TRAINING, VALIDATION)]


def content(folder):
    """Every file of a store with its bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A store written without interruption."""
    folder = tmp_path_factory.mktemp("whole")
    write_store(folder, items(), SETTINGS, shard_boxes=SMALL)
    return folder


def test_windows_equal_those_built_in_memory(whole):
    store = GraphStore(whole)
    expected = [
        window for item in items() for window in windows(build_graph(item.sequence, SETTINGS, item.identity), SETTINGS)
    ]
    assert len(store.index.shards) > 10
    assert len(store) == len(expected)
    for stored, built in zip(store, expected, strict=True):
        assert sorted(set(stored.keys()) - {"edge_row"}) == sorted(set(built.keys()) - {"edge_row"})
        for key in set(built.keys()) - {"edge_row"}:
            if torch.is_tensor(built[key]):
                assert built[key].dtype == stored[key].dtype
                torch.testing.assert_close(stored[key], built[key], rtol=0, atol=1e-5)
            else:
                assert stored[key] == built[key]


def test_two_workers_write_the_same_bytes(whole, tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "SMALL", 0)  # or one process would do it
    write_store(tmp_path / "two", items(), SETTINGS, shard_boxes=SMALL, workers=2)
    assert content(tmp_path / "two") == content(whole)


def test_a_store_that_fits_is_left_alone(whole):
    before = {path: path.stat().st_mtime_ns for path in whole.rglob("*.*")}
    write_store(whole, items(), SETTINGS, shard_boxes=SMALL)
    assert {path: path.stat().st_mtime_ns for path in whole.rglob("*.*")} == before


def test_other_settings_and_other_sources_rebuild_what_differs(tmp_path):
    first = write_store(tmp_path, items(), SETTINGS, shard_boxes=SMALL)
    wider = GraphSettings(window=8, stride=2, max_gap=4)
    assert write_store(tmp_path, items(), wider, shard_boxes=SMALL).settings == wider
    assert GraphStore(tmp_path).index.settings == wider
    again = write_store(tmp_path, items(), SETTINGS, shard_boxes=SMALL)
    assert again == first
    changed = items()
    boxes = changed[1].sequence.boxes
    moved = Sequence(VALIDATION, boxes.assign(x=boxes["x"] + 1.0), 640, 480, 25.0, 71)
    third = write_store(tmp_path, [changed[0], label_annotations(moved)], SETTINGS, shard_boxes=SMALL)
    same = [old.fingerprint == new.fingerprint for old, new in zip(first.shards, third.shards, strict=True)]
    assert same == [shard.sequence == 0 for shard in first.shards]
    fewer = write_store(tmp_path, items()[:1], SETTINGS, shard_boxes=SMALL)
    assert sorted(path.name for path in (tmp_path / "shards").iterdir()) == [shard.file for shard in fewer.shards]


SCRIPT = """
import sys
from tests_store_items import items, SETTINGS, SMALL
from gnntrack.datasets.store import write_store, writing

build = writing._built

def noted(*arguments):
    for piece, shard in build(*arguments):
        print(piece.file, flush=True)
        yield piece, shard

writing._built = noted
if __name__ == "__main__":
    write_store(sys.argv[1], items(), SETTINGS, shard_boxes=SMALL, workers=int(sys.argv[2]))
"""


def writer(folder, workers, helper):
    """Another process that writes the store and says so shard by shard."""
    source = Path(__file__).read_text().split("\n@pytest.fixture")[0]
    (helper / "tests_store_items.py").write_text(source)
    root = str(Path(__file__).parents[3])
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(folder), str(workers)],
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(helper), root]), "OMP_NUM_THREADS": "1"},
        text=True,
    )


def noted(function, calls):
    def call(*arguments, **options):
        calls.append(options)
        return function(*arguments, **options)

    return call


def test_a_killed_writing_is_resumed_to_the_same_bytes(whole, tmp_path, monkeypatch):
    process = writer(tmp_path / "store", 1, tmp_path)
    for _ in range(7):
        assert process.stdout.readline().endswith(".safetensors\n")
    process.send_signal(signal.SIGKILL)
    process.wait()
    with pytest.raises(DataError, match="the store is unfinished; convert again; what is there is kept"):
        read_index(tmp_path / "store")
    unfinished = tmp_path / ".store.gnntrack.partial"
    assert len(list((unfinished / "shards").glob("0*"))) >= 7
    (unfinished / "shards" / ".00000-00003-a.safetensors.gnntrack.partial").write_bytes(b"half")
    built = []
    monkeypatch.setattr("gnntrack.datasets.store.pieces.graph_arrays", noted(graph_arrays, built))
    write_store(tmp_path / "store", items(), SETTINGS, shard_boxes=SMALL)
    assert content(tmp_path / "store") == content(whole)
    assert len(built) <= len(read_index(whole).shards) - 7
    assert not unfinished.exists()


def test_a_torn_shard_is_refused_and_written_again_once_it_is_gone(whole, tmp_path):
    write_store(tmp_path, items(), SETTINGS, shard_boxes=SMALL)
    shard = tmp_path / "shards" / "00000-00002-TUD-Stadtmitte.safetensors"
    shard.write_bytes(shard.read_bytes()[:-100])
    with pytest.raises(DataError, match=r"TUD-Stadtmitte\.safetensors: tensors of \d+ bytes in a file that has"):
        list(GraphStore(tmp_path))
    with pytest.raises(
        DataError, match=r"holds shards/00000-00002-TUD-Stadtmitte\.safetensors, which was changed since"
    ):
        write_store(tmp_path, items(), SETTINGS, shard_boxes=SMALL, overwrite=True)
    shard.unlink()
    write_store(tmp_path, items(), SETTINGS, shard_boxes=SMALL)
    assert content(tmp_path) == content(whole)


def test_of_two_writers_one_waits_and_goes_on_when_the_other_is_killed(whole, tmp_path):
    first = writer(tmp_path / "store", 1, tmp_path)
    first.stdout.readline()
    write = threading.Thread(
        target=write_store, args=(tmp_path / "store", items(), SETTINGS), kwargs={"shard_boxes": SMALL}
    )
    write.start()
    first.kill()
    first.wait()
    write.join()
    assert content(tmp_path / "store") == content(whole)


def test_two_writers_at_once_leave_one_whole_store(whole, tmp_path):
    job = partial(write_store, tmp_path, settings=SETTINGS, shard_boxes=SMALL)
    with ThreadPoolExecutor(3) as pool:
        indices = [future.result() for future in [pool.submit(job, items=items()) for _ in range(3)]]
    assert indices[0] == indices[1] == indices[2]
    assert content(tmp_path) == content(whole)


class Bomb:
    def __init__(self, canary):
        self.canary = canary

    def __reduce__(self):
        return os.system, (f"touch {self.canary}",)


def test_a_shard_that_is_a_pickle_is_refused_and_does_nothing(whole, tmp_path):
    write_store(tmp_path / "store", items()[1:], SETTINGS)
    (shard,) = (tmp_path / "store" / "shards").iterdir()
    for poison in (pickle.dumps(Bomb(tmp_path / "canary")), b"", b"\xff" * 4096):
        shard.write_bytes(poison)
        with pytest.raises(DataError, match="no safetensors file"):
            GraphStore(tmp_path / "store")[0]
    assert not (tmp_path / "canary").exists()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"version": 99}, "store of version 99, expected 1; convert again"),
        ({"gnntrack": "0.0.1"}, "the store's features are those of gnntrack 0.0.1; convert again with"),
        ({"features": [["x"]]}, "the store's features are those of gnntrack"),
        ({"format": "other"}, "not the index of a graph store; expected gnntrack-graphs"),
        ({"extra": 1}, "unknown key 'extra'"),
        ({"sequences": []}, "impossible shard '00000-00000-TUD-Campus.safetensors'; convert again"),
    ],
)
def test_an_index_that_does_not_fit_is_refused(change, expected, tmp_path):
    write_store(tmp_path, items()[1:], SETTINGS)
    path = tmp_path / "index.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(DataError, match=expected):
        read_index(tmp_path)


def test_a_shard_elsewhere_is_refused(tmp_path):
    write_store(tmp_path, items()[1:], SETTINGS)
    path = tmp_path / "index.json"
    path.write_text(path.read_text().replace("00000-00000-TUD-Campus.safetensors", "../../00000.safetensors"))
    with pytest.raises(DataError, match=r"impossible shard '../../00000.safetensors'"):
        read_index(tmp_path)


def test_a_folder_with_something_else_is_refused(tmp_path):
    (tmp_path / "mine.txt").write_text("kept")
    with pytest.raises(DataError, match=r"holds mine\.txt, which no earlier run wrote; move it away or choose another"):
        write_store(tmp_path, items(), overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_39_a_full_disk_is_one_line_and_leaves_no_torn_shard(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    write_store(tmp_path, items()[1:], SETTINGS)
    before = content(tmp_path)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DataError, match="cannot write: No space left on device; choose another output"):
        write_store(tmp_path, items(), SETTINGS)
    assert content(tmp_path) == before


def test_sequences_without_truth_have_no_labels(tmp_path):
    write_store(tmp_path, [sample(VALIDATION, "detections")], SETTINGS)
    graph = GraphStore(tmp_path)[0]
    assert "edge_label" not in graph
    assert "identity" not in graph


def test_few_boxes_and_far_frames(tmp_path):
    """Frames without boxes cost nothing, however many; one box is a window without edges.

    frame  1 · · · · · · · 900,000,000
           a ─ ─ ─ ─ ─ ─ ─ a             too far apart for a link
    """
    table = pd.DataFrame({"frame": [1, 900_000_000], "id": 1, "x": 5.0, "y": 5.0, "w": 9.0, "h": 9.0})
    empty = Sequence("empty", table[:0], 64, 48, length=9)
    write_store(tmp_path, [Sequence("far", table, 64, 48), empty], SETTINGS)
    graphs = list(GraphStore(tmp_path))
    assert [graph.num_nodes for graph in graphs] == [1, 1]
    assert all(graph.edge_index.shape == (2, 0) for graph in graphs)
    assert [entry.boxes for entry in read_index(tmp_path).sequences] == [2, 0]
