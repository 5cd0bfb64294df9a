"""Settings of the network that corrects identities after crossings, and of what is made of its scores."""

from __future__ import annotations

from pydantic import Field

from gnntrack.bounds import MOST_HIDDEN, MOST_MEMBERS, MOST_NEAREST, MOST_ROUNDS
from gnntrack.durations import Duration, PositiveDuration
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
        reach: longest gap between tracklets.
        dropout: share of hidden values that are dropped in training.
        appearance: whether links know how alike the embeddings of their ends are; training takes it from the
            association network, and from whether there are embeddings to learn from.
    """

    hidden: int = Field(64, ge=4, le=MOST_HIDDEN)
    rounds: int = Field(2, ge=1, le=MOST_ROUNDS)
    candidates: int = Field(12, ge=1, le=MOST_NEAREST)
    online_candidates: int = Field(4, ge=1, le=MOST_NEAREST)
    members: int = Field(3, ge=1, le=MOST_MEMBERS)
    reach: PositiveDuration = Duration(4.0)
    dropout: float = Field(0.05, ge=0, lt=1)
    appearance: bool = False


class RelinkingSettings(Settings):
    """Where tracks have crossed, tracklets are linked anew (association networks with a tracklet network).

    Attributes:
        threshold: probability above which two tracklets are linked (offline mode).
        threshold_online: the same, online.
        crowd: where more tracks than so many are in view, the tracker's links stay (offline mode; 0: nothing is linked
            anew).
        crowd_online: while more tracks than so many are in view, no identity is corrected (online mode; 0: never).
    """

    threshold: float = Field(0.5, gt=0, lt=1)
    threshold_online: float = Field(0.5, gt=0, lt=1)
    crowd: int = Field(14, ge=0)
    crowd_online: int = Field(12, ge=0)
