"""A graph store is believed nothing: every shard is checked once, against its index and itself."""

from __future__ import annotations

import json

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from gnntrack.datasets.labelled import Labelled
from gnntrack.datasets.sample import sample
from gnntrack.datasets.store import GraphStore, write_store
from gnntrack.datasets.store import shards as shards_module
from gnntrack.datasets.store.shards import open_shard
from gnntrack.errors import DataError


@pytest.fixture
def store(tmp_path):
    """A store of one labelled shard."""
    boxes = sample("TUD-Campus", "annotations")
    write_store(tmp_path / "store", [Labelled(boxes, boxes.boxes["id"].to_numpy())])
    return tmp_path / "store"


def only_shard(store):
    (path,) = (store / "shards").glob("*.safetensors")
    return path


def change(store, edit):
    """Rewrites the shard with tensors and label that ``edit(tensors, label)`` has changed."""
    path = only_shard(store)
    tensors = {name: tensor.clone() for name, tensor in load_file(path).items()}
    with safe_open(path, "pt") as file:
        label = json.loads(file.metadata()["gnntrack"])
    edit(tensors, label)
    save_file(tensors, path, {"gnntrack": json.dumps(label)})


def setting(name, place, value):
    def edit(tensors, label):
        tensors[name][place] = value

    return edit


def dropping(name):
    return lambda tensors, label: tensors.pop(name)


def replacing(name, make):
    return lambda tensors, label: tensors.update({name: make(tensors.get(name)).contiguous()})


def saying(**facts):
    return lambda tensors, label: label.update(facts)


LIES = {
    "an edge below": (setting("edge_index", (0, 0), -5), "edge_index reaches from -5"),
    "an edge beyond": (setting("edge_index", (1, -1), 10**6), r"edge_index reaches from \d+ to 1e\+06"),
    "a neighbour below": (setting("spatial_edge_index", (1, 0), -1), "spatial_edge_index reaches from -1"),
    "a neighbour beyond": (setting("spatial_edge_index", (0, -1), 10**6), r"spatial_edge_index .* 1e\+06"),
    "an edge back": (setting("edge_index", (1, 5), 0), "edge_index is not in order"),
    "unsorted edges": (replacing("edge_index", lambda edges: edges.flip(1)), "edge_index is not in order"),
    "frame 0": (setting("frame", 0, 0), "frame reaches from 0"),
    "a frame without end": (setting("frame", -1, 2**40), "frame reaches"),
    "frames back": (replacing("frame", lambda frame: frame.flip(0)), "frame is not in order"),
    "nan frames": (replacing("frame", lambda frame: frame.double() * torch.nan), "frame is not what a shard has"),
    "nan features": (setting("x", (3, 2), torch.nan), "x holds a value that is not finite"),
    "infinite link features": (setting("edge_attr", (0, 0), torch.inf), "edge_attr holds a value that is not finite"),
    "infinities that cancel out": (
        setting("box", (0, slice(0, 2)), torch.tensor([torch.inf, -torch.inf])),
        "box holds",
    ),
    "nan confidence": (setting("conf", 0, torch.nan), "conf reaches from nan"),
    "labels of 2": (setting("edge_label", 0, 2.0), "edge_label reaches from 0 to 2"),
    "identity -2": (setting("identity", 0, -2), "identity reaches from -2"),
    "row -1": (setting("row", 0, -1), "row reaches from -1"),
    "a window back": (setting("windows", (0, 1), -3), "windows is not in order"),
    "a window twice": (setting("windows", 1, torch.tensor([1, 16, 0, 0])), "windows is not in order"),
    "a window of more boxes": (setting("windows", (0, 2), 10**9), "windows is not in order"),
    "a window of more edges": (setting("windows", (0, 3), 10**9), "windows is not in order"),
    "a window less": (replacing("windows", lambda windows: windows[:-1]), r"\d+ windows, the index says \d+"),
    "a box less": (replacing("x", lambda x: x[:-1]), "x is not what a shard has there"),
    "a feature less": (replacing("edge_attr", lambda x: x[:, :-1]), "edge_attr is not what a shard has there"),
    "float64": (replacing("pos", lambda pos: pos.double()), "pos is not what a shard has there"),
    "a tensor less": (dropping("box"), "box is not what a shard has there"),
    "identities without labels": (dropping("edge_label"), "edge_label is not what a shard has there"),
    "a tensor of nobody's": (replacing("extra", lambda _: torch.zeros(1)), "extra is not what a shard has there"),
    "windows that are one number": (replacing("windows", lambda _: torch.tensor(1)), "windows is not what"),
    "frame rate 0": (saying(frame_rate=0), "frame_rate: Input should be greater than 0"),
    "a frame rate without end": (saying(frame_rate=float("inf")), "frame_rate: Input should be a finite number"),
    "no width": (saying(width=0), "width: Input should be greater than or equal to 1"),
    "more boxes": (saying(nodes=10**9), "the shard is not the one of the index"),
    "another origin": (saying(fingerprint="0"), "the shard is not the one of the index"),
}


@pytest.mark.parametrize("name", LIES)
def test_a_shard_that_lies(store, name):
    edit, message = LIES[name]
    change(store, edit)
    with pytest.raises(DataError, match=rf"safetensors: .*{message}"):
        GraphStore(store)[0]


def test_a_shard_alone_is_checked_too(store):
    change(store, saying(nodes=10**9))
    with pytest.raises(DataError, match="box is not what a shard has there"):
        open_shard(only_shard(store))


def test_large_features_whose_sum_overflows_are_finite(store):
    change(store, lambda tensors, label: tensors["pos"].fill_(3e38))
    assert len(GraphStore(store)[0].pos)


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda index: index["shards"].append(index["shards"][0]), "a shard stands twice in the index"),
        (lambda index: index["shards"][0].update(windows=index["shards"][0]["windows"] + 1), r"the index says \d+"),
        (lambda index: index["shards"][0].update(edges=1), "the shard is not the one of the index"),
    ],
)
def test_an_index_that_lies(store, edit, message):
    index = json.loads((store / "index.json").read_text())
    edit(index)
    (store / "index.json").write_text(json.dumps(index))
    with pytest.raises(DataError, match=message):
        GraphStore(store)[0]


def test_every_shard_is_checked_once(store, monkeypatch):
    checked, check = [], shards_module.check_values
    monkeypatch.setattr(shards_module, "check_values", lambda *values: checked.append(1) or check(*values))
    graphs = GraphStore(store)
    assert len([graph.num_nodes for graph in graphs]) == len(graphs) > 5
    assert len([graph.num_nodes for graph in graphs]) == len(graphs)
    assert len(checked) == len(graphs.index.shards) == 1
