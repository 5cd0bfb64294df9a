"""Settings of the network that corrects identities after crossings, and of how its scores are used."""

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
        members: networks of an ensemble, whose logits are averaged. They differ in their initial weights, on which a
            single network depends much.
        reach: longest gap between tracklets.
        dropout: share of hidden values that are dropped in training.
        appearance: whether the network has an appearance branch; training sets it if the association network has one
            and there are embeddings.
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
    """Correcting identity switches after crossings (association networks with a tracklet network).

    Attributes:
        threshold: probability above which two tracklets are linked (offline mode, and online with a lag).
        threshold_online: the same, online without a lag.
        crowd: in frames with more tracks than this, the tracker's links are kept (offline mode; 0: nothing is
            corrected). Online with a lag, no identity is corrected in such frames.
        crowd_online: in frames with more tracks than this, no identity is corrected (online without a lag; 0: never).
    """

    threshold: float = Field(0.5, gt=0, lt=1)
    threshold_online: float = Field(0.5, gt=0, lt=1)
    crowd: int = Field(14, ge=0)
    crowd_online: int = Field(12, ge=0)
