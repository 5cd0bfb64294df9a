"""The images of a sequence's frames, by number."""

from __future__ import annotations

import re
from pathlib import Path

from gnntrack.errors import DataError
from gnntrack.files import check_inside

SUFFIXES = (".jpeg", ".jpg", ".png", ".webp")
_USUAL = "img1"


def numbered_images(folder: Path) -> dict[int, Path]:
    """Frame number, from 1, to the image of that frame: by the number in its name, else by order.

    Raises:
        DataError: there is no such folder, or no image in it.
    """
    if not folder.is_dir():
        raise DataError("no such folder", remedy="give the folder that holds the frames", path=folder)
    found = sorted(item for item in folder.iterdir() if item.suffix.lower() in SUFFIXES)
    if not found:
        raise DataError("no images", remedy=f"expected {', '.join(SUFFIXES)}", path=folder)
    numbers = [re.search(r"(\d+)$", item.stem) for item in found]
    order = [int(number[1]) if number else position for position, number in enumerate(numbers, 1)]
    base = 1 - min(order) if min(order) == 0 else 0  # names that count from 0
    return {number + base: item for number, item in zip(order, found, strict=True)}


def images_beside(root: Path, name: str) -> dict[int, Path]:
    """The images that lie beside a sequence's annotations, in ``img1/`` of its folder; nothing where there are none.

    Args:
        root: a folder of sequences, one sequence, or its ``gt/gt.txt``.
        name: of the sequence.

    Raises:
        DataError: the folder of images is a link that leads out of the root.
    """
    around = root.parent.parent if root.is_file() and root.parent.name in {"gt", "det"} else root
    for folder in (around / name / _USUAL, around / _USUAL):
        if folder.is_dir() and any(item.suffix.lower() in SUFFIXES for item in folder.iterdir()):
            return numbered_images(check_inside(folder, around))
    return {}
