"""What the loss takes out of a window graph, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch_geometric.data import Batch, Data

from gnntrack.errors import DataError, DataWarning
from gnntrack.losses import BceLinkLoss, UniTrackLoss, link_graph


def two_links(**changed: object) -> Data:
    """::

    frame  1    2    3
           0 -> 1 -> 2
    """
    values: dict[str, object] = {
        "edge_index": torch.tensor([[0, 1], [1, 2]]),
        "pos": torch.tensor([[0.0, 0.0], [3.0, 4.0], [6.0, 8.0]]),
        "box": torch.tensor([[0.0, 0.0, 2.0, 10.0]] * 3),
        "frame": torch.tensor([1, 2, 3]),
        "time": torch.tensor([0.0, 0.04, 0.08]),
        "identity": torch.tensor([5, 5, 5]),
        "name": "street",
    }
    return Data(**{key: value for key, value in (values | changed).items() if value is not None})


def test_labels_come_from_identities() -> None:
    assert link_graph(torch.zeros(2), two_links()).label.tolist() == [1.0, 1.0]
    assert link_graph(torch.zeros(2), two_links(identity=torch.tensor([5, 5, 6]))).label.tolist() == [1.0, 0.0]


def test_given_labels_win_over_identities() -> None:
    data = two_links(edge_label=torch.tensor([0.0, 1.0]))
    assert link_graph(torch.zeros(2), data).label.tolist() == [0.0, 1.0]


def test_identities_of_different_graphs_are_different() -> None:
    batch = Batch.from_data_list([two_links(), two_links()])
    label = link_graph(torch.zeros(4), batch).label
    assert label.tolist() == [1.0, 1.0, 1.0, 1.0]


def test_time_from_frames_and_frame_rate() -> None:
    graph = link_graph(torch.zeros(2), two_links(time=None, frame_rate=25.0))
    torch.testing.assert_close(graph.time, torch.tensor([0.0, 1.0, 2.0]) / 25)


def test_zero_area_boxes_have_a_size() -> None:
    boxes = torch.tensor([[0.0, 0.0, 0.0, 0.0], [0.0, 0.0, 2.0, 12.0], [0.0, 0.0, 2.0, 12.0]])
    size = link_graph(torch.zeros(2), two_links(box=boxes)).size
    torch.testing.assert_close(size, torch.tensor([0.8, 12.0, 12.0]))
    assert bool((link_graph(torch.zeros(2), two_links(box=torch.zeros(3, 4))).size > 0).all())


def test_half_precision_logits_are_summed_in_full() -> None:
    total = UniTrackLoss()(torch.zeros(2, dtype=torch.bfloat16), two_links()).total
    assert total.dtype == torch.float32


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
@pytest.mark.parametrize("loss", [UniTrackLoss(), BceLinkLoss()], ids=["unitrack", "bce"])
def test_logits_that_are_not_finite_name_the_place(bad: float, loss: torch.nn.Module) -> None:
    with pytest.raises(DataError, match=r"logits\[1\].*node 1 to 2, frame 2 to 3, sequence street"):
        loss(torch.tensor([0.0, bad]), two_links())


def test_place_in_a_batch_names_the_right_sequence() -> None:
    batch = Batch.from_data_list([two_links(), two_links(name="square")])
    with pytest.raises(DataError, match=r"logits\[2\].*sequence square"):
        UniTrackLoss()(torch.tensor([0.0, 0.0, torch.nan, 0.0]), batch)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"identity": torch.tensor([5, 5])}, "identity has 2 entries for 3 nodes"),
        ({"time": torch.tensor([0.0, 0.1])}, "time has 2 entries for 3 nodes"),
        ({"edge_label": torch.zeros(3)}, r"edge_label has shape \(3,\) for 2 links"),
        ({"edge_index": torch.tensor([[0, 2], [1, 1]])}, "link 1 points backwards in time.*frame 3 to 2"),
        ({"edge_index": torch.tensor([[0, 1], [1, 1]])}, "link 1 points backwards in time or within a frame"),
        ({"edge_index": torch.tensor([[0, 1], [1, 3]])}, r"names a node outside 0\.\.2"),
        ({"edge_index": torch.tensor([[0, -1], [1, 2]])}, "names a node outside"),
        ({"edge_index": torch.tensor([[0, 1, 0], [1, 2, 2]])}, "2,.* logits for 3 links"),
        ({"edge_index": torch.tensor([0, 1])}, "edge_index has shape"),
        ({"pos": torch.tensor([[0.0, 0.0], [torch.nan, 0.0], [1.0, 1.0]])}, "position of node 1 is not finite"),
        ({"time": torch.tensor([0.0, 0.1, torch.inf])}, "time of node 2 is not finite"),
        ({"time": None, "frame": None}, "neither time nor frame"),
        ({"time": None}, "neither time nor frame_rate"),
    ],
)
def test_bad_graphs_are_clear_errors(changed: dict[str, object], message: str) -> None:
    with pytest.raises(DataError, match=message):
        UniTrackLoss()(torch.zeros(2), two_links(**changed))


def test_integer_logits_are_refused() -> None:
    with pytest.raises(DataError, match=r"logits are torch\.int64"):
        UniTrackLoss()(torch.tensor([0, 1]), two_links())


def test_links_between_graphs_are_refused() -> None:
    data = two_links(batch=torch.tensor([0, 0, 1]), num_graphs=2)
    with pytest.raises(DataError, match="link 1 joins two graphs"):
        UniTrackLoss()(torch.zeros(2), data)


@pytest.mark.filterwarnings("default::gnntrack.errors.DataWarning")
def test_no_ground_truth_is_a_warning_and_a_finite_loss() -> None:
    logits = torch.zeros(2, requires_grad=True)
    with pytest.warns(DataWarning, match="neither edge_label nor identity"):
        output = UniTrackLoss()(logits, two_links(identity=None))
    output.total.backward()
    assert output.total.isfinite() and output.parts["flow"] == 0 and output.parts["conservation"] == 0
    assert output.parts["spatial"] > 0 and logits.grad is not None and bool(logits.grad.isfinite().all())


META = torch.device("meta")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"spatial_edge_index": torch.tensor([[0], [3]])}, r"spatial_edge_index names a node outside 0\.\.2: 3"),
        ({"spatial_edge_index": torch.tensor([[-1], [0]])}, r"spatial_edge_index names a node outside 0\.\.2: -1"),
        ({"spatial_edge_index": torch.tensor([0, 1])}, "spatial_edge_index has shape"),
        ({"spatial_edge_index": torch.tensor([[0], [1]])}, r"spatial_edge_index\[:, 0\] joins node 0 and 1 of two"),
        ({"spatial_edge_index": torch.tensor([[0.0], [1.0]])}, r"spatial_edge_index is torch\.float32"),
        ({"edge_index": torch.tensor([[0, 1], [1, 2]], dtype=torch.int32)}, r"edge_index is torch\.int32"),
        ({"edge_index": torch.tensor([[0.0, 1.0], [1.0, 2.0]])}, r"edge_index is torch\.float32"),
        ({"identity": torch.tensor([5.0, 5.0, 5.0])}, r"identity is torch\.float32"),
        ({"identity": torch.tensor([[5, 5, 5]])}, "identity has 1 entries for 3 nodes"),
        ({"identity": torch.tensor([[5], [5], [5]])}, r"identity has shape \(3, 1\)"),
        ({"frame": torch.tensor([1, 2])}, "frame has 2 entries for 3 nodes"),
        ({"box": torch.zeros(2, 4)}, "box has 2 entries for 3 nodes"),
        ({"box": torch.zeros(3, 2)}, r"box has shape \(3, 2\)"),
        ({"box": torch.full((3, 4), torch.nan)}, "box of node 0 is not finite"),
        ({"pos": None}, "the graph has no pos"),
        ({"pos": torch.zeros(3, 3)}, r"pos has shape \(3, 3\)"),
        ({"edge_index": None}, "the graph has no edge_index"),
        ({"batch": torch.tensor([0, 0])}, "batch has 2 entries for 3 nodes"),
        ({"batch": torch.tensor([0.0, 0.0, 0.0]), "num_graphs": 1}, r"batch is torch\.float32"),
        ({"batch": torch.tensor([0, 0, 1]), "num_graphs": 1}, r"batch names a graph outside 0\.\.0: 1"),
        ({"edge_label": torch.tensor([0.0, torch.nan])}, r"edge_label\[1\] is nan"),
        ({"edge_label": torch.tensor([2.0, 0.0])}, r"edge_label\[0\] is 2"),
        ({"width": torch.tensor([640, 640]), "height": 480}, "width has 2 entries for 1 graphs"),
        ({"width": float("nan"), "height": 480}, "width is not finite"),
        ({"time": None, "frame_rate": 0.0}, "frame_rate is not above 0"),
        ({"pos": torch.zeros(3, 2, device=META)}, "pos is on meta, logits on cpu"),
        ({"edge_index": torch.zeros(2, 2, dtype=torch.int64, device=META)}, "edge_index is on meta, logits on cpu"),
        ({"identity": torch.zeros(3, dtype=torch.int64, device=META)}, "identity is on meta, logits on cpu"),
        ({"time": torch.zeros(3, device=META)}, "time is on meta, logits on cpu"),
        ({"box": torch.zeros(3, 4, device=META)}, "box is on meta, logits on cpu"),
        ({"edge_label": torch.zeros(2, device=META)}, "edge_label is on meta, logits on cpu"),
        ({"spatial_edge_index": torch.zeros(2, 0, device=META)}, "spatial_edge_index is on meta, logits on cpu"),
    ],
)
def test_every_companion_of_an_index_is_checked(changed: dict[str, object], message: str) -> None:
    for loss in (UniTrackLoss(), BceLinkLoss()):
        with pytest.raises(DataError, match=message):
            loss(torch.zeros(2), two_links(**changed))


def test_a_graph_that_pyg_cut_names_the_field_it_forgot(scene: Callable[..., Data]) -> None:
    part = scene(0, objects=8).subgraph(torch.arange(20))
    with pytest.raises(DataError, match=r"spatial_edge_index names a node outside 0\.\.19.*slice_window"):
        UniTrackLoss()(torch.zeros(part.edge_index.shape[1], dtype=torch.float64), part)


def test_embeddings_on_another_device_or_of_another_shape() -> None:
    with pytest.raises(DataError, match="embeddings is on meta, logits on cpu"):
        UniTrackLoss()(torch.zeros(2), two_links(), embeddings=torch.zeros(3, 4, device=META))
    with pytest.raises(DataError, match=r"embeddings have shape \(3,\) for 3 nodes"):
        UniTrackLoss()(torch.zeros(2), two_links(), embeddings=torch.zeros(3))


def test_a_batch_without_num_graphs_is_counted() -> None:
    graph = link_graph(torch.zeros(1), two_links(edge_index=torch.tensor([[0], [1]]), batch=torch.tensor([0, 0, 1])))
    assert graph.graphs == 2 and graph.node_count.tolist() == [2.0, 1.0]


SIX_DAYS, UNIX = 6 * 86400.0, 1_764_000_000.0


@pytest.mark.parametrize("offset", [SIX_DAYS, UNIX, -SIX_DAYS])
@pytest.mark.parametrize("preset", ["default", "paper", "log"])
def test_the_time_of_day_does_not_change_the_loss(offset: float, preset: Any, scene: Callable[..., Data]) -> None:
    """In thirty-seconds of a second, which float64 holds exactly at all of these times: bit for bit."""
    data = scene(1, objects=6)
    logits = torch.randn(data.edge_index.shape[1], generator=torch.Generator().manual_seed(3))
    data.time = data.frame.double() / 32
    loss = UniTrackLoss(preset=preset)
    here = loss(logits, data)
    data.time = data.time + offset
    there = loss(logits, data)
    assert torch.equal(here.total, there.total) and here.parts == there.parts


def test_twenty_five_frames_a_second_at_unix_time(scene: Callable[..., Data]) -> None:
    """A twenty-fifth is not exact in float64: Unix time holds it to a ten-millionth of a second."""
    data = scene(1, objects=6)
    logits = torch.randn(data.edge_index.shape[1], generator=torch.Generator().manual_seed(3))
    expected = float(UniTrackLoss()(logits, data).total)
    data.time = data.time + UNIX
    assert float(UniTrackLoss()(logits, data).total) == pytest.approx(expected, rel=1e-6)


def test_late_frames_do_not_change_the_loss(scene: Callable[..., Data]) -> None:
    data = scene(1, objects=6)
    logits = torch.randn(data.edge_index.shape[1], generator=torch.Generator().manual_seed(3))
    data.time, data.frame_rate = None, 25.0
    expected = UniTrackLoss()(logits, data).total
    data.frame = data.frame + 900_000_000
    assert torch.equal(UniTrackLoss()(logits, data).total, expected)


def test_a_far_origin_of_places_does_not_change_the_steps() -> None:
    far = two_links().pos.double() + 2.0**30
    graph = link_graph(torch.zeros(2), two_links(pos=far))
    assert graph.step.tolist() == [[3.0, 3.0], [4.0, 4.0]] and graph.step.dtype == torch.float32
    assert torch.equal(graph.diagonal, link_graph(torch.zeros(2), two_links()).diagonal)


def test_masked_logits_ask_for_candidate_graph() -> None:
    with pytest.raises(DataError, match=r"1 of 2 logits are masked.*candidate_graph"):
        link_graph(torch.tensor([0.0, -torch.inf]), two_links())
