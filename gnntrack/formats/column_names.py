"""What people call the columns of a table of boxes.

Names are compared without capitals, spaces, dots, hyphens and underscores: ``bb_left``, ``BB left`` and ``bbLeft`` are
one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from gnntrack.errors import DataError
from gnntrack.showing import shown

#: What four columns of a box say: two corners, left upper corner and size, or centre and size.
BoxKind = Literal["corners", "sizes", "centre"]

#: The four columns of a box, in the order in which they are looked for: corners before sizes.
_BOXES: tuple[tuple[BoxKind, tuple[str, str, str, str]], ...] = (
    ("corners", ("x1", "y1", "x2", "y2")),
    ("corners", ("xmin", "ymin", "xmax", "ymax")),
    ("corners", ("left", "top", "right", "bottom")),
    ("sizes", ("bbleft", "bbtop", "bbwidth", "bbheight")),
    ("sizes", ("left", "top", "width", "height")),
    ("sizes", ("left", "top", "w", "h")),
    ("centre", ("xcenter", "ycenter", "width", "height")),
    ("centre", ("xcentre", "ycentre", "width", "height")),
    ("centre", ("cx", "cy", "w", "h")),
    ("sizes", ("xmin", "ymin", "width", "height")),
    ("sizes", ("x", "y", "w", "h")),
    ("sizes", ("x", "y", "width", "height")),
)
#: Other columns, under the table's names; earlier names are taken first.
_OTHERS: dict[str, tuple[str, ...]] = {
    "frame": ("frame", "frameid", "frameindex", "frameidx", "framenumber", "framenum", "imageid"),
    "id": ("id", "trackid", "trackerid", "objectid", "instanceid", "identity"),
    "conf": ("conf", "confidence", "score"),
    "class_id": ("classid", "categoryid", "cls", "class", "category", "label"),
    "class_name": ("classname", "categoryname", "name"),
    "visibility": ("visibility", "vis"),
    "sequence": ("sequence", "sequencename", "seq", "video", "videoname", "videoid"),
}
#: What MOTChallenge's first seven columns may be called.
_MOT_PLACES = (
    _OTHERS["frame"],
    _OTHERS["id"],
    ("x", "left", "bbleft", "xmin", "x1"),
    ("y", "top", "bbtop", "ymin", "y1"),
    ("w", "width", "bbwidth"),
    ("h", "height", "bbheight"),
    _OTHERS["conf"],
)
_EXPECTED = "name the box x1, y1, x2, y2 (corners), x, y, w, h (left, top, size) or cx, cy, w, h (centre, size)"


@dataclass(frozen=True)
class ColumnNames:
    """Which column of a table is what.

    Attributes:
        kind: what the four columns of the box say.
        box: their names.
        others: names of the other columns by what they are: ``frame``, ``id``, ``conf``, ``class_id``, ``class_name``,
            ``visibility``, ``sequence``.
    """

    kind: BoxKind
    box: tuple[str, str, str, str]
    others: Mapping[str, str]


def plain(name: object) -> str:
    """A column's name as names are compared.

    Example:
        >>> plain("BB_Left"), plain("x-min ")
        ('bbleft', 'xmin')
    """
    return re.sub(r"[\s_.\-]", "", str(name)).lower()


def find_columns(names: Iterable[str]) -> ColumnNames:
    """Which column is what.

    Raises:
        DataError: no four of them are a box, or two have the same name.

    Example:
        >>> found = find_columns(["frame", "x_min", "y_min", "x_max", "y_max", "confidence", "tracker_id"])
        >>> found.kind, found.box
        ('corners', ('x_min', 'y_min', 'x_max', 'y_max'))
        >>> found.others
        {'frame': 'frame', 'id': 'tracker_id', 'conf': 'confidence'}
    """
    known: dict[str, str] = {}
    names = list(names)
    for name in names:
        if plain(name) in known:
            raise DataError(f"two columns are named {shown(name)}", remedy="give each its own name")
        known[plain(name)] = name
    there = [(kind, parts) for kind, parts in _BOXES if all(part in known for part in parts)]
    if not there:
        raise DataError(f"no box among the columns {', '.join(map(str, names[:12]))}", remedy=_EXPECTED)
    kind, (left, top, third, fourth) = there[0]
    others = {
        what: next(known[word] for word in words if word in known)
        for what, words in _OTHERS.items()
        if any(word in known for word in words)
    }
    return ColumnNames(kind, (known[left], known[top], known[third], known[fourth]), others)


def stands_elsewhere(names: Iterable[str]) -> bool:
    """Whether one of the first seven columns has the name of something that MOTChallenge keeps elsewhere.

    Example:
        >>> stands_elsewhere(["frame", "x1", "y1", "q", "y2", "score"]), stands_elsewhere(["frame", "object", "x", "y"])
        (True, False)
    """
    known = {part for _, parts in _BOXES for part in parts}.union(*_OTHERS.values())
    pairs = zip((plain(name) for name in names), _MOT_PLACES, strict=False)
    return any(name in known and name not in allowed for name, allowed in pairs)
