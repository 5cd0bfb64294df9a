"""The plain link losses."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch.nn import functional
from torch_geometric.data import Batch, Data

from gnntrack.losses import BceLinkLoss, FocalLinkLoss, LinkLoss, SoftmaxLinkLoss, link_graph

Scene = Callable[..., Data]
EACH = pytest.mark.parametrize("loss", [SoftmaxLinkLoss(), BceLinkLoss(positive_weight=3.0), FocalLinkLoss()])


def random_logits(data: Data) -> torch.Tensor:
    return torch.randn(data.edge_index.shape[1], dtype=torch.float64, generator=torch.Generator().manual_seed(0))


def test_softmax_is_cross_entropy_of_every_choice(scene: Scene) -> None:
    """Against torch's own cross entropy, node by node, with the null option as last class."""
    data = scene(0)
    logits = random_logits(data)
    label = link_graph(logits, data).label
    choices = []
    for side in data.edge_index:
        for node in side.unique():
            own = torch.cat([logits[side == node], torch.zeros(1, dtype=torch.float64)])
            true = label[side == node]
            answer = int(true.argmax()) if bool(true.any()) else len(own) - 1
            choices.append(functional.cross_entropy(own[None], torch.tensor([answer])))
    torch.testing.assert_close(SoftmaxLinkLoss()(logits, data).total, torch.stack(choices).mean())


def test_bce_is_torchs(scene: Scene) -> None:
    data = scene(0)
    logits = random_logits(data)
    label = link_graph(logits, data).label
    torch.testing.assert_close(
        BceLinkLoss()(logits, data).total, functional.binary_cross_entropy_with_logits(logits, label)
    )


def test_focal_without_focus_is_half_the_bce_per_true_link(scene: Scene) -> None:
    data = scene(0)
    logits = random_logits(data)
    label = link_graph(logits, data).label
    expected = 0.5 * functional.binary_cross_entropy_with_logits(logits, label, reduction="sum") / label.sum()
    torch.testing.assert_close(FocalLinkLoss(gamma=0.0, alpha=0.5)(logits, data).total, expected)


@EACH
def test_gradcheck_and_a_batch_is_the_mean(loss: LinkLoss, scene: Scene) -> None:
    parts = [scene(0), scene(1, objects=3)]
    logits = [random_logits(part).requires_grad_() for part in parts]
    assert torch.autograd.gradcheck(lambda x: loss(x, parts[0]).total, logits[0])
    together = loss(torch.cat(logits), Batch.from_data_list(parts)).total
    alone = torch.stack([loss(own, part).total for own, part in zip(logits, parts, strict=True)])
    torch.testing.assert_close(together, alone.mean())


@EACH
def test_right_logits_cost_less_than_wrong_ones(loss: LinkLoss, scene: Scene) -> None:
    data = scene(0)
    label = link_graph(random_logits(data), data).label
    assert float(loss(20 * (2 * label - 1), data).total) < 1e-3 < float(loss(20 * (1 - 2 * label), data).total)


@EACH
def test_no_links_and_extreme_logits(loss: LinkLoss, scene: Scene) -> None:
    data = scene(0)
    logits = (1e4 * random_logits(data)).requires_grad_()
    loss(logits, data).total.backward()
    assert logits.grad is not None and bool(logits.grad.isfinite().all())
    data.edge_index = data.edge_index[:, :0]
    none = torch.zeros(0, dtype=torch.float64, requires_grad=True)
    loss(none, data).total.backward()
    assert none.grad is not None


@EACH
@pytest.mark.filterwarnings("ignore::gnntrack.errors.DataWarning")
def test_without_ground_truth_the_link_loss_is_nothing(loss: LinkLoss, scene: Scene) -> None:
    data = scene(0)
    del data.identity
    logits = random_logits(data).requires_grad_()
    total = loss(logits, data).total
    total.backward()
    assert float(total.detach()) == 0.0 and logits.grad is not None and not logits.grad.any()
