"""Files of tracks, as the MOTChallenge benchmarks take them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from gnntrack.files import atomic_path
from gnntrack.scratch import Scratch
from gnntrack.sequence import BOX, Sequence


def write_tracks(path: str | Path, tracks: Sequence, classes: bool = False, visibility: bool = False) -> None:
    """Writes ``frame,id,x,y,w,h,conf,-1,-1,-1`` rows, by frame and id, atomically.

    Pixel coordinates keep two decimals, as the benchmarks' own files do.

    Args:
        path: the file.
        tracks: of one video.
        classes: write the class in the eighth column, where benchmarks of one class have −1.
        visibility: write nine columns, the last of which is the visibility: 0 where a track was lost.
    """
    scratch = Scratch()
    write_track_parts(path, (tracks.boxes.iloc[part] for part in scratch.parts(tracks.frames)), classes, visibility)


def write_track_parts(
    path: str | Path, parts: Iterable[pd.DataFrame], classes: bool = False, visibility: bool = False
) -> None:
    """Writes the same from tables of whole frames, one after the other, so that they need not fit into memory at once.

    Args:
        path: the file.
        parts: tables of boxes, each of later frames than the one before.
        classes: as for :func:`write_tracks`.
        visibility: likewise.
    """
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as stream:
        for part in parts:
            table = part.sort_values(["frame", "id"], kind="stable")
            out = table[["frame", "id"]].copy()
            out[BOX] = table[BOX].round(2)
            out["conf"] = table["conf"].round(4)
            out["class_id"] = table["class_id"] if classes else -1
            if visibility:
                out["visibility"] = table["visibility"].map("{:g}".format)
            else:
                out["Y"] = out["Z"] = -1
            out.to_csv(stream, header=False, index=False, lineterminator="\n")
