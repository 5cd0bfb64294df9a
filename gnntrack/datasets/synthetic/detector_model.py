"""A model of a detector: tables measured on real detections."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from gnntrack.recipes import Settings

#: Levels of occlusion: the largest share of a box that lies behind one other box, up to each bound.
COVER_BOUNDS = (0.05, 0.2, 0.4, 0.6, 0.8)
#: Levels of size: box height over image height, up to each bound.
SIZE_BOUNDS = (0.05, 0.1, 0.2, 0.4)
#: Quantiles that a table keeps, close together where the tails are.
LEVELS = (0.0, 0.005, 0.02, 0.05, *(step / 20 for step in range(2, 19)), 0.95, 0.98, 0.995, 1.0)
#: The numbers that a track carries.
_NORMALS = 7
Number = Annotated[float, Field(ge=-100, le=100, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]
Row = tuple[Number, ...]
Table = tuple[Row, ...]
Shares = tuple[tuple[Share, ...], ...]


class FalsePositives(Settings):
    """Boxes without an object, of one kind.

    Attributes:
        rates: boxes a frame (background), or a frame and annotated box, by its level of occlusion (beside objects).
        survival: probability that one is there in the next frame too.
        confidence: quantiles.
        place: quantiles of four numbers that place the box: offset in widths and heights and log size ratios to
            the object beside it, or centre, log width and log height as shares of the image.
    """

    rates: tuple[Annotated[float, Field(ge=0, le=1000)], ...] = Field(min_length=1)
    survival: float = Field(ge=0, le=0.9999)
    confidence: tuple[Share, ...]
    place: Table

    @model_validator(mode="after")
    def _whole(self) -> Self:
        _check_shape("confidence", self.confidence, (len(LEVELS),))
        _check_shape("place", self.place, (4, len(LEVELS)))
        return self


class DetectorModel(Settings):
    """A model of a detector; fitted by :func:`gnntrack.datasets.synthetic.fit_detector`.

    Attributes:
        description: what it was fitted to.
        recall: share of objects found, by level of occlusion and of size.
        direction: by level of occlusion and component (right, down, log width, log height; in box sizes, divided by
            their root mean square), quantiles.
        distance: that root mean square, by level of occlusion, quantiles.
        confidence: by level of occlusion, quantiles.
        memory: correlation from one frame to the next of the seven numbers: misses, four directions, distance,
            confidence.
        correlation: of the seven numbers with each other, 7 × 7.
        beside: false positives that overlap an object.
        background: those that do not.
    """

    description: str = ""
    recall: Shares
    direction: tuple[Table, ...]
    distance: Table
    confidence: Shares
    memory: tuple[Annotated[float, Field(ge=-1, le=1)], ...]
    correlation: Table
    beside: FalsePositives
    background: FalsePositives

    @model_validator(mode="after")
    def _whole(self) -> Self:
        covers, sizes = len(COVER_BOUNDS) + 1, len(SIZE_BOUNDS) + 1
        _check_shape("recall", self.recall, (covers, sizes))
        _check_shape("direction", self.direction, (covers, 4, len(LEVELS)))
        _check_shape("distance", self.distance, (covers, len(LEVELS)))
        _check_shape("confidence", self.confidence, (covers, len(LEVELS)))
        _check_shape("memory", self.memory, (_NORMALS,))
        _check_shape("correlation", self.correlation, (_NORMALS, _NORMALS))
        _check_shape("beside.rates", self.beside.rates, (covers,))
        return self


def _check_shape(name: str, values: Any, shape: tuple[int, ...]) -> None:
    """Raises where nested tuples are not of this shape."""
    if len(values) != shape[0]:
        raise ValueError(f"{name} has {len(values)} entries, expected {shape[0]}")
    for inner in values if shape[1:] else ():
        _check_shape(name, inner, shape[1:])
