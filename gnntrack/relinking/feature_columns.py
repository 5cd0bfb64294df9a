"""The features of a graph of tracklets, column by column. Lengths are in heights, bent by arcsinh."""

from __future__ import annotations

from gnntrack.columns import Blocks, names, starts

#: Numbers of boxes at an end that straight lines are fitted to.
FITTED = (4, 12)

_SIDES, _PLACES = ("right", "down"), ("in the middle", "at the end", "at the beginning")
_MEDIANS = tuple(f"log {side} / frame's median, {span}" for span in ("near", "far") for side in ("width", "height"))

#: A straight line through the boxes of an end.
_LINE: Blocks = {
    "time": ("mean frame",),
    "box": ("x", "y", "width", "height"),
    "velocity": ("x a frame", "y a frame", "width a frame", "height a frame"),
    "off": ("root mean square distance from it, in heights",),
}
#: Usual sizes of the boxes of an end.
_USUAL: Blocks = {
    "near": _MEDIANS[:2],
    "far": _MEDIANS[2:],
    "size": ("log width, near", "log height, near"),
    "boxes": ("boxes near",),
}
_TRACKLET: Blocks = {
    "used": ("log boxes used",),
    "boxes": ("log boxes near",),
    "confidence": ("confidence",),
    "relative": _MEDIANS,
    "off": ("distance from the line",),
    "speed": ("speed across", "speed along"),
}
#: Two lines compared, unsigned.
_LINES: Blocks = {
    "apart": tuple(f"apart {side} {place}" for place in _PLACES for side in _SIDES),
    "speed": tuple(f"change of speed {side}" for side in _SIDES),
    "size": ("change of width", "change of height"),
    "off": ("end's distance from its line", "beginning's distance from its line"),
}
#: The same, signed along the motion of the pair.
_SIGNED: Blocks = {
    "apart": tuple(f"apart {side} in the middle, signed" for side in _SIDES),
    "tail_speed": tuple(f"speed {side} of the end" for side in _SIDES),
    "head_speed": tuple(f"speed {side} of the beginning" for side in _SIDES),
}


def _of_lines(blocks: Blocks) -> tuple[str, ...]:
    return tuple(f"{name}, lines over {count}" for count in FITTED for name in names(blocks))


_PAIR: Blocks = {
    "lines": _of_lines(_LINES),
    "moved": tuple(f"moved {side}" for side in _SIDES),
    "moved_speed": tuple(f"moved {side}, less the mean speed" for side in _SIDES),
    "moved_camera": tuple(f"moved {side}, less the camera" for side in _SIDES),
    "usual": tuple(f"change of {what}" for what in (*_MEDIANS, *_USUAL["size"])),
    "confidence_change": ("change of confidence",),
    "moved_down": ("moved down, signed",),
    "signed_lines": _of_lines(_SIGNED),
    "surer": ("end surer than beginning",),
    "gap": ("log frames",),
    "gap_at_rate": ("log frames at 30 a second",),
    "linked": ("the tracker's link",),
    "linked_gap": ("the tracker's link, log frames",),
    "linked_least": ("the tracker's link, its least probability",),
    "linked_log_complement": ("the tracker's link, log(1 - its least probability)",),
    "tail_least": ("least probability of the end's link",),
    "head_least": ("least probability of the beginning's link",),
    "has_next": ("the end has a next tracklet",),
    "has_previous": ("the beginning has a previous tracklet",),
    "used": ("log boxes used, end", "log boxes used, beginning"),
    "boxes": ("log boxes, end", "log boxes, beginning"),
    "confidence": ("confidence, end", "confidence, beginning"),
    "rank": ("rank among the end's candidates", "rank among the beginning's candidates"),
    "distance": ("distance",),
}

LINE, LINE_COLUMNS = starts(_LINE), len(names(_LINE))
USUAL, USUAL_COLUMNS = starts(_USUAL), len(names(_USUAL))
#: Of an end, or a beginning, of a tracklet.
TRACKLET, TRACKLET_NAMES = starts(_TRACKLET), names(_TRACKLET)
#: Of a candidate link from an end to a beginning.
TRACKLET_PAIR, TRACKLET_PAIR_NAMES = starts(_PAIR), names(_PAIR)
#: Within the blocks ``lines`` and ``signed_lines`` of a candidate, for each of :data:`FITTED`.
LINES, LINES_FEATURES = starts(_LINES), len(names(_LINES))
SIGNED, SIGNED_FEATURES = starts(_SIGNED), len(names(_SIGNED))
TRACKLET_FEATURES, TRACKLET_PAIR_FEATURES = len(TRACKLET_NAMES), len(TRACKLET_PAIR_NAMES)
