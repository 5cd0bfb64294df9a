"""`UniTrackCriterion`: the UniTrack loss for other people's trackers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from gnntrack.errors import DataError
from gnntrack.losses.eager import eager
from gnntrack.losses.graph import LinkGraph, candidate_graph
from gnntrack.losses.links.link_losses import LinkLoss, SoftmaxLinkLoss
from gnntrack.losses.plug_in.clips import ClipGraph, clip_graph
from gnntrack.losses.plug_in.matching import match_clips
from gnntrack.losses.unitrack import UniTrackLoss
from gnntrack.precision import full_precision
from gnntrack.tensor_checks import check_devices, check_whole

#: Probability below which an unmatched prediction is background and no node.
BACKGROUND = 0.05
#: Where −inf has a meaning: a slot that holds nothing, a link that is no candidate.
MASKED = ("pred_logits", "affinity")


class UniTrackCriterion(nn.Module):
    """Adds the UniTrack loss to a tracker that predicts boxes on clips.

    Matches predictions to annotated objects frame by frame, builds the window graph, makes link logits and returns a
    dictionary of losses in the manner of DETR's criterion: add ``Σ weight_dict[k] · losses[k]`` to the tracker's own
    loss. Nothing is needed at inference.

    A link exists only if both its ends do, so the logit of a link is ``a + log p_i + log p_j`` with a the tracker's
    own affinity and p the probabilities of the detections: the loss reaches boxes (positions in the terms), class
    logits and embeddings.

    All of it is computed in float32 (or float64), also where the tracker's outputs are float16 or bfloat16. An
    affinity of −inf says that a link is no candidate; class logits that are all −inf, that a slot holds nothing
    (padding). Either is as if it were not there.

    Args:
        unitrack: the UniTrack loss; default settings if left out.
        link: the link loss that goes with it; the softmax link loss if left out.
        own_link_loss: the tracker has a link loss of its own: add none.
        neighbours: candidates per node and frame gap.
        max_gap: longest candidate link in frames; true links may be longer.
        temperature: of the embeddings' cosine similarity.
        margin: cosine similarity at which a link is as likely as no link.
        frame_rate: frames a second, for clips whose ``outputs`` hold no ``time``.
        image_size: width and height that box shares are multiplied with.

    Example:
        >>> torch.manual_seed(0)
        <torch...Generator object at ...>
        >>> boxes = torch.tensor([[0.2, 0.5, 0.1, 0.3], [0.7, 0.5, 0.1, 0.3]]).expand(1, 3, 2, 4)
        >>> outputs = {"pred_boxes": boxes, "pred_logits": torch.zeros(1, 3, 2, 1),
        ...            "embeddings": torch.eye(2).expand(1, 3, 2, 2)}
        >>> targets = [[{"boxes": boxes[0, 0], "track_ids": [4, 9]}] * 3]
        >>> losses = UniTrackCriterion()(outputs, targets)
        >>> sorted(name for name in losses if name.startswith("loss"))
        ['loss_link', 'loss_unitrack']
    """

    def __init__(
        self,
        unitrack: UniTrackLoss | None = None,
        link: LinkLoss | None = None,
        *,
        own_link_loss: bool = False,
        neighbours: int = 10,
        max_gap: int = 1,
        temperature: float = 0.1,
        margin: float = 0.5,
        frame_rate: float = 30.0,
        image_size: tuple[float, float] = (1.0, 1.0),
    ) -> None:
        super().__init__()
        self.unitrack = unitrack or UniTrackLoss()
        self.link = None if own_link_loss else link or SoftmaxLinkLoss()
        self.neighbours, self.max_gap = neighbours, max_gap
        self.temperature, self.margin, self.frame_rate = temperature, margin, frame_rate
        self.image_size = image_size
        self.weight_dict = {"loss_unitrack": 1.0} if own_link_loss else {"loss_link": 1.0, "loss_unitrack": 1.0}

    def forward(
        self, outputs: Mapping[str, Tensor], targets: Sequence[Sequence[Mapping[str, Any]]]
    ) -> dict[str, Tensor]:
        """The losses of a batch of B clips with T frames and N predictions a frame.

        Args:
            outputs: ``pred_boxes`` ``(B, T, N, 4)`` centre x, centre y, width, height as a share of the image;
                ``pred_logits`` ``(B, T, N, C)`` independent class logits (as deformable DETR's descendants have them;
                ``(B, T, N)`` too); and one of ``embeddings`` ``(B, T, N, D)``; ``affinity``, link logits between the
                slots of consecutive frames ``(B, T − 1, N, N)`` or of all frames ``(B, T, N, T, N)``. Optionally
                ``time`` ``(T,)`` in seconds, and ``identity`` ``(B, T, N)`` where the tracker has matched its
                predictions itself (−1: none).
            targets: B lists of T dictionaries with ``boxes`` ``(M, 4)`` (as ``pred_boxes``) and ``track_ids`` ``(M,)``.

        Returns:
            ``loss_unitrack`` and ``loss_link`` with gradients; all other entries are detached figures for the log.

        Raises:
            DataError: shapes do not fit, values are not finite, or there is nothing to make link logits of.
        """
        logits, graph, embeddings = self.window(outputs, targets)
        result = self.unitrack.evaluate(logits, graph, embeddings=embeddings)
        losses = {"loss_unitrack": result.total}
        if self.link is not None:
            losses["loss_link"] = self.link.evaluate(logits, graph).total
        log = {name: torch.as_tensor(value) for name, value in result.parts.items() if name != "unitrack"}
        return losses | log

    @eager
    def window(
        self, outputs: Mapping[str, Tensor], targets: Sequence[Sequence[Mapping[str, Any]]]
    ) -> tuple[Tensor, LinkGraph, Tensor | None]:
        """Logits, graph and embeddings of the predictions that are nodes, for :meth:`UniTrackLoss.evaluate`.

        Args:
            outputs: see :meth:`forward`.
            targets: see there.

        Raises:
            DataError: see there.
        """
        outputs = _full(outputs)
        boxes, presence = _checked(outputs)
        scores, there = presence.detach().sigmoid(), presence.detach() > -torch.inf
        given = outputs.get("identity")
        identity = match_clips(boxes.detach(), scores, targets, there) if given is None else given.long()
        graph = self._graph(outputs, boxes, identity, there & ((identity >= 0) | (scores > BACKGROUND)))
        embeddings = _nodes(outputs.get("embeddings"), graph)
        return *candidate_graph(self.link_logits(outputs, presence, graph), graph.data, embeddings), embeddings

    def link_logits(self, outputs: Mapping[str, Tensor], presence: Tensor, graph: ClipGraph) -> Tensor:
        """Link logits ``(E,)`` from affinities, else from embeddings, and the detections' own probabilities."""
        outputs, presence = _full(outputs), full_precision(presence)
        source, target = graph.data.edge_index
        exists = functional.logsigmoid(presence.reshape(-1)[graph.slot])
        both = exists[source] + exists[target]
        if "affinity" in outputs:
            return self._affinity(outputs["affinity"], presence, graph) + both
        embeddings = _nodes(outputs.get("embeddings"), graph)
        if embeddings is None:
            raise DataError("outputs hold neither embeddings nor affinity", remedy="add one of them")
        unit = functional.normalize(embeddings, dim=1)
        similarity = (unit[source] * unit[target]).sum(1)
        return (similarity - self.margin) / self.temperature + both

    def _affinity(self, affinity: Tensor, presence: Tensor, graph: ClipGraph) -> Tensor:
        clips, frames, slots = presence.shape
        first, second = graph.slot[graph.data.edge_index]
        clip, frame, later = first // (frames * slots), first // slots % frames, second // slots % frames
        if affinity.shape == (clips, frames, slots, frames, slots):
            return affinity[clip, frame, first % slots, later, second % slots]
        if affinity.shape == (clips, max(frames - 1, 0), slots, slots):
            return affinity[clip, frame, first % slots, second % slots]
        raise DataError(
            f"affinity has shape {tuple(affinity.shape)} for {clips} clips, {frames} frames, {slots} slots",
            remedy="give (B, T-1, N, N) or (B, T, N, T, N)",
        )

    def _graph(self, outputs: Mapping[str, Tensor], boxes: Tensor, identity: Tensor, keep: Tensor) -> ClipGraph:
        width, height = self.image_size
        scale = boxes.new_tensor([width, height, width, height])
        time = outputs.get("time")
        if time is None:
            time = torch.arange(boxes.shape[1], device=boxes.device, dtype=boxes.dtype) / self.frame_rate
        graph = clip_graph(boxes * scale, time, identity, keep, neighbours=self.neighbours, max_gap=self.max_gap)
        affinity = outputs.get("affinity")
        if affinity is not None and affinity.dim() == 4:  # knows consecutive frames only
            frame = graph.data.frame
            source, target = graph.data.edge_index
            graph.data.edge_index = graph.data.edge_index[:, frame[target] - frame[source] == 1]
        return graph


def _full(outputs: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs in full precision; what is no tensor (auxiliary outputs, for one) stays as it is."""
    return {name: full_precision(values) if isinstance(values, Tensor) else values for name, values in outputs.items()}


def _checked(outputs: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
    """Boxes ``(B, T, N, 4)`` and the logit that a slot holds an object ``(B, T, N)``."""
    for name in ("pred_boxes", "pred_logits"):
        if name not in outputs:
            raise DataError(f"outputs hold no {name}", remedy="give pred_boxes and pred_logits")
    fields = ("pred_boxes", "pred_logits", "embeddings", "affinity", "identity", "time")
    check_devices({name: outputs.get(name) for name in fields})
    boxes, logits = outputs["pred_boxes"], outputs["pred_logits"]
    if boxes.dim() != 4 or boxes.shape[-1] != 4:
        raise DataError(f"pred_boxes have shape {tuple(boxes.shape)}", remedy="give (B, T, N, 4)")
    if logits.shape[:3] != boxes.shape[:3] or logits.dim() not in (3, 4):
        raise DataError(f"pred_logits have shape {tuple(logits.shape)}", remedy="give (B, T, N, C) as pred_boxes")
    grid = boxes.shape[:3]
    for name, shape, dim in (("embeddings", grid, 4), ("identity", grid, 3), ("time", grid[1:2], 1)):
        values = outputs.get(name)
        if values is not None and (values.dim() != dim or values.shape[: len(shape)] != shape):
            wanted = f"{tuple(shape)} and a width" if dim > len(shape) else str(tuple(shape))
            raise DataError(f"{name} has shape {tuple(values.shape)}", remedy=f"give {wanted}")
    if "identity" in outputs:
        check_whole("identity", outputs["identity"])
    for name in ("pred_boxes", "pred_logits", "embeddings", "affinity", "time"):
        values = outputs.get(name)
        if values is None:
            continue
        sound = values.isfinite() | (values == -torch.inf) if name in MASKED else values.isfinite()
        if not bool(sound.all()):
            where = tuple((~sound).nonzero()[0].tolist())
            raise DataError(f"{name}{list(where)} is not finite", remedy="lower the learning rate or clip gradients")
    if "time" in outputs and not bool((outputs["time"].diff() > 0).all()):
        raise DataError("time does not increase from frame to frame", remedy="times of day need float64")
    return boxes, logits if logits.dim() == 3 else logits.amax(-1)


def _nodes(values: Tensor | None, graph: ClipGraph) -> Tensor | None:
    """Rows of a ``(B, T, N, D)`` grid that are nodes: ``(nodes, D)``."""
    return None if values is None else values.reshape(-1, values.shape[-1])[graph.slot]
