"""Cameras, by OpenCV."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gnntrack.errors import DataError
from gnntrack.packages import needed_package
from gnntrack.video.reading import Video


def open_camera(number: int) -> Video:
    """A camera by its number.

    Raises:
        DataError: there is none, it gives no image, or OpenCV is not installed.
    """
    with needed_package("reading a camera"):
        import cv2
    capture = cv2.VideoCapture(number)
    taken, first = capture.read() if capture.isOpened() else (False, None)
    if not taken or first is None:
        capture.release()
        raise DataError(f"no camera {number}", remedy="check the number, and that no other program uses it")
    height, width = first.shape[:2]
    rate = float(capture.get(cv2.CAP_PROP_FPS) or 0)

    def frames() -> Iterator[np.ndarray]:
        try:
            there, image = True, first
            while there:
                yield cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
                there, image = capture.read()
        finally:
            capture.release()

    return Video(f"camera-{number}", width, height, rate if 0 < rate < 1000 else 0.0, 0, True, frames)
