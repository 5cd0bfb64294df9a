"""Settings of the network that smooths boxes, and of the boxes of tracks."""

from __future__ import annotations

from pydantic import Field

from gnntrack.bounds import MOST_HIDDEN
from gnntrack.durations import Duration
from gnntrack.recipes import Settings


class SmoothingNetworkSettings(Settings):
    """Settings of :class:`gnntrack.models.SmoothingNetwork`.

    Attributes:
        hidden: width.
        dropout: share of hidden values that are dropped in training.
    """

    hidden: int = Field(64, ge=4, le=MOST_HIDDEN)
    dropout: float = Field(0.1, ge=0, lt=1)


class BoxSettings(Settings):
    """The boxes of tracks.

    Attributes:
        interpolate: longest gap that is filled with boxes on a straight line; 0: none is (offline mode). Elsewhere, in
            frames: ``n_dti``.
        smooth: boxes of finished tracks are smoothed (offline mode, association networks with a smoothing network).
        smooth_online: the boxes of each frame are smoothed, knowing those before (online mode, likewise).
    """

    interpolate: Duration = Duration(0.67)
    smooth: bool = True
    smooth_online: bool = True
