"""A folder of images as a video: in the order of their names, numbers by value."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from gnntrack.errors import DataError
from gnntrack.files import check_inside
from gnntrack.formats.file_names import by_value, files_below, folder_name
from gnntrack.formats.seqinfo import read_info
from gnntrack.loaders.images import read_image
from gnntrack.video.reading import Video

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff")
_USUAL = "img1"


def image_files(folder: Path) -> list[Path]:
    """The images of a sequence folder (in ``img1/``) or of the folder itself, in order; none where there are none."""
    place = folder / _USUAL if (folder / _USUAL).is_dir() else folder
    found = [
        path for path in place.iterdir() if path.suffix.lower() in IMAGE_SUFFIXES and not path.name.startswith(".")
    ]
    return [check_inside(path, folder) for path in sorted(found, key=lambda path: by_value(path.name))]


def open_images(folder: Path) -> Video:
    """A folder of images, or a sequence folder; the frame rate is that of ``seqinfo.ini``.

    Raises:
        DataError: it holds no images, or the first is none.
    """
    files = image_files(folder)
    if not files:
        found = ", ".join(files_below(folder)) or "nothing"
        raise DataError(f"no images; found {found}", remedy="give a folder of images, or one with img1/", path=folder)
    height, width, _ = read_image(files[0]).shape
    named = folder.parent if folder.name == _USUAL else folder
    info = read_info(named)

    def frames() -> Iterator[np.ndarray]:
        for file in files:
            image = read_image(file)
            if image.shape != (height, width, 3):
                problem = f"{image.shape[1]} × {image.shape[0]} pixels, {width} × {height} in {files[0].name}"
                raise DataError(problem, remedy="give images of one size", path=file)
            yield image

    return Video(folder_name(named), width, height, info.frame_rate, len(files), False, frames)
