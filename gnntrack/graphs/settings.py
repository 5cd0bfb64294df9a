"""How boxes become graphs: the numbers, in one place."""

from __future__ import annotations

from pydantic import Field, model_validator

from gnntrack.bounds import MOST_NEAREST
from gnntrack.recipes import Settings


class GraphSettings(Settings):
    """Settings of window graphs; part of every model recipe, saved with the weights.

    Attributes:
        window: frames in a window graph.
        stride: frames between the starts of two windows; smaller than ``window``, so that windows overlap.
        max_gap: largest number of frames that a temporal edge spans (1: the next frame).
        neighbours: candidates kept per node and frame gap, nearest first, in each direction of time.
        reach: farthest a box may move whatever the time, in box heights.
        speed: farthest it may move besides, in box heights a second.
        spatial_neighbours: neighbours kept per node within its frame.
        spatial_reach: farthest a spatial neighbour may be, in box heights.

    Raises:
        DataError: (through :func:`gnntrack.recipes.parse`) an unknown key or an impossible number.
    """

    window: int = Field(16, ge=2, le=10_000)
    stride: int = Field(4, ge=1, le=10_000)
    max_gap: int = Field(12, ge=1, le=1_000)
    neighbours: int = Field(4, ge=1, le=MOST_NEAREST)
    reach: float = Field(0.75, gt=0, le=1e4)
    speed: float = Field(4.0, ge=0, le=1e4)
    spatial_neighbours: int = Field(4, ge=0, le=MOST_NEAREST)
    spatial_reach: float = Field(4.0, gt=0, le=1e4)

    @model_validator(mode="after")
    def _windows_overlap(self) -> GraphSettings:
        if self.max_gap > self.window - self.stride:
            raise ValueError("max_gap must not exceed window − stride, or some links would lie in no window")
        return self
