"""The features of window graphs, column by column; all are relative to box size and time.

Lengths are in mean heights of two boxes.
"""

from __future__ import annotations

from gnntrack.columns import Blocks, names, starts

_SIDES, _SIZES = ("right", "down"), ("log width ratio", "log height ratio")
_NODE: Blocks = {
    "confidence": ("confidence",),
    "aspect": ("log aspect",),
    "height": ("log height / frame's median",),
    "boxes": ("log boxes in frame",),
    "overlap": ("largest overlap",),
    "margins": ("gap to left or right border", "gap to upper or lower border"),
}
_EDGE: Blocks = {
    "moved": _SIDES,
    "sizes": _SIZES,
    "seconds": ("seconds",),
    "gap": ("log frames",),
    "iou": ("IoU",),
    "giou": ("GIoU",),
    "speed": ("right per second", "down per second"),
    "rank_ahead": ("rank among successors",),
    "rank_behind": ("rank among predecessors",),
    "steady": ("right, less the frame pair's median", "down, less the frame pair's median"),
    "since": ("right, less the motion before", "down, less the motion before"),
    "until": ("right, less the motion after", "down, less the motion after"),
    "seen_before": ("links seen before",),
    "seen_after": ("links seen after",),
}
_SPATIAL: Blocks = {"moved": _SIDES, "sizes": _SIZES, "iou": ("IoU",)}

NODE_FEATURES, EDGE_FEATURES, SPATIAL_FEATURES = names(_NODE), names(_EDGE), names(_SPATIAL)
#: The first column of each block of the features of links.
EDGE_COLUMNS = starts(_EDGE)
