"""Images, read by Pillow; what is none, or far too large, is refused in one line."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np

from gnntrack.errors import DataError
from gnntrack.packages import needed_package
from gnntrack.remote import local_copy


def read_image(path: Path) -> np.ndarray:
    """An image, ``(height, width, 3)`` uint8, upright.

    Raises:
        DataError: it is none, or far too large.
    """
    with needed_package("reading images"):
        from PIL import Image, ImageOps
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with local_copy(path) as copy, Image.open(copy) as image:
                return np.array(ImageOps.exif_transpose(image).convert("RGB"))
    except DataError:
        raise
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        reason = "too large" if "bomb" in str(error) or "exceeds limit" in str(error) else "not an image"
        raise DataError(f"cannot read: {reason}", remedy="check the file", path=path) from None
