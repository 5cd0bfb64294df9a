"""The network that corrects identities after crossings."""

from __future__ import annotations

from pydantic import Field

from gnntrack.bounds import MOST_FRAMES, MOST_HIDDEN, MOST_MEMBERS, MOST_NEAREST, MOST_ROUNDS
from gnntrack.recipes import Settings


class TrackletNetworkSettings(Settings):
    """Settings of :class:`gnntrack.models.TrackletNetwork`.

    Attributes:
        hidden: width of node and link states.
        rounds: rounds of message passing.
        candidates: nearest partners kept of every end of a tracklet and of every beginning.
        online_candidates: likewise, online.
        members: networks whose logits are averaged, trained alike from other beginnings: single decisions weigh much,
            and one network alone is lucky or not.
        reach: longest gap between tracklets, in frames.
        dropout: share of hidden values that are dropped in training.
        appearance: whether links know how alike the embeddings of their ends are; training takes it from the
            association network, and from whether there are embeddings to learn from.
    """

    hidden: int = Field(64, ge=4, le=MOST_HIDDEN)
    rounds: int = Field(2, ge=1, le=MOST_ROUNDS)
    candidates: int = Field(12, ge=1, le=MOST_NEAREST)
    online_candidates: int = Field(4, ge=1, le=MOST_NEAREST)
    members: int = Field(3, ge=1, le=MOST_MEMBERS)
    reach: int = Field(120, ge=1, le=MOST_FRAMES)
    dropout: float = Field(0.05, ge=0, lt=1)
    appearance: bool = False
