"""Track queries (MOTR-, TrackFormer-like): a query is born on an object and looks for it in every frame.

Kept: queries attend to the detections of a frame, what they see changes their state, the
state gives box and presence; they are trained frame after frame with the loss of set prediction alone (L1 of boxes,
cross entropy of presence), the query of an object being fixed at its birth. No loss tells attention where to look.
Left out: pictures and the decoder's layers; self-attention between queries; detection queries (a detection that no
query takes is a birth); queries of false positives in training. Tracking assigns one to one by attention and presence.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import torch
from clips import Clips, whole
from embedding import confidence
from family import Family, Found, mlp
from linking import Tracks, link, with_none
from torch import Tensor, nn
from torch.nn import functional
from videos import FEATURES, Video

WIDTH = 32
#: Weight of the L1 distance of boxes, in box heights.
BOX = 2.0
#: Attention to an empty slot.
NOWHERE = -1e4


class Look(NamedTuple):
    """What K queries see of a frame, and what becomes of them.

    Attributes:
        logits: ``(B, K, N)`` the log share of attention that each detection gets, plus the logit of the query's
            presence: against a "none" of logit 0, the probability of a detection is its share times that of presence.
        state: ``(B, K, WIDTH)``.
        box: ``(B, K, 4)``.
        presence: ``(B, K)`` logit.
    """

    logits: Tensor
    state: Tensor
    box: Tensor
    presence: Tensor


class Queries(Family):
    """A recurrent decoder."""

    def __init__(self, people: int) -> None:
        super().__init__()
        self.token = mlp(FEATURES, WIDTH, WIDTH)
        self.query, self.key = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)
        self.near = mlp(4, 16, 1)
        self.cell = nn.GRUCell(WIDTH + 4, WIDTH)
        self.head = nn.Linear(WIDTH, 5)

    def look(self, state: Tensor, box: Tensor, tokens: Tensor, boxes: Tensor, there: Tensor) -> Look:
        """One frame: ``(B, K, WIDTH)`` states with boxes ``(B, K, 4)`` and ``(B, N, WIDTH)`` tokens."""
        height = box[..., None, 3:].clamp(min=1e-3)
        off = (boxes[:, None] - box[:, :, None]) / height
        bias = self.near(torch.cat([off[..., :2], off[..., :2].abs()], -1))[..., 0] - off[..., :2].norm(dim=-1)
        attention = self.query(state) @ self.key(tokens).mT / WIDTH**0.5 + bias
        share = attention.masked_fill(~there[:, None], NOWHERE).log_softmax(-1)
        seen, moved = share.exp() @ tokens, (share.exp()[..., None] * off).sum(-2)
        shape = state.shape
        state = self.cell(torch.cat([seen, moved], -1).flatten(0, 1), state.flatten(0, 1)).reshape(shape)
        heads = self.head(state)
        box = box + (moved + 0.1 * heads[..., 1:]) * height[..., 0, :]
        logits = (share + heads[..., :1]).masked_fill(~there[:, None], -torch.inf)
        return Look(logits, state, box, heads[..., 0])

    def found(self, clips: Clips) -> Found:
        shape = clips.there.shape
        tokens = self.token(clips.features)
        query = queries_of(clips)  # (B, T, N) number of each slot's query, −1: none
        count = int(query.max()) + 1
        state, box = tokens.new_zeros(shape[0], count, WIDTH), clips.boxes.new_zeros(shape[0], count, 4)
        last = query.new_full((shape[0], count), -1)  # slot of the last detection among all of the clip
        affinity = clips.boxes.new_full((shape[0], shape[1] * shape[2], shape[1] * shape[2]), -torch.inf)
        states, costs = [], []
        for frame in range(shape[1]):
            own = query[:, frame, None] == torch.arange(count)[:, None]  # (B, K, N)
            here, slot, alive = own.any(-1), own.float().argmax(-1), last >= 0
            exact = _taken(clips.exact[:, frame], slot)
            if frame and bool(alive.any()):
                seen = self.look(state, box, tokens[:, frame], clips.boxes[:, frame], clips.there[:, frame])
                columns = slice(frame * shape[2], (frame + 1) * shape[2])
                clip, which = alive.nonzero(as_tuple=True)
                affinity[clip, last[clip, which], columns] = seen.logits[clip, which]
                costs.append(_cost(seen, exact, here, alive))
                state = torch.where(alive[..., None], seen.state, state)
                box = torch.where(alive[..., None], seen.box.detach(), box)
            born = here & ~alive
            state = torch.where(born[..., None], _taken(tokens[:, frame], slot), state)
            box = torch.where(here[..., None], _taken(clips.boxes[:, frame], slot), box)
            last = torch.where(here, frame * shape[2] + slot, last)
            of_slot = _taken(state, query[:, frame].clamp(min=0))
            states.append(torch.where((query[:, frame] >= 0)[..., None], of_slot, 0.0))
        common = {"pred_boxes": clips.boxes, "identity": clips.identity}
        hidden = torch.where(query[..., None] >= 0, confidence(clips), -torch.inf)
        outputs = {
            "": common | {"pred_logits": confidence(clips), "affinity": affinity.reshape(*shape, *shape[1:])},
            "on hidden states": common | {"pred_logits": hidden, "embeddings": torch.stack(states, 1)},
        }
        return Found(torch.stack(costs).mean() if costs else tokens.sum() * 0, outputs)

    def prepared(self, video: Video) -> Any:
        clip = whole(video)
        return video, self.token(clip.features)[0], clip

    def track(self, prepared: Any, threshold: float) -> np.ndarray:
        video, tokens, clip = prepared
        return link(video.grid, QueryTracks(self, tokens, clip, video), threshold, len(video.boxes))


class QueryTracks(Tracks):
    """The queries alive."""

    def __init__(self, model: Queries, tokens: Tensor, clip: Clips, video: Video) -> None:
        self.model, self.tokens, self.boxes, self.there = model, tokens, clip.boxes[0], clip.there[0]
        self.slot = np.zeros(len(video.boxes), dtype=int)
        frame, slot = np.nonzero(video.grid >= 0)
        self.slot[video.grid[frame, slot]] = slot
        self.state, self.box = tokens.new_zeros(0, WIDTH), tokens.new_zeros(0, 4)
        self.seen: Look | None = None

    def probability(self, frame: int, rows: np.ndarray) -> np.ndarray:
        self.seen = self._look(frame)
        return with_none(self.seen.logits[0, :, self.slot[rows]].numpy())

    def update(self, frame: int, rows: np.ndarray) -> None:
        seen = self.seen or self._look(frame)
        self.seen = None
        found = torch.from_numpy(rows >= 0)
        own = self.boxes[frame, torch.from_numpy(self.slot[rows])]
        self.state, self.box = seen.state[0], torch.where(found[:, None], own, seen.box[0])

    def begin(self, frame: int, rows: np.ndarray) -> None:
        slot = torch.from_numpy(self.slot[rows])
        self.state = torch.cat([self.state, self.tokens[frame, slot]])
        self.box = torch.cat([self.box, self.boxes[frame, slot]])

    def keep(self, mask: np.ndarray) -> None:
        self.state, self.box = (values[torch.from_numpy(mask)] for values in (self.state, self.box))

    def _look(self, frame: int) -> Look:
        frames = (values[frame][None] for values in (self.tokens, self.boxes, self.there))
        return self.model.look(self.state[None], self.box[None], *frames)


def queries_of(clips: Clips) -> Tensor:
    """The number of each slot's query within its clip, one an identity: ``(B, T, N)``; −1: a false positive."""
    result = torch.full_like(clips.identity, -1)
    for number, identity in enumerate(clips.identity):
        known = identity >= 0
        result[number][known] = torch.unique(identity[known], return_inverse=True)[1]
    return result


def _cost(seen: Look, exact: Tensor, here: Tensor, alive: Tensor) -> Tensor:
    """Set prediction with queries that are matched already."""
    presence = functional.binary_cross_entropy_with_logits(seen.presence[alive], here[alive].float())
    off = (seen.box - exact).abs() / exact[..., 3:].clamp(min=1e-3)
    both = here & alive
    return presence + BOX * off[both].sum() / max(1, int(both.sum()))


def _taken(values: Tensor, index: Tensor) -> Tensor:
    """Rows of ``(B, N, D)`` at ``(B, K)``."""
    return values.gather(1, index[..., None].expand(-1, -1, values.shape[-1]))
