"""How hard copied errors are made: larger, with overlapping boxes suppressed, with second boxes beside objects."""

from __future__ import annotations

from typing import Annotated, NamedTuple, Self

import numpy as np
from pydantic import AfterValidator, Field

from gnntrack.recipes import Settings


def _ordered(span: tuple[float, float]) -> tuple[float, float]:
    if span[0] > span[1]:
        raise ValueError(f"a range from {span[0]} to {span[1]}: give the smaller number first")
    return span


Scale = Annotated[float, Field(ge=0.1, le=10)]
Share = Annotated[float, Field(ge=0, le=1)]
Scales = Annotated[tuple[Scale, Scale], AfterValidator(_ordered)]
Shares = Annotated[tuple[Share, Share], AfterValidator(_ordered)]


class Drawn(NamedTuple):
    """How hard one video is.

    Attributes:
        error_scale: errors are so many times as large as they were.
        suppression: of two boxes whose IoU is larger, the less confident one is dropped.
        second_boxes: share of the objects that have a second box beside them, at a time.
    """

    error_scale: float
    suppression: float
    second_boxes: float


class Hardness(Settings):
    """Detectors differ from video to video more than a few donor videos do, so each video draws how hard it is.

    With these ranges relinking loses as much on copied errors as on real detections.

    Attributes:
        error_scale: errors are so many times as large as they were; drawn evenly in their logarithm.
        suppression: IoU above which the less confident of two boxes is dropped (non-maximum suppression); 1: none is.
        doubled: share of videos in which objects have second boxes.
        second_boxes: share of the objects of such a video that have one, at a time.

    Example:
        >>> Hardness.none().draw(np.random.default_rng(0))
        Drawn(error_scale=1.0, suppression=1.0, second_boxes=0.0)
    """

    error_scale: Scales = (1.0, 2.46)
    suppression: Shares = (0.5, 0.75)
    doubled: Share = 0.2
    second_boxes: Shares = (0.05, 0.5)

    @classmethod
    def none(cls) -> Self:
        """Errors stay as they were."""
        return cls(error_scale=(1.0, 1.0), suppression=(1.0, 1.0), doubled=0.0)

    @classmethod
    def always(cls, drawn: Drawn) -> Self:
        """Every video is as hard as this."""
        scale, suppression, share = drawn
        spans = {"error_scale": (scale, scale), "suppression": (suppression, suppression)}
        return cls(**spans, second_boxes=(share, share), doubled=float(share > 0))

    def draw(self, rng: np.random.Generator) -> Drawn:
        """How hard one video is."""
        scale = float(np.exp(rng.uniform(*np.log(self.error_scale))))
        suppression = float(rng.uniform(*self.suppression))
        doubled = rng.random() < self.doubled
        share = float(rng.uniform(*self.second_boxes))
        return Drawn(scale, suppression, share if doubled else 0.0)
