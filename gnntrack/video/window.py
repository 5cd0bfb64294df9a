"""A window that shows frames as they are tracked."""

from __future__ import annotations

import importlib.util
import os
import select
import subprocess
import sys
from contextlib import suppress

import numpy as np

from gnntrack.errors import DataError
from gnntrack.packages import needed_package
from gnntrack.video.window_process import HEADER, READY

_REMEDY = "leave out --show, and draw the result afterwards: gnntrack draw"
#: Seconds to wait for the window to open.
PATIENCE = 30.0


class Window:
    """A window with images; it belongs to another process (:mod:`.window_process`).

    The window system may end a process that it does not like, and its libraries wait forever where those that read
    video were loaded before.

    Args:
        title: of the window.
        command: that shows frames.

    Attributes:
        open: whether the user has not closed it.

    Raises:
        DataError: there is no display, or OpenCV is not installed or cannot open windows.
    """

    def __init__(
        self, title: str, command: tuple[str, ...] = (sys.executable, "-m", "gnntrack.video.window_process")
    ) -> None:
        with needed_package("--show"):
            if importlib.util.find_spec("cv2") is None:
                raise ModuleNotFoundError(name="cv2")
        if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
            raise DataError("--show: there is no display", remedy=_REMEDY)
        self._child = subprocess.Popen(
            [*command, title], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self.open = True
        assert self._child.stdout is not None
        answers, _, _ = select.select([self._child.stdout], [], [], PATIENCE)
        if not answers or self._child.stdout.readline().strip() != READY:
            self._child.kill()
            self.close()
            raise DataError("--show: OpenCV cannot open a window here", remedy=_REMEDY)

    def show(self, image: np.ndarray) -> None:
        """Shows an image ``(height, width, 3)``, until the user closes the window or types q."""
        if not self.open:
            return
        stream = self._child.stdin
        assert stream is not None
        try:
            stream.write(HEADER.pack(*image.shape[:2]))
            stream.write(np.ascontiguousarray(image).tobytes())
            stream.flush()
        except OSError:  # it was closed
            self.close()

    def close(self) -> None:
        """Closes it."""
        self.open = False
        for stream in (self._child.stdin, self._child.stdout):
            with suppress(OSError):
                if stream is not None:
                    stream.close()
        with suppress(subprocess.TimeoutExpired):
            self._child.wait(5)
        if self._child.poll() is None:
            self._child.kill()
            self._child.wait()
