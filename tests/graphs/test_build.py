"""Sequence to graph, graph to windows."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch_geometric.data import Batch

from gnntrack.datasets.sample import sample
from gnntrack.graphs import GraphSettings, build_graph, slice_window, window_ranges, windows
from gnntrack.graphs.feature_columns import EDGE_FEATURES
from tests.conftest import make_sequence

SETTINGS = GraphSettings(window=6, stride=2, max_gap=4)


def test_fields_and_types(two_walkers):
    graph = build_graph(two_walkers, SETTINGS, two_walkers.boxes["id"].to_numpy())
    assert graph.num_nodes == 40
    assert graph.edge_index.dtype == graph.spatial_edge_index.dtype == graph.identity.dtype == torch.int64
    assert graph.x.dtype == graph.edge_attr.dtype == graph.edge_label.dtype == torch.float32
    assert graph.edge_label.sum() == 38  # 19 links for each of two people
    assert graph.time[0] == 0 and graph.time[-1] == pytest.approx(19 / 25)
    assert graph.validate()


def test_window_equals_its_own_graph(two_walkers):
    """A window cut from the sequence's graph is the graph of the window's boxes.

    But for the motion features, which may look a few frames beyond its borders.
    """
    motion = EDGE_FEATURES.index("right, less the motion before")
    graph = build_graph(two_walkers, SETTINGS, two_walkers.boxes["id"].to_numpy())
    for first, last in window_ranges(graph.frame, SETTINGS):
        inside = (two_walkers.frames >= first) & (two_walkers.frames <= last)
        part = two_walkers.take(inside)
        alone = build_graph(part, SETTINGS, part.boxes["id"].to_numpy())
        window = slice_window(graph, first, last)
        torch.testing.assert_close(window.edge_attr[:, :motion], alone.edge_attr[:, :motion], rtol=0, atol=1e-6)
        torch.testing.assert_close(window.time, alone.time.float(), rtol=0, atol=1e-6)
        for field in ("x", "box", "edge_index", "edge_label", "spatial_edge_index", "identity"):
            torch.testing.assert_close(window[field], alone[field], rtol=0, atol=1e-6, msg=field)
        assert torch.equal(graph.row[window.row], window.row)
        torch.testing.assert_close(graph.edge_attr[window.edge_row], window.edge_attr)


def test_windows_of_a_long_video_keep_their_times():
    """After 30 days float32 holds seconds to a quarter; windows are cut before anything is rounded."""
    late = 30 * 86400 * 25
    rows = [(frame, 1, 10.0 + frame % 10, 20.0, 20.0, 40.0) for frame in (1, *range(late, late + 6))]
    graph = build_graph(make_sequence(rows, length=late + 6), SETTINGS)
    window = slice_window(graph, late, late + 5)
    assert window.time.dtype == torch.float32
    torch.testing.assert_close(window.time, torch.arange(6) / 25)
    assert (graph.time.diff()[1:] - 0.04).abs().max() < 1e-6


def test_every_link_lies_in_a_window():
    sequence = sample("TUD-Campus", "annotations")
    graph = build_graph(sequence, SETTINGS)
    rows = torch.cat([window.edge_row for window in windows(graph, SETTINGS)]).unique()
    assert len(rows) == graph.num_edges


@given(st.lists(st.integers(1, 300), min_size=1, max_size=20), st.integers(2, 9), st.integers(1, 8))
def test_windows_cover_every_frame(frames, window, stride):
    stride = min(stride, window - 1)
    settings = GraphSettings(window=window, stride=stride, max_gap=window - stride)
    frames = np.unique(frames)
    ranges = window_ranges(frames, settings)
    for frame in frames:
        assert any(first <= frame <= last for first, last in ranges)
    for a in frames:
        for b in frames[(frames > a) & (frames - a <= settings.max_gap)]:
            assert any(first <= a and b <= last for first, last in ranges)
    for first, last in ranges:
        assert last - first + 1 == window
        assert ((frames >= first) & (frames <= last)).any()


def test_row_order_does_not_matter(two_walkers):
    table = two_walkers.boxes.sample(frac=1, random_state=3)
    shuffled = make_sequence([tuple(row) for row in table[["frame", "id", "x", "y", "w", "h"]].to_numpy()])
    a, b = build_graph(two_walkers, SETTINGS), build_graph(shuffled, SETTINGS)
    for key, value in a.to_dict().items():
        assert torch.equal(value, b[key]) if isinstance(value, torch.Tensor) else value == b[key]


@pytest.mark.parametrize("rows", [[], [(5, 1, 0.0, 0.0, 5.0, 5.0)], [(1, 1, 0.0, 0, 5, 5), (900, 1, 0.0, 0, 5, 5)]])
def test_hardly_any_boxes(rows):
    """Nothing, one box, two boxes too far apart: valid graphs with no edges."""
    graph = build_graph(make_sequence(rows, length=1000), SETTINGS)
    assert graph.num_nodes == len(rows)
    assert graph.edge_index.shape == (2, 0)
    assert graph.edge_attr.shape[0] == 0
    assert len(list(windows(graph, SETTINGS))) <= len(rows)


def test_batches_keep_indices_apart(two_walkers):
    graph = build_graph(two_walkers, SETTINGS)
    parts = list(windows(graph, SETTINGS))
    batch = Batch.from_data_list(parts)
    assert batch.num_nodes == sum(part.num_nodes for part in parts)
    assert (batch.batch[batch.edge_index[0]] == batch.batch[batch.edge_index[1]]).all()
    assert (batch.batch[batch.spatial_edge_index[0]] == batch.batch[batch.spatial_edge_index[1]]).all()
    torch.testing.assert_close(batch.pos[batch.edge_index[0]], torch.cat([p.pos[p.edge_index[0]] for p in parts]))
