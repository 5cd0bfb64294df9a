"""What the loss takes out of a window graph, and what it refuses."""

from __future__ import annotations

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
    torch.testing.assert_close(graph.time, torch.tensor([1.0, 2.0, 3.0]) / 25)


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
