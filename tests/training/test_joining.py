"""Batches equal those of PyG, also after they were packed."""

from __future__ import annotations

import pickle

import torch
from torch_geometric.data import Batch, Data

from gnntrack.datasets.labelled import label_annotations
from gnntrack.graphs import GraphSettings
from gnntrack.training.joining import Packed, joined
from gnntrack.training.windows import WindowDataset


def same(one: Batch, other: Batch) -> None:
    """All fields, their types and the number of graphs."""
    fields = one.to_dict()
    assert set(fields) == set(other.to_dict()) and one.num_graphs == other.num_graphs
    for name, value in fields.items():
        if isinstance(value, torch.Tensor):
            assert value.dtype == other[name].dtype and torch.equal(value, other[name]), name
        else:
            assert value == other[name], name


def test_as_pyg_joins_them(two_walkers):
    windows = WindowDataset([label_annotations(two_walkers)], GraphSettings(window=6, stride=2, max_gap=4))
    graphs = [windows[0, position] for position in range(3)]
    of_pyg = Batch.from_data_list(graphs)
    mine = joined(graphs)
    same(mine, of_pyg)
    packed = pickle.loads(pickle.dumps(Packed.of(mine)))  # as it goes to another process
    same(mine, packed.unpacked())
    assert packed.unpacked().edge_attr.data_ptr() % 64 == packed.memory.data_ptr() % 64


def test_graphs_without_boxes_count():
    empty = Data(x=torch.zeros(0, 2), edge_index=torch.zeros(2, 0, dtype=torch.int64), name="e")
    one = Data(x=torch.ones(1, 2), edge_index=torch.tensor([[0], [0]]), name="o")
    batch = joined([one, empty, one, empty])
    assert batch.num_graphs == 4 and batch.batch.tolist() == [0, 2] and batch.edge_index.tolist() == [[0, 1], [0, 1]]
    assert Packed.of(joined([empty])).unpacked().num_graphs == 1
