"""Which candidate links count as true."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch_geometric.data import Data

from gnntrack.errors import DataError
from gnntrack.graphs import GraphSettings, graph_from_boxes
from gnntrack.losses import SoftmaxLinkLoss, UniTrackCriterion, UniTrackLoss, true_links
from gnntrack.sequence import View


def test_true_link_is_the_next_detection_present() -> None:
    """The true link skips the frame in which the object is missed; it does not jump over a detection.

    ::

        frame  1    2    3    4
        A      0 ------> 1 -> 2      true: 0-1, 1-2; not 0-2
        nobody 3 -> 4                false: −1 is no identity
    """
    edges = torch.tensor([[0, 1, 0, 3], [1, 2, 2, 4]])
    identity, frame = torch.tensor([9, 9, 9, -1, -1]), torch.tensor([1, 3, 4, 1, 2])
    assert true_links(edges, identity, frame).tolist() == [True, True, False, False]


def test_an_identity_twice_in_a_frame_is_refused() -> None:
    """Node 1 and 2 both claim to be object 7 in frame 2: no link is true then."""
    edges = torch.tensor([[0, 0, 1, 2], [1, 2, 3, 3]])
    with pytest.raises(DataError, match=r"identity 7 stands twice in frame 2 \(node 1 and 2\)"):
        true_links(edges, torch.tensor([7, 7, 7, 7]), torch.tensor([1, 2, 2, 3]))


def test_nobody_may_stand_twice_and_so_may_identities_of_two_graphs() -> None:
    edges, frame = torch.tensor([[0, 2], [1, 3]]), torch.tensor([1, 2, 1, 2])
    assert true_links(edges, torch.full((4,), -1), frame).tolist() == [False, False]
    graph = torch.tensor([0, 0, 1, 1])
    assert true_links(edges, torch.full((4,), 7), frame, graph).tolist() == [True, True]


@pytest.mark.parametrize(
    ("edges", "identity", "frame", "message"),
    [
        ([[0], [1]], [7.0, 7.0], [1, 2], r"identity is torch\.float32"),
        ([[0], [1]], [7, 7], [1, 2, 3], "frame has 3 entries for 2 nodes"),
        ([[0], [2]], [7, 7], [1, 2], r"edge_index names a node outside 0\.\.1: 2"),
    ],
)
def test_true_links_checks_what_it_is_given(
    edges: list[list[int]], identity: list[float], frame: list[int], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        true_links(torch.tensor(edges), torch.tensor(identity), torch.tensor(frame))


def test_losses_refuse_an_identity_twice_in_a_frame() -> None:
    data = Data(
        edge_index=torch.tensor([[0, 0], [1, 2]]),
        pos=torch.zeros(3, 2),
        time=torch.tensor([0.0, 0.1, 0.1]),
        frame=torch.tensor([1, 2, 2]),
        identity=torch.tensor([4, 4, 4]),
    )
    for loss in (UniTrackLoss(), SoftmaxLinkLoss()):
        with pytest.raises(DataError, match="identity 4 stands twice in frame 2"):
            loss(torch.zeros(2), data)


def test_window_graphs_refuse_an_identity_twice_in_a_frame() -> None:
    box, frame = np.array([[0.0, 0, 10, 20], [5.0, 0, 10, 20], [5.0, 30, 10, 20]]), np.array([1, 2, 2])
    view: dict[str, Any] = {"name": "street", "view": View(100, 100, 25.0)}
    with pytest.raises(DataError, match=r"identity 4 stands twice in frame 2"):
        graph_from_boxes(box, frame, np.ones(3), GraphSettings(), identity=np.array([4, 4, 4]), **view)


def test_clips_refuse_an_identity_twice_in_a_frame() -> None:
    boxes = torch.rand(1, 2, 3, 4, generator=torch.Generator().manual_seed(0))
    outputs = {"pred_boxes": boxes, "pred_logits": torch.zeros(1, 2, 3), "affinity": torch.zeros(1, 1, 3, 3)}
    targets: list[list[dict[str, Any]]] = [[{"boxes": boxes[0, frame], "track_ids": [4, 9, 9]} for frame in range(2)]]
    with pytest.raises(DataError, match="clip 0, frame 0: identity 9 stands twice"):
        UniTrackCriterion()(outputs, targets)
    matched = outputs | {"identity": torch.tensor([[[4, 9, -1], [4, 4, -1]]])}
    with pytest.raises(DataError, match="identity 4 stands twice in frame 2"):
        UniTrackCriterion()(matched, targets)
