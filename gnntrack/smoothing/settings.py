"""The network that smooths boxes."""

from __future__ import annotations

from pydantic import Field

from gnntrack.bounds import MOST_HIDDEN
from gnntrack.recipes import Settings


class SmoothingNetworkSettings(Settings):
    """Settings of :class:`gnntrack.models.SmoothingNetwork`.

    Attributes:
        hidden: width.
        dropout: share of hidden values that are dropped in training.
    """

    hidden: int = Field(64, ge=4, le=MOST_HIDDEN)
    dropout: float = Field(0.1, ge=0, lt=1)
