"""Names of the features of an association graph, column by column.

Lengths are in box heights, and bent by arcsinh or taken as logarithms, so that scale does not matter and far things do
not drown near ones.
"""

from __future__ import annotations

from gnntrack.association.features import FITTED, LOOK_BACK

_SURROUNDINGS = (
    "from left border",
    "from upper border",
    "from right border",
    "from lower border",
    "log height in picture",
    "log aspect",
    "largest overlap",
    "sum of overlaps",
)
_WAY = ("right", "down", "right a frame", "down a frame", "log width ratio", "log height ratio", "log frames")
#: Of :func:`gnntrack.association.features.track_features`.
TRACK_NAMES: tuple[str, ...] = (
    "log observations",
    "log frames since the newest",
    "seconds since the newest",
    "mean confidence",
    "newest confidence",
    "surprise",
    *_SURROUNDINGS,
    *(f"{name}, {back} back" for back in LOOK_BACK for name in _WAY),
)
#: Of :func:`gnntrack.association.features.detection_features`.
DETECTION_NAMES: tuple[str, ...] = (
    "confidence",
    *_SURROUNDINGS,
    "log height / frame's median",
    "log boxes in frame",
    "largest overlap with a surer one",
    "sure",
)
#: Of :func:`gnntrack.association.features.neighbours`.
NEIGHBOUR_NAMES: tuple[str, ...] = ("right", "down", "log width ratio", "log height ratio", "IoU")
_SHORT, _MIDDLE, _LONG = (f"the line over {count}" for count in FITTED)
#: Of :func:`gnntrack.association.features.pair_features`.
PAIR_NAMES: tuple[str, ...] = (
    "right",
    "down",
    "right a frame",
    "down a frame",
    *(f"{side}, less {line}" for line in (_SHORT, _MIDDLE, _LONG) for side in ("right", "down")),
    *(f"log distance from {line}" for line in (_SHORT, _MIDDLE, _LONG)),
    "right, less the camera",
    "down, less the camera",
    "log distance, less the camera",
    "log distance",
    "IoU",
    "GIoU",
    f"IoU with {_SHORT}",
    f"GIoU with {_SHORT}",
    f"IoU with {_MIDDLE}",
    f"GIoU with {_MIDDLE}",
    "log width ratio",
    "log height ratio",
    "change of size",
    f"log width ratio to {_MIDDLE}",
    f"log height ratio to {_MIDDLE}",
    "confidence",
    "confidence of the newest",
    "log frames",
    "seconds",
    "rank among the track's candidates",
    "rank among the detection's candidates",
    "farther than the track's nearest other",
    "farther than the detection's nearest other",
    "surprise",
    "right, less the recent velocity",
    "down, less the recent velocity",
    "log distance from the recent velocity",
    f"log width ratio to {_LONG}",
    f"log height ratio to {_LONG}",
)
#: Of :func:`gnntrack.association.appearance.appearance_features`.
APPEARANCE_NAMES: tuple[str, ...] = (
    "appearance known",
    "cosine",
    "cosine above the track's best rival",
    "cosine above the detection's best rival",
)
