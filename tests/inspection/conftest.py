"""Graphs to look into: a toy, and windows of the real sample."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import torch
from torch_geometric.data import Data

from gnntrack.datasets.matching import match_identities
from gnntrack.datasets.sample import sample
from gnntrack.graphs import GraphSettings, build_graph, slice_window
from gnntrack.sequence import Sequence

Toy = Callable[[str], Sequence]


@pytest.fixture(scope="session")
def campus() -> Data:
    """The graph of all 71 frames of TUD-Campus, labelled."""
    detections, annotations = sample("TUD-Campus", "detections"), sample("TUD-Campus", "annotations")
    return build_graph(detections, GraphSettings(), match_identities(detections, annotations))


@pytest.fixture
def window(campus: Data) -> Data:
    """Frames 30 to 35 of it, scored, with the links above one half committed."""
    data = slice_window(campus, 30, 35)
    noise = torch.rand(len(data.edge_label), generator=torch.Generator().manual_seed(0))
    data.score = (0.6 * data.edge_label + 0.4 * noise).float()
    data.committed = data.score > 0.5
    return data


def toy(drawing: str, name: str = "toy", step: float = 20.0) -> Sequence:
    """Boxes from a drawing: a row is a place, a column a frame, a digit an identity, ``.`` nothing.

    1 1 2 2        places are 20 px apart, boxes 10 × 10 px,
    2 2 1 1        so boxes of two places never overlap
    """
    rows = []
    for place, line in enumerate(line.split() for line in drawing.strip().splitlines()):
        rows += [(frame, int(cell), place) for frame, cell in enumerate(line, 1) if cell != "."]
    table = pd.DataFrame(rows, columns=["frame", "id", "place"])
    table = table.assign(x=0.0, y=table["place"] * step, w=10.0, h=10.0).drop(columns="place")
    length = max((len(line.split()) for line in drawing.strip().splitlines()), default=1)
    return Sequence(name, table, width=100, height=200, frame_rate=10.0, length=length)


@pytest.fixture
def two_tracks() -> Sequence:
    """One whole track, one with a gap.

    1 1 1 1 1
    2 2 . . 2
    """
    return toy("1 1 1 1 1\n2 2 . . 2")


def equal(first: Data, second: Data) -> bool:
    """The same keys, and the same values in the same types."""
    keys = set(first.keys()) - {"num_nodes"}
    if keys != set(second.keys()) - {"num_nodes"}:
        return False
    for key in keys:
        a, b = first[key], second[key]
        same = torch.equal(a, b) and a.dtype == b.dtype if torch.is_tensor(a) else a == b
        if not np.all(same):
            return False
    return True
