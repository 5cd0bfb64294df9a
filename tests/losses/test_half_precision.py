"""Half precision outputs: sums are taken in full, whichever door they come in by."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch_geometric.data import Data

from gnntrack.losses import SoftmaxLinkLoss, UniTrackCriterion, UniTrackLoss, sinkhorn_flows, softmax_flows
from gnntrack.losses.links.link_losses import bce_link_loss, focal_link_loss, softmax_link_loss
from gnntrack.losses.weighting.strength import embedding_strength

Scene = Callable[..., Data]
HALF = pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])


def clip(kind: str, dtype: torch.dtype) -> tuple[dict[str, Tensor], list[list[dict[str, object]]]]:
    """Numbers that half precision holds exactly, so that only the sums could differ."""
    generator = torch.Generator().manual_seed(0)
    place = torch.randint(8, 56, (1, 1, 6, 2), generator=generator) / 64 + torch.arange(4)[None, :, None, None] / 64
    boxes = torch.cat([place, torch.full((1, 4, 6, 2), 0.125)], -1)
    outputs = {
        "pred_boxes": boxes,
        "pred_logits": torch.randint(-2, 4, (1, 4, 6, 1), generator=generator).float(),
    }
    if kind == "affinity":
        outputs["affinity"] = torch.randint(-40, 40, (1, 3, 6, 6), generator=generator) / 4
    else:
        outputs["embeddings"] = torch.randint(-3, 4, (1, 4, 6, 8), generator=generator).float()
    if kind == "zeros":
        outputs["embeddings"] = torch.zeros(1, 4, 6, 8)
    targets: list[list[dict[str, object]]] = [
        [{"boxes": boxes[0, frame, :4], "track_ids": torch.arange(4)} for frame in range(4)]
    ]
    return {name: values.to(dtype) for name, values in outputs.items()}, targets


@HALF
@pytest.mark.parametrize("kind", ["affinity", "embeddings", "zeros"])
@pytest.mark.parametrize("autocast", [False, True])
def test_the_criterion_is_that_of_full_precision(kind: str, dtype: torch.dtype, autocast: bool) -> None:
    criterion = UniTrackCriterion(image_size=(1920.0, 1080.0), max_gap=1)
    full, targets = clip(kind, torch.float32)
    expected = criterion(full, targets)
    outputs = {name: values.requires_grad_() for name, values in clip(kind, dtype)[0].items()}
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=autocast):
        losses = criterion(outputs, targets)
    for name in ("loss_unitrack", "loss_link"):
        assert losses[name].dtype == torch.float32
        torch.testing.assert_close(losses[name], expected[name], rtol=0, atol=0)
        assert float(losses[name].detach()) > 0
    (losses["loss_unitrack"] + losses["loss_link"]).backward()
    for name, leaf in outputs.items():
        assert leaf.grad is not None and leaf.grad.dtype == dtype and bool(leaf.grad.isfinite().all()), name


@HALF
def test_the_loss_is_that_of_full_precision(dtype: torch.dtype, scene: Scene) -> None:
    """Logits, positions, boxes and embeddings in half precision, also under autocast."""
    data = scene(0)
    logits = torch.randint(-40, 40, (data.edge_index.shape[1],), generator=torch.Generator().manual_seed(0)) / 4
    for name in ("pos", "box"):
        data[name] = data[name].round().to(dtype).float()
    half = data.clone()
    half.pos, half.box = data.pos.to(dtype), data.box.to(dtype)
    look = torch.zeros(data.num_nodes, 4)
    for loss in (UniTrackLoss(), UniTrackLoss(preset="paper"), UniTrackLoss(preset="log"), SoftmaxLinkLoss()):
        expected = loss(logits, data, embeddings=look).total
        with torch.autocast("cpu", dtype=torch.bfloat16):
            value = loss(logits.to(dtype), half, embeddings=look.to(dtype)).total
        assert value.dtype == torch.float32
        torch.testing.assert_close(value, expected, rtol=0, atol=0)


@HALF
def test_functions_sum_in_full_precision(dtype: torch.dtype) -> None:
    """Four thousand candidates of one node: half precision cannot count them."""
    count = 4000
    source, target = torch.zeros(count, dtype=torch.int64), torch.arange(1, count + 1)
    node_graph, link_graph = torch.zeros(count + 1, dtype=torch.int64), torch.zeros(count, dtype=torch.int64)
    logits, label = torch.zeros(count, dtype=dtype), torch.zeros(count, dtype=dtype)
    label[0] = 1
    # the options of node 0 are 4001, of every other 2
    expected = (torch.tensor(4001.0).log() + count * torch.tensor(2.0).log()) / (count + 1)
    torch.testing.assert_close(softmax_link_loss(logits, label, source, target, node_graph, 1), expected[None])
    torch.testing.assert_close(bce_link_loss(logits, label, link_graph, 1), torch.tensor([2.0]).log())
    focal = 0.25 * torch.tensor(2.0).log() * (0.25 + 0.75 * (count - 1))
    torch.testing.assert_close(focal_link_loss(logits, label, link_graph, 1), focal[None])
    torch.testing.assert_close(softmax_flows(logits, source, target, count + 1), torch.full((count,), 1 / 4002))
    assert sinkhorn_flows(logits, source, target, count + 1).dtype == torch.float32
    assert embedding_strength(torch.zeros(2, 3, dtype=dtype), torch.tensor([0]), torch.tensor([1])).tolist() == [0.5]
