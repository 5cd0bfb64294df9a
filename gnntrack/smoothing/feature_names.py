"""Names of the features by which boxes are smoothed, column by column. Lengths are in box sizes, as logarithms."""

from __future__ import annotations

from gnntrack.smoothing.features import WIDTHS

_BOX, _SIZE = ("across", "along", "width", "height"), ("width", "height")
_STEPS = tuple(f"step {side}, stretch {width:g}" for width in WIDTHS for side in _BOX)
_SIGNED = tuple(f"signed step {side}, stretch {width:g}" for width in WIDTHS for side in _SIZE)
_USUAL = tuple(
    f"usual distance {side}, stretch {width:g}, {span}" for span in ("near", "far") for width in WIDTHS for side in _BOX
)
#: Of :func:`gnntrack.smoothing.features.smoothed`.
SMOOTHING_NAMES: tuple[str, ...] = (
    *_STEPS,
    *_SIGNED,
    *_USUAL,
    "confidence",
    "detected",
    "confidence around",
    "detected around",
    "log frames since the track began",
    "log frames until the track ends",
    "log aspect",
    "log frame rate",
)
#: Of :func:`gnntrack.smoothing.online_features.newest_features`.
ONLINE_NAMES: tuple[str, ...] = (
    *_STEPS,
    *_SIGNED,
    *_USUAL,
    "confidence",
    "confidence around",
    "log observations",
    "log frames since the one before",
    "log aspect",
    "log frame rate",
)
