"""Which prediction is which annotated object: one Hungarian assignment a frame, as in DETR."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from gnntrack.errors import DataError
from gnntrack.geometry import cxcywh_to_xywh, giou
from gnntrack.precision import full_precision
from gnntrack.tensor_checks import check_whole

#: Weights of class score, L1 distance and generalised IoU in DETR's matcher (Carion et al., ECCV 2020).
CLASS_COST, BOX_COST, GIOU_COST = 1.0, 5.0, 2.0


@torch.no_grad()
def match_frame(boxes: Tensor, scores: Tensor, target_boxes: Tensor) -> tuple[Tensor, Tensor]:
    """The cheapest one-to-one assignment of one frame's predictions to its objects.

    Args:
        boxes: ``(N, 4)`` predicted centre x, centre y, width, height, as a share of the image.
        scores: ``(N,)`` probability that a prediction is an object.
        target_boxes: ``(M, 4)``.

    Returns:
        Two of ``(min(N, M),)``: predictions and the objects they are matched to.

    Example:
        >>> boxes = torch.tensor([[0.8, 0.5, 0.1, 0.2], [0.2, 0.5, 0.1, 0.2]])
        >>> prediction, target = match_frame(boxes, torch.ones(2), torch.tensor([[0.21, 0.5, 0.1, 0.2]]))
        >>> prediction.tolist(), target.tolist()
        ([1], [0])
    """
    boxes, scores, target_boxes = (full_precision(values) for values in (boxes, scores, target_boxes))
    distance = torch.cdist(boxes.float(), target_boxes.float(), p=1)
    overlap = giou(cxcywh_to_xywh(boxes)[:, None], cxcywh_to_xywh(target_boxes)[None])
    cost = BOX_COST * distance - GIOU_COST * overlap - CLASS_COST * scores[:, None]
    row, column = linear_sum_assignment(cost.cpu().numpy())
    return torch.as_tensor(row, device=boxes.device), torch.as_tensor(column, device=boxes.device)


def match_clips(
    boxes: Tensor, scores: Tensor, targets: Sequence[Sequence[Mapping[str, Any]]], there: Tensor | None = None
) -> Tensor:
    """The annotated identity of every prediction of a batch of clips.

    Args:
        boxes: ``(B, T, N, 4)``.
        scores: ``(B, T, N)``.
        targets: B lists of T dictionaries with ``boxes`` ``(M, 4)`` and ``track_ids`` ``(M,)``.
        there: ``(B, T, N)`` slots that may be matched; all, if it is left out.

    Returns:
        ``(B, T, N)`` int64; −1 where a prediction is no object.

    Raises:
        DataError: the targets do not fit the outputs, a target's boxes and identities do not fit each other, or an
            identity stands twice in a frame.
    """
    identity = torch.full(boxes.shape[:3], -1, dtype=torch.int64, device=boxes.device)
    clips, frames = boxes.shape[:2]
    if len(targets) != clips or any(len(clip) != frames for clip in targets):
        raise DataError(f"targets do not hold {clips} clips of {frames} frames", remedy="give B lists of T dicts")
    for clip, frame in ((clip, frame) for clip in range(clips) for frame in range(frames)):
        wanted, track_ids = _target(targets[clip][frame], f"clip {clip}, frame {frame}", boxes)
        slots = torch.arange(boxes.shape[2], device=boxes.device)
        slots = slots if there is None else slots[there[clip, frame]]
        prediction, which = match_frame(boxes[clip, frame, slots], scores[clip, frame, slots], wanted)
        identity[clip, frame, slots[prediction]] = track_ids[which]
    return identity


def _target(target: Mapping[str, Any], where: str, like: Tensor) -> tuple[Tensor, Tensor]:
    """Boxes ``(M, 4)`` and identities ``(M,)`` of one frame's objects, checked."""
    for name in ("boxes", "track_ids"):
        if name not in target:
            raise DataError(f"{where}: the target has no {name}", remedy="give boxes (M, 4) and track_ids (M,)")
    boxes = torch.as_tensor(target["boxes"], device=like.device, dtype=like.dtype)
    track_ids = torch.as_tensor(target["track_ids"], device=like.device).reshape(-1)
    if boxes.numel() and boxes.shape[-1] != 4:
        raise DataError(f"{where}: boxes have shape {tuple(boxes.shape)}", remedy="give (M, 4)")
    boxes = boxes.reshape(-1, 4)
    if len(boxes) != len(track_ids):
        raise DataError(f"{where}: {len(boxes)} boxes for {len(track_ids)} track_ids", remedy="one identity per box")
    if not bool(boxes.isfinite().all()):
        raise DataError(f"{where}: a target box is not finite", remedy="leave that object out")
    if not len(track_ids):
        return boxes, track_ids.long()
    check_whole(f"{where}: track_ids", track_ids)
    known = track_ids[track_ids >= 0].long()
    value, count = torch.unique(known, return_counts=True)
    if bool((count > 1).any()):
        twice = int(value[count > 1][0])
        raise DataError(f"{where}: identity {twice} stands twice", remedy="an identity has one box a frame")
    return boxes, track_ids.long()
