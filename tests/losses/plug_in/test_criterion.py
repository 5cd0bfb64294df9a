"""UniTrackCriterion: other people's outputs and targets."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from gnntrack.errors import DataError
from gnntrack.losses import UniTrackCriterion, UniTrackLoss
from gnntrack.losses.plug_in.clips import clip_graph
from gnntrack.losses.plug_in.matching import match_clips

Targets = list[list[dict[str, Any]]]


def clips(batch: int = 2, frames: int = 3, slots: int = 5, objects: int = 3) -> tuple[dict[str, Tensor], Targets]:
    """Objects that move right; the last slots are background, and the order of slots changes from frame to frame."""
    generator = torch.Generator().manual_seed(0)
    start = 0.2 + 0.6 * torch.rand(batch, 1, objects, 2, generator=generator)
    place = start + torch.tensor([0.02, 0.0]) * torch.arange(frames)[None, :, None, None]
    wanted = torch.cat([place, torch.tensor([0.05, 0.15]).expand(batch, frames, objects, 2)], -1)
    background = torch.rand(batch, frames, slots - objects, 4, generator=generator)
    boxes = torch.cat([wanted + 0.002 * torch.randn(wanted.shape, generator=generator), background], 2)
    logits = torch.cat([torch.full((objects,), 3.0), torch.full((slots - objects,), -6.0)]).expand(batch, frames, slots)
    look = torch.eye(slots, 8).expand(batch, frames, slots, 8).clone()
    for frame in range(frames):
        order = torch.randperm(slots, generator=generator)
        boxes[:, frame], look[:, frame] = boxes[:, frame, order], look[:, frame, order]
        logits = logits.clone()
        logits[:, frame] = logits[:, frame, order]
    outputs = {"pred_boxes": boxes, "pred_logits": logits[..., None], "embeddings": look}
    targets: Targets = [
        [{"boxes": wanted[clip, frame], "track_ids": 10 + torch.arange(objects)} for frame in range(frames)]
        for clip in range(batch)
    ]
    return outputs, targets


def total(losses: dict[str, Tensor]) -> Tensor:
    return losses["loss_unitrack"] + losses["loss_link"]


def test_matching_finds_the_objects_whatever_their_slot() -> None:
    outputs, targets = clips()
    identity = match_clips(outputs["pred_boxes"], outputs["pred_logits"][..., 0].sigmoid(), targets)
    look = outputs["embeddings"].argmax(-1)
    assert torch.equal(identity, torch.where(look < 3, look + 10, -1))


def test_gradients_reach_boxes_logits_and_embeddings() -> None:
    outputs, targets = clips()
    leaves = {key: value.clone().requires_grad_() for key, value in outputs.items()}
    total(UniTrackCriterion()(leaves, targets)).backward()
    for name, leaf in leaves.items():
        assert leaf.grad is not None and bool(leaf.grad.isfinite().all()), name
        assert float(leaf.grad.abs().sum()) > 0, name


def test_right_embeddings_cost_less_than_mixed_ones() -> None:
    outputs, targets = clips()
    criterion = UniTrackCriterion()
    right = total(criterion(outputs, targets))
    mixed = dict(outputs, embeddings=outputs["embeddings"].roll(1, 2) + 0.01)
    assert float(right) < float(total(criterion(mixed, targets)))


@pytest.mark.parametrize("shape", ["consecutive", "all pairs"])
def test_affinity_in_both_shapes(shape: str) -> None:
    outputs, targets = clips()
    look = outputs.pop("embeddings")
    if shape == "consecutive":
        affinity = 20 * torch.einsum("btnd,btmd->btnm", look[:, :-1], look[:, 1:]) - 10
    else:
        affinity = 20 * torch.einsum("btnd,bsmd->btnsm", look, look) - 10
    affinity.requires_grad_()
    criterion = UniTrackCriterion()
    right = total(criterion(outputs | {"affinity": affinity}, targets))
    right.backward()
    assert affinity.grad is not None and float(affinity.grad.abs().sum()) > 0
    assert float(right.detach()) < float(total(criterion(outputs | {"affinity": -affinity.detach()}, targets)))


def test_clips_without_objects_and_single_frames() -> None:
    outputs, targets = clips()
    nothing: Targets = [[{"boxes": torch.zeros(0, 4), "track_ids": []} for _ in clip] for clip in targets]
    background = dict(outputs, pred_logits=torch.full_like(outputs["pred_logits"], -9.0).requires_grad_())
    losses = UniTrackCriterion()(background, nothing)
    assert float(total(losses).detach()) == 0
    total(losses).backward()
    one = {key: value[:, :1] for key, value in outputs.items()}
    assert float(total(UniTrackCriterion()(one, [clip[:1] for clip in targets]))) == 0


def test_a_batch_is_the_mean_of_its_clips() -> None:
    outputs, targets = clips(batch=3)
    criterion = UniTrackCriterion()
    alone = [
        total(criterion({key: value[clip : clip + 1] for key, value in outputs.items()}, targets[clip : clip + 1]))
        for clip in range(3)
    ]
    torch.testing.assert_close(total(criterion(outputs, targets)), torch.stack(alone).mean())


def test_own_matching_own_time_and_own_link_loss() -> None:
    outputs, targets = clips()
    look = outputs["embeddings"].argmax(-1)
    given = outputs | {"identity": torch.where(look < 3, look + 10, -1), "time": torch.tensor([0.0, 0.04, 0.08])}
    criterion = UniTrackCriterion(UniTrackLoss(preset="paper"), own_link_loss=True, frame_rate=25.0)
    losses = criterion(given, targets)
    assert "loss_link" not in losses and criterion.weight_dict == {"loss_unitrack": 1.0}
    torch.testing.assert_close(losses["loss_unitrack"], criterion(outputs, targets)["loss_unitrack"])


def test_log_entries_are_detached() -> None:
    losses = UniTrackCriterion()(*clips())
    assert {name for name, value in losses.items() if name.startswith("loss")} == {"loss_link", "loss_unitrack"}
    assert all(not value.requires_grad for name, value in losses.items() if not name.startswith("loss"))
    assert {"flow", "lambda_spatial", "connectivity_temporal"} <= set(losses)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pred_boxes": torch.zeros(2, 3, 5)}, "pred_boxes have shape"),
        ({"pred_logits": torch.zeros(2, 3, 4, 1)}, "pred_logits have shape"),
        ({"pred_boxes": None}, "outputs hold no pred_boxes"),
        ({"embeddings": None}, "neither embeddings nor affinity"),
        ({"embeddings": torch.full((2, 3, 5, 8), torch.nan)}, r"embeddings\[0, 0, 0, 0\] is not finite"),
        ({"affinity": torch.zeros(2, 3, 5, 5)}, "affinity has shape"),
    ],
)
def test_bad_outputs_are_clear_errors(change: dict[str, Tensor | None], message: str) -> None:
    outputs, targets = clips()
    changed = {key: value for key, value in (outputs | change).items() if value is not None}
    with pytest.raises(DataError, match=message):
        UniTrackCriterion()(changed, targets)


def test_bad_targets_are_clear_errors() -> None:
    outputs, targets = clips()
    with pytest.raises(DataError, match="targets do not hold 2 clips of 3 frames"):
        UniTrackCriterion()(outputs, targets[:1])
    targets[1][2]["track_ids"] = [1]
    with pytest.raises(DataError, match="clip 1, frame 2: 3 boxes for 1 track_ids"):
        UniTrackCriterion()(outputs, targets)


def test_true_links_are_candidates_however_far() -> None:
    """An object that is away for two frames and comes back far off: its true link is there all the same."""
    boxes = torch.zeros(1, 4, 3, 4)
    boxes[0, :, :, 0] = torch.tensor([[0.0, 1, 2], [0, 1, 2], [0, 1, 2], [0, 1, 90]])
    identity = torch.tensor([[[1, 2, 3], [1, 2, -1], [1, 2, -1], [1, 2, 3]]])
    graph = clip_graph(boxes, torch.arange(4.0), identity, identity >= 0, neighbours=1, max_gap=1)
    links = set(map(tuple, graph.data.edge_index.T.tolist()))
    first, last = 2, int(len(graph.slot) - 1)
    assert (first, last) in links and (0, 3) in links and (0, 7) not in links
