"""The features of a graph of tracks and detections, column by column.

Lengths are in box heights, and bent by arcsinh or taken as logarithms, so that scale does not matter and large
distances do not dominate.
"""

from __future__ import annotations

import numpy as np

from gnntrack.columns import Blocks, names, starts

#: Lags, in observations, at which the motion of a track is measured.
LOOK_BACK = np.array([1, 2, 3, 4, 6, 8, 10, 13, 16, 20, 25, 31])
#: Observations that a straight line is fitted to.
FITTED = np.array([5, 12, 32])

_SIDES = ("right", "down")
_SURROUNDINGS: Blocks = {
    "margins": ("from left border", "from upper border", "from right border", "from lower border"),
    "height": ("log height in image",),
    "aspect": ("log aspect",),
    "largest_overlap": ("largest overlap",),
    "overlaps": ("sum of overlaps",),
}
_WAY: Blocks = {
    "moved": _SIDES,
    "speed": ("right a frame", "down a frame"),
    "size": ("log width ratio", "log height ratio"),
    "span": ("log frames",),
}
_TRACK: Blocks = {
    "observations": ("log observations",),
    "gap": ("log frames since the newest",),
    "seconds": ("seconds since the newest",),
    "mean_confidence": ("mean confidence",),
    "confidence": ("newest confidence",),
    "prediction_error": ("prediction error",),
    "surroundings": names(_SURROUNDINGS),
    "way": tuple(f"{name}, {back} back" for back in LOOK_BACK for name in names(_WAY)),
}
_DETECTION: Blocks = {
    "confidence": ("confidence",),
    "surroundings": names(_SURROUNDINGS),
    "relative_height": ("log height / frame's median",),
    "boxes": ("log boxes in frame",),
    "covered": ("largest overlap with a surer one",),
    "sure": ("sure",),
}
_NEIGHBOUR: Blocks = {"offset": _SIDES, "size": ("log width ratio", "log height ratio"), "iou": ("IoU",)}
_SHORT, _MIDDLE, _LONG = (f"the line over {count}" for count in FITTED)
_PAIR: Blocks = {
    "step": _SIDES,
    "speed": ("right a frame", "down a frame"),
    "missed": tuple(f"{side}, less {line}" for line in (_SHORT, _MIDDLE, _LONG) for side in _SIDES),
    "missed_distance": tuple(f"log distance from {line}" for line in (_SHORT, _MIDDLE, _LONG)),
    "steady": ("right, less the camera", "down, less the camera"),
    "steady_distance": ("log distance, less the camera",),
    "distance": ("log distance",),
    "iou": ("IoU",),
    "giou": ("GIoU",),
    "iou_short": (f"IoU with {_SHORT}",),
    "giou_short": (f"GIoU with {_SHORT}",),
    "iou_middle": (f"IoU with {_MIDDLE}",),
    "giou_middle": (f"GIoU with {_MIDDLE}",),
    "size": ("log width ratio", "log height ratio"),
    "size_change": ("change of size",),
    "size_middle": (f"log width ratio to {_MIDDLE}", f"log height ratio to {_MIDDLE}"),
    "confidence": ("confidence",),
    "newest_confidence": ("confidence of the newest",),
    "gap": ("log frames",),
    "seconds": ("seconds",),
    "track_rank": ("rank among the track's candidates",),
    "detection_rank": ("rank among the detection's candidates",),
    "track_margin": ("farther than the track's nearest other",),
    "detection_margin": ("farther than the detection's nearest other",),
    "prediction_error": ("prediction error",),
    "missed_recent": ("right, less the recent velocity", "down, less the recent velocity"),
    "missed_recent_distance": ("log distance from the recent velocity",),
    "size_long": (f"log width ratio to {_LONG}", f"log height ratio to {_LONG}"),
}

_APPEARANCE: Blocks = {
    "known": ("appearance known",),
    "cosine": ("cosine",),
    "track_margin": ("cosine above the track's best rival",),
    "detection_margin": ("cosine above the detection's best rival",),
}

#: First columns of the blocks of :func:`.node_features.track_features`, and the name of every column.
TRACK, TRACK_NAMES = starts(_TRACK), names(_TRACK)
#: Of :func:`gnntrack.association.node_features.detection_features`.
DETECTION, DETECTION_NAMES = starts(_DETECTION), names(_DETECTION)
#: Of :func:`gnntrack.association.neighbours.neighbours`.
NEIGHBOUR, NEIGHBOUR_NAMES = starts(_NEIGHBOUR), names(_NEIGHBOUR)
#: Of :func:`gnntrack.association.pair_features.pair_features`.
PAIR, PAIR_NAMES = starts(_PAIR), names(_PAIR)
#: Within the block ``surroundings`` of tracks and of detections.
SURROUNDINGS = starts(_SURROUNDINGS)
#: Within the block ``way`` of tracks, for each of :data:`LOOK_BACK`.
WAY = starts(_WAY)
TRACK_FEATURES, DETECTION_FEATURES = len(TRACK_NAMES), len(DETECTION_NAMES)
PAIR_FEATURES, NEIGHBOUR_FEATURES = len(PAIR_NAMES), len(NEIGHBOUR_NAMES)
SURROUNDINGS_FEATURES, WAY_FEATURES = len(names(_SURROUNDINGS)), len(names(_WAY))

#: Of :func:`gnntrack.association.appearance.appearance_features`.
APPEARANCE, APPEARANCE_NAMES = starts(_APPEARANCE), names(_APPEARANCE)
APPEARANCE_FEATURES = len(APPEARANCE_NAMES)
