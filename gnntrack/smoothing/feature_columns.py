"""The features by which boxes are smoothed, column by column. Lengths are in box sizes, as logarithms."""

from __future__ import annotations

import numpy as np

from gnntrack.columns import Blocks, names, starts

#: Standard deviations, in frames, of the stretches that lines are fitted to.
STRETCHES = np.array([0.7, 1.25, 2.5, 5.0, 10.0, 20.0])

_SIDES, _SIZES = ("across", "along", "width", "height"), ("width", "height")


def _of_stretches(what: str, sides: tuple[str, ...], more: str = "") -> tuple[str, ...]:
    return tuple(f"{what} {side}, stretch {stretch:g}{more}" for stretch in STRETCHES for side in sides)


_STEPS: Blocks = {
    "steps": _of_stretches("step", _SIDES),
    "signed": _of_stretches("signed step", _SIZES),
    "usual": _of_stretches("usual distance", _SIDES, ", near") + _of_stretches("usual distance", _SIDES, ", far"),
    "confidence": ("confidence",),
}
_BOX: Blocks = {"aspect": ("log aspect",), "frame_rate": ("log frame rate",)}
_OFFLINE: Blocks = {
    **_STEPS,
    "detected": ("detected",),
    "confidence_around": ("confidence around",),
    "detected_around": ("detected around",),
    "since": ("log frames since the track began",),
    "until": ("log frames until the track ends",),
    **_BOX,
}
_ONLINE: Blocks = {
    **_STEPS,
    "confidence_around": ("confidence around",),
    "observations": ("log observations",),
    "before": ("log frames since the one before",),
    **_BOX,
}
#: What is remembered of a track: running means.
_NOISE: Blocks = {"usual": _of_stretches("distance", _SIDES), "confidence": ("confidence",)}

#: Of :func:`gnntrack.smoothing.features.smoothed`.
OFFLINE, OFFLINE_NAMES = starts(_OFFLINE), names(_OFFLINE)
#: Of :func:`gnntrack.smoothing.online_features.newest_features`.
ONLINE, ONLINE_NAMES = starts(_ONLINE), names(_ONLINE)
NOISE, NOISE_COLUMNS = starts(_NOISE), len(names(_NOISE))
OFFLINE_FEATURES, ONLINE_FEATURES = len(OFFLINE_NAMES), len(ONLINE_NAMES)
#: Columns of the noise that are about distances: four sides of every smoothed version.
DISTANCES = len(_NOISE["usual"])
