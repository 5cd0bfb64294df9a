from __future__ import annotations

from pathlib import Path

import pytest
import torch

from gnntrack.datasets.sample import sample
from gnntrack.datasets.store import write_store
from gnntrack.errors import DataError
from gnntrack.graphs import build_graph
from gnntrack.inspection.stored import stored_graph


def test_shards_become_the_sequence_again(tmp_path: Path) -> None:
    detections = sample("TUD-Campus", "detections")
    index = write_store(tmp_path, [detections], shard_boxes=60)
    assert len(index.shards) > 2
    graph, settings = stored_graph(tmp_path)
    whole = build_graph(detections, settings)
    for key in ("frame", "box", "row", "edge_index", "spatial_edge_index", "time"):
        assert torch.equal(graph[key], whole[key]), key


def test_one_of_many_has_to_be_chosen(tmp_path: Path) -> None:
    write_store(tmp_path, [sample("TUD-Campus", "detections"), sample("TUD-Stadtmitte", "detections")])
    with pytest.raises(DataError, match=r"--sequence: 0: TUD-Campus \(222 boxes\), 1: TUD-Stadtmitte"):
        stored_graph(tmp_path)
    assert stored_graph(tmp_path, 1)[0].name == "TUD-Stadtmitte"
    with pytest.raises(DataError, match="no sequence 2"):
        stored_graph(tmp_path, 2)
