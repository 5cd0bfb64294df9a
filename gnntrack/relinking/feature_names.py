"""Names of the features of a tracklet graph, column by column. Lengths are in heights, bent by arcsinh."""

from __future__ import annotations

from gnntrack.relinking.tracklets import FITTED

_SIDES, _PLACES = ("right", "down"), ("in the middle", "at the end", "at the beginning")
#: Of an end, or a beginning, of a tracklet.
TRACKLET_NAMES: tuple[str, ...] = (
    "log boxes looked at",
    "log boxes near",
    "confidence",
    "log width / frame's median, near",
    "log height / frame's median, near",
    "log width / frame's median, far",
    "log height / frame's median, far",
    "distance from the line",
    "speed across",
    "speed along",
)


def _of_lines(count: int) -> tuple[str, ...]:
    lines = f"lines over {count}"
    return (
        *(
            f"apart {side} {place}, {lines}"
            for place in ("in the middle", "at the end", "at the beginning")
            for side in _SIDES
        ),
        *(f"change of speed {side}, {lines}" for side in _SIDES),
        f"change of width, {lines}",
        f"change of height, {lines}",
        f"end's distance from its line, {lines}",
        f"beginning's distance from its line, {lines}",
    )


def _turned(count: int) -> tuple[str, ...]:
    lines = f"lines over {count}"
    return (
        *(f"apart {side} in the middle, signed, {lines}" for side in _SIDES),
        *(f"speed {side} of the {end}, {lines}" for end in ("end", "beginning") for side in _SIDES),
    )


#: Of a candidate link from an end to a beginning.
TRACKLET_PAIR_NAMES: tuple[str, ...] = (
    *(name for count in FITTED for name in _of_lines(count)),
    *(f"moved {side}" for side in _SIDES),
    *(f"moved {side}, less the mean speed" for side in _SIDES),
    *(f"moved {side}, less the camera" for side in _SIDES),
    *(
        f"change of {what}"
        for what in (
            "log width / frame's median, near",
            "log height / frame's median, near",
            "log width / frame's median, far",
            "log height / frame's median, far",
            "log width, near",
            "log height, near",
        )
    ),
    "change of confidence",
    "moved down, signed",
    *(name for count in FITTED for name in _turned(count)),
    "end surer than beginning",
    "log frames",
    "log frames at 30 a second",
    "the tracker's link",
    "the tracker's link, log frames",
    "the tracker's link, its least probability",
    "the tracker's link, its log doubt",
    "least probability of the end's link",
    "least probability of the beginning's link",
    "the end goes on",
    "the beginning was come to",
    "log boxes looked at, end",
    "log boxes looked at, beginning",
    "log boxes, end",
    "log boxes, beginning",
    "confidence, end",
    "confidence, beginning",
    "rank among the end's candidates",
    "rank among the beginning's candidates",
    "distance",
)
