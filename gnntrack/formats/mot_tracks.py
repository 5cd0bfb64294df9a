"""Files of tracks, as the MOTChallenge benchmarks take them."""

from __future__ import annotations

from pathlib import Path

from gnntrack.files import atomic_path
from gnntrack.sequence import BOX, Sequence


def write_tracks(path: str | Path, tracks: Sequence, classes: bool = False) -> None:
    """Writes ``frame,id,x,y,w,h,conf,-1,-1,-1`` rows, by frame and id, atomically.

    Pixel coordinates keep two decimals, as the benchmarks' own files do.

    Args:
        path: the file.
        tracks: of one video.
        classes: write the class in the eighth column, where benchmarks of one class have −1.
    """
    table = tracks.boxes.sort_values(["frame", "id"], kind="stable")
    out = table[["frame", "id"]].copy()
    out[BOX] = table[BOX].round(2)
    out["conf"] = table["conf"].round(4)
    out["X"] = table["class_id"] if classes else -1
    out["Y"] = out["Z"] = -1
    with atomic_path(path) as temporary:
        out.to_csv(temporary, header=False, index=False)
