"""The process that a window belongs to: shows the frames that come in, by OpenCV, until the user closes it.

Usage:
    python -m gnntrack.video.window_process TITLE
"""

from __future__ import annotations

import signal
import struct
import sys

import numpy as np

#: Before each frame: height and width; then its bytes, red, green, blue.
HEADER = struct.Struct("<II")
READY = b"ready"
_CLOSING_KEYS = (ord("q"), 27)  # and Escape


def main() -> None:
    """Opens the window, says so, and shows frames."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the tracker ends by it, and closes the window then
    import cv2

    title, frames = sys.argv[1], sys.stdin.buffer
    cv2.namedWindow(title, cv2.WINDOW_NORMAL | cv2.WINDOW_GUI_NORMAL)
    cv2.waitKey(1)
    print(READY.decode(), flush=True)
    while len(header := frames.read(HEADER.size)) == HEADER.size:
        height, width = HEADER.unpack(header)
        image = np.frombuffer(frames.read(height * width * 3), np.uint8).reshape(height, width, 3)
        cv2.imshow(title, cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
        if cv2.waitKey(1) & 0xFF in _CLOSING_KEYS or cv2.getWindowProperty(title, cv2.WND_PROP_VISIBLE) < 1:
            break


if __name__ == "__main__":
    main()
