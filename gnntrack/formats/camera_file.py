"""``camera.txt``: how the camera moves, in the text form of global motion files (GMC, as BoT-SORT's).

A row a frame, in any order, is ``frame, a, b, x, c, d, y``: the frame counted from 0, whatever the boxes count from,
and the matrix row by row. It maps pixels of the previous frame to pixels of this one: what stood still at (x', y') is
now at (a·x' + b·y' + x, c·x' + d·y' + y). The matrix of frame 0 is not used.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from gnntrack.checks import LARGEST_FRAME
from gnntrack.errors import DataError
from gnntrack.files import atomic_path
from gnntrack.formats.file_names import existing
from gnntrack.formats.number_files import read_numbers
from gnntrack.formats.raw import CameraFile
from gnntrack.geometry.camera_motion import REMEDY, implausible

CAMERA = "camera.txt"
_FRAME, _MATRIX, _COLUMNS = 0, slice(1, 7), 7
_EXPECTED = "frame (from 0) and a 2×3 matrix row by row"


def read_camera(path: Path) -> CameraFile | None:
    """Reads the file, or the packed one in its place; None: there is neither.

    Raises:
        DataError: a row is no motion of a camera, a frame stands twice, or one is missing.
    """
    path = existing(path)
    if not path.is_file():
        return None
    numbers = read_numbers(path, _COLUMNS, _EXPECTED)
    values, line = numbers.values, numbers.origin.line

    def refuse(row: int, problem: str, remedy: str) -> DataError:
        return DataError(problem, remedy=remedy, path=path, line=line(int(row)))

    if values.shape[1] > _COLUMNS:
        problem = f"{values.shape[1]} columns"
        raise refuse(0, problem, f"expected {_EXPECTED}: {_COLUMNS} numbers")
    frame = values[:, _FRAME]
    odd = np.flatnonzero(~((frame >= 0) & (frame < LARGEST_FRAME) & (frame == np.floor(frame))))
    if len(odd):
        raise refuse(odd[0], f"frame {frame[odd[0]]:g}", "give whole frame numbers, counted from 0")
    matrices = values[:, _MATRIX].reshape(-1, 2, 3)
    wrong = implausible(matrices)
    if wrong is not None:
        raise refuse(wrong[0], wrong[1], REMEDY)
    order = np.argsort(frame, kind="stable")
    step = np.diff(frame[order], prepend=-1)
    for place in np.flatnonzero(step != 1)[:1]:
        row, now = order[place], int(frame[order[place]])
        if step[place] == 0:
            raise refuse(
                row, f"frame {now} stands twice (line {line(int(order[place - 1]))})", "give every frame one row"
            )
        remedy = "give every frame a row, counted from 0; 1 0 0 0 1 0 where the camera stood still"
        raise refuse(
            row, f"frame {now} comes after {int(now - step[place])}" if place else f"begins at frame {now}", remedy
        )
    return CameraFile(path, matrices[order])


def write_camera(path: Path, matrices: np.ndarray) -> None:
    """Writes the matrices ``(F, 2, 3)`` of frames 1 to F."""
    with atomic_path(path) as temporary:
        append_camera(temporary, matrices)


def append_camera(path: Path, matrices: np.ndarray | None, first: int = 1) -> None:
    """Adds the matrices ``(F, 2, 3)`` of frames from ``first`` on, if there are any, to the end of a file."""
    if matrices is not None:
        frames = range(first - 1, first - 1 + len(matrices))
        table = pd.DataFrame(matrices.reshape(-1, 6), index=frames)
        table.to_csv(path, header=False, float_format="%.9g", mode="a")
