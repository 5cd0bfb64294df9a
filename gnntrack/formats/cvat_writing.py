"""CVAT documents of sequences: "CVAT for video 1.1"."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

import numpy as np

from gnntrack.formats.class_names import name_of
from gnntrack.formats.options import Content
from gnntrack.formats.runs import Run, gaps_after, runs_of
from gnntrack.formats.values import as_written
from gnntrack.sequence import Sequence

#: Attributes of the corners of a box.
CORNERS = ("xtl", "ytl", "xbr", "ybr")
_LOW, _SIZE = slice(0, 2), slice(2, 4)


def as_document(sequence: Sequence, content: Content) -> str:
    """The sequence as one document."""
    used = {int(class_id) for class_id in sequence.boxes["class_id"].unique()} | set(sequence.classes)
    labels = [name_of(class_id, sequence.classes) for class_id in sorted(used)]
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        "<annotations>",
        "  <version>1.1</version>",
        "  <meta>",
        "    <task>",
        f"      <name>{escape(sequence.name)}</name>",
        f"      <size>{sequence.length}</size>",
        "      <mode>interpolation</mode>",
        "      <labels>",
        *(f"        <label><name>{escape(name)}</name></label>" for name in labels),
        "      </labels>",
        f"      <original_size><width>{sequence.width}</width><height>{sequence.height}</height></original_size>",
        "    </task>",
        "  </meta>",
    ]
    for place, run in enumerate(runs_of(sequence)):
        label = escape(name_of(run.class_id, sequence.classes))
        lines.append(f'  <track id="{place}" label="{label}">')
        lines += _boxes(run, content, sequence.length)
        lines.append("  </track>")
    return "\n".join([*lines, "</annotations>"]) + "\n"


def _boxes(run: Run, content: Content, length: int) -> Iterator[str]:
    """The boxes of a run; where it ends or pauses, one that is outside says so."""
    said = {"track_id": f"{run.identity}", "visibility": f"{run.visibility!r}"}
    said |= {"ignore": str(int(run.conf == 0))} if content == "annotations" else {"confidence": f"{run.conf!r}"}
    inner = "".join(f'<attribute name="{key}">{value}</attribute>' for key, value in said.items())
    occluded = int(run.visibility < 1)
    corners = as_written(np.column_stack([run.boxes[:, _LOW], run.boxes[:, _LOW] + run.boxes[:, _SIZE]])).tolist()
    for frame, corner, last in zip(run.frames.tolist(), corners, gaps_after(run.frames), strict=True):
        box = " ".join(f'{key}="{value!r}"' for key, value in zip(CORNERS, corner, strict=True))
        yield f'    <box frame="{frame - 1}" outside="0" occluded="{occluded}" keyframe="1" {box}>{inner}</box>'
        if last and frame < length:
            yield f'    <box frame="{frame}" outside="1" occluded="0" keyframe="1" {box}></box>'
