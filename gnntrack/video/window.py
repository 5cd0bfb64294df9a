"""A window that shows frames as they are tracked, by OpenCV."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np

from gnntrack.errors import DataError
from gnntrack.packages import needed_package

_REMEDY = "leave out --show, and draw the result afterwards: gnntrack draw"
_CLOSING_KEYS = (ord("q"), 27)  # and Escape


class Window:
    """A window with images.

    Args:
        title: of the window.

    Attributes:
        open: whether the user has not closed it.

    Raises:
        DataError: there is no display, or OpenCV is not installed or cannot open windows.
    """

    def __init__(self, title: str) -> None:
        with needed_package("--show"):
            import cv2
        if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
            raise DataError("--show: there is no display", remedy=_REMEDY)
        # where a display is named that cannot be reached, the library ends the whole process: another one tries first
        trial = "import cv2; cv2.namedWindow('gnntrack'); cv2.waitKey(1)"
        done = subprocess.run([sys.executable, "-c", trial], capture_output=True, check=False)
        if done.returncode:
            raise DataError("--show: OpenCV cannot open a window here", remedy=_REMEDY)
        self._cv2, self._title, self.open = cv2, title, True
        cv2.namedWindow(title, cv2.WINDOW_NORMAL)

    def show(self, image: np.ndarray) -> None:
        """Shows an image ``(height, width, 3)``, until the user closes the window or types q."""
        if not self.open:
            return
        cv2 = self._cv2
        cv2.imshow(self._title, cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
        if cv2.waitKey(1) & 0xFF in _CLOSING_KEYS or cv2.getWindowProperty(self._title, cv2.WND_PROP_VISIBLE) < 1:
            self.close()

    def close(self) -> None:
        """Closes it."""
        if self.open:
            self.open = False
            self._cv2.destroyAllWindows()
