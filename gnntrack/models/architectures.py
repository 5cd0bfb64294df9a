"""Settings of the two kinds of networks."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gnntrack.association.settings import LinkNetworkSettings
from gnntrack.bounds import MOST_HIDDEN, MOST_ROUNDS
from gnntrack.recipes import Settings
from gnntrack.relinking.settings import TrackletNetworkSettings
from gnntrack.smoothing.settings import SmoothingNetworkSettings


class AssociationNetworkSettings(LinkNetworkSettings):
    """Settings of :class:`gnntrack.models.AssociationNetwork`.

    Attributes:
        kind: which model this is.
        tracklets: of the network that corrects identities after crossings, if there is one.
        smoothing: of the network that smooths boxes, if there is one.
    """

    kind: Literal["association"] = "association"
    tracklets: TrackletNetworkSettings | None = None
    smoothing: SmoothingNetworkSettings | None = None


class MessagePassingSettings(Settings):
    """Settings of :class:`gnntrack.models.MessagePassing`.

    Attributes:
        kind: which network this is.
        hidden: width of node and edge states.
        rounds: rounds of message passing; a link sees rivals of rivals up to this many steps away.
        dropout: share of the node update that is dropped in training.
    """

    kind: Literal["message_passing"] = "message_passing"
    hidden: int = Field(48, ge=4, le=MOST_HIDDEN)
    rounds: int = Field(3, ge=1, le=MOST_ROUNDS)
    dropout: float = Field(0.0, ge=0, lt=1)
