"""Links whose logit is −inf are no candidates: the same as if they were not there."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch_geometric.data import Batch, Data

from gnntrack.errors import DataError
from gnntrack.losses import (
    BceLinkLoss,
    FocalLinkLoss,
    LossOutput,
    SoftmaxLinkLoss,
    SumLoss,
    UniTrackCriterion,
    UniTrackLoss,
)

Scene = Callable[..., Data]
LOSSES: dict[str, nn.Module] = {
    "softmax": SoftmaxLinkLoss(),
    "bce": BceLinkLoss(positive_weight=3.0),
    "focal": FocalLinkLoss(),
    "unitrack": UniTrackLoss(),
    "paper": UniTrackLoss(preset="paper"),
    "log": UniTrackLoss({"path": 1.0}, preset="log"),
    "sinkhorn": UniTrackLoss(flows="sinkhorn"),
    "sum": SumLoss(SoftmaxLinkLoss(), UniTrackLoss()),
}
EACH = pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES.keys())


def without(data: Data, kept: Tensor) -> Data:
    other = data.clone()
    other.edge_index = data.edge_index[:, kept]
    return other


def gradient(loss: nn.Module, logits: Tensor, data: Data, mask: Tensor) -> tuple[LossOutput, Tensor]:
    leaf = logits.clone().requires_grad_()
    output = loss(leaf.masked_fill(mask, -torch.inf), data)
    output.total.backward()
    assert leaf.grad is not None
    return output, leaf.grad


@EACH
@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_masked_link_is_a_removed_one(loss: nn.Module, share: float, scene: Scene) -> None:
    """Also where true links are among the masked ones, and whole nodes are left without a candidate."""
    generator = torch.Generator().manual_seed(5)
    parts = [scene(0), scene(1, objects=3)]
    data: Any = Batch.from_data_list(parts)
    logits = torch.randn(data.edge_index.shape[1], dtype=torch.float64, generator=generator)
    mask = torch.rand(len(logits), generator=generator) < share
    output, slope = gradient(loss, logits, data, mask)
    leaf = logits[~mask].clone().requires_grad_()
    removed = loss(leaf, without(data, ~mask))
    removed.total.backward()
    torch.testing.assert_close(output.total, removed.total, rtol=1e-9, atol=1e-12)
    assert output.parts == pytest.approx(removed.parts, nan_ok=True)
    assert leaf.grad is not None and bool(slope.isfinite().all())
    torch.testing.assert_close(slope[~mask], leaf.grad)
    assert not slope[mask].any()


@EACH
def test_all_masked_is_no_candidate_at_all(loss: nn.Module, scene: Scene) -> None:
    data = scene(0)
    logits = torch.zeros(data.edge_index.shape[1], dtype=torch.float64)
    output, slope = gradient(loss, logits, data, torch.ones(len(logits), dtype=torch.bool))
    empty = loss(torch.zeros(0, dtype=torch.float64), without(data, torch.zeros(len(logits), dtype=torch.bool)))
    assert output.total.isfinite() and float(output.total) == float(empty.total)
    assert not slope.any()


@EACH
def test_pairs_within_a_frame_may_be_listed_where_they_are_masked(loss: nn.Module, scene: Scene) -> None:
    """All pairs of nodes, as an affinity matrix has them, with −inf where there is no link to make."""
    data = scene(0, objects=3, frames=3, false_positives=0)
    pairs = torch.tensor(list(product(range(data.num_nodes), repeat=2))).T
    forward = data.time[pairs[1]] > data.time[pairs[0]]
    logits = torch.randn(pairs.shape[1], dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    data.edge_index = pairs
    masked = loss(logits.masked_fill(~forward, -torch.inf), data).total
    torch.testing.assert_close(masked, loss(logits[forward], without(data, forward)).total)
    with pytest.raises(DataError, match="backwards in time or within a frame"):
        loss(logits, data)


@EACH
@pytest.mark.parametrize("bad", [torch.nan, torch.inf])
def test_nan_and_plus_infinity_are_refused_beside_masked_links(loss: nn.Module, bad: float, scene: Scene) -> None:
    data = scene(0)
    logits = torch.full((data.edge_index.shape[1],), -torch.inf, dtype=torch.float64)
    logits[3] = bad
    with pytest.raises(DataError, match=r"1 of \d+ logits are not finite, first logits\[3\]"):
        loss(logits, data)


def clip() -> tuple[dict[str, Tensor], list[list[dict[str, Any]]]]:
    """Two objects in three frames and an empty slot; positions apart, so all are matched."""
    boxes = torch.tensor([[0.2, 0.5, 0.1, 0.2], [0.6, 0.5, 0.1, 0.2], [0.9, 0.9, 0.05, 0.1]]).repeat(1, 3, 1, 1)
    boxes = boxes + 0.01 * torch.arange(3)[None, :, None, None]
    generator = torch.Generator().manual_seed(0)
    affinity = torch.randn(1, 3, 3, 3, 3, generator=generator)
    outputs = {"pred_boxes": boxes, "pred_logits": torch.tensor([2.0, 2.0, 1.0]).repeat(1, 3, 1), "affinity": affinity}
    targets = [[{"boxes": boxes[0, frame, :2], "track_ids": [4, 9]} for frame in range(3)]]
    return outputs, targets


def losses_of(outputs: dict[str, Tensor], targets: Any) -> Tensor:
    losses = UniTrackCriterion(max_gap=2)(outputs, targets)
    return losses["loss_unitrack"] + losses["loss_link"]


def test_same_frame_affinities_are_never_links() -> None:
    outputs, targets = clip()
    same = torch.eye(3, dtype=torch.bool)[None, :, None, :, None]
    affinity = outputs["affinity"].clone().requires_grad_()
    masked = losses_of(outputs | {"affinity": affinity.masked_fill(same, -torch.inf)}, targets)
    masked.backward()
    assert float(masked) == float(losses_of(outputs, targets))
    assert affinity.grad is not None and bool(affinity.grad.isfinite().all()) and bool(affinity.grad.any())


@pytest.mark.parametrize("mask", ["affinity", "pred_logits"])
def test_a_masked_slot_is_a_removed_one(mask: str) -> None:
    """Padding: the slot's class logits −inf, or all of its links and, as it is no object, its probability."""
    outputs, targets = clip()
    leaves = {name: values.clone().requires_grad_() for name, values in outputs.items()}
    given = dict(leaves)
    given["pred_logits"] = given["pred_logits"].masked_fill(torch.tensor([False, False, True]), -torch.inf)
    if mask == "affinity":
        slot = torch.tensor([False, False, True])
        gone = slot[None, None, :, None, None] | slot[None, None, None, None, :]
        given["affinity"] = given["affinity"].masked_fill(gone, -torch.inf)
    masked = losses_of(given, targets)
    masked.backward()
    removed = {name: values[:, :, :2] for name, values in outputs.items()}
    removed["affinity"] = removed["affinity"][..., :2]
    assert float(masked.detach()) == pytest.approx(float(losses_of(removed, targets)), abs=1e-6)
    for name, leaf in leaves.items():
        assert leaf.grad is not None and bool(leaf.grad.isfinite().all()), name


def test_padding_is_never_matched_to_an_object() -> None:
    """The padded slot lies on the object, the real one beside it."""
    outputs, targets = clip()
    outputs["pred_boxes"][0, :, 2] = outputs["pred_boxes"][0, :, 0]
    outputs["pred_boxes"][0, :, 0, 0] += 0.02
    padded = outputs["pred_logits"].masked_fill(torch.tensor([False, False, True]), -torch.inf)
    removed = {name: values[:, :, :2] for name, values in outputs.items()}
    removed["affinity"] = removed["affinity"][..., :2]
    masked = losses_of(outputs | {"pred_logits": padded}, targets)
    assert float(masked) == pytest.approx(float(losses_of(removed, targets)), abs=1e-6)


@pytest.mark.parametrize("field", ["affinity", "pred_logits"])
@pytest.mark.parametrize("bad", [torch.nan, torch.inf])
def test_the_criterion_refuses_nan_and_plus_infinity(field: str, bad: float) -> None:
    outputs, targets = clip()
    outputs[field] = outputs[field].clone()
    outputs[field].view(-1)[0] = bad
    with pytest.raises(DataError, match=rf"{field}\[.*\] is not finite"):
        losses_of(outputs, targets)


def test_everything_masked_is_finite() -> None:
    outputs, targets = clip()
    leaf = outputs["affinity"].clone().requires_grad_()
    value = losses_of(outputs | {"affinity": leaf.masked_fill(torch.ones_like(leaf).bool(), -torch.inf)}, targets)
    value.backward()
    assert bool(value.isfinite()) and leaf.grad is not None and not leaf.grad.any()
