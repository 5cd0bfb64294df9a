"""The window's process: frames arrive whole, closing it ends showing, not tracking; where it cannot open, one line."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from gnntrack.errors import DataError
from gnntrack.video import window
from gnntrack.video.window import Window
from tests.video.moving import images

#: A window that keeps what it shows in a file, and is closed by its user after so many frames.
KEEPS = """
import struct, sys
place, most, title = sys.argv[1:]
print("ready", flush=True)
with open(place, "wb") as file:
    for _ in range(int(most)):
        header = sys.stdin.buffer.read(8)
        if len(header) < 8:
            break
        height, width = struct.unpack("<II", header)
        file.write(sys.stdin.buffer.read(height * width * 3))
"""


@pytest.fixture(autouse=True)
def display(monkeypatch):
    monkeypatch.setenv("DISPLAY", ":0")


def opened(place, most):
    return Window("street", (sys.executable, "-S", "-c", KEEPS, str(place), str(most)))


def test_frames_arrive_whole(tmp_path):
    shows = opened(tmp_path / "frames", 99)
    for image in images(5):
        shows.show(image)
    shows.close()
    assert not shows.open
    assert (tmp_path / "frames").read_bytes() == np.stack(list(images(5))).tobytes()


def test_a_window_that_its_user_closes(tmp_path):
    shows = opened(tmp_path / "frames", 2)
    for _ in range(200):
        for image in images(3):
            shows.show(image)
    assert not shows.open
    assert (tmp_path / "frames").read_bytes() == np.stack(list(images(2))).tobytes()
    shows.show(image)
    shows.close()


@pytest.mark.parametrize("code", ["import os; os.abort()", "print('no')", "import time; time.sleep(60)"])
def test_a_window_that_cannot_open(code, monkeypatch):
    monkeypatch.setattr(window, "PATIENCE", 1.0)
    with pytest.raises(DataError, match="--show: OpenCV cannot open a window here; leave out --show"):
        Window("street", (sys.executable, "-S", "-c", code))


def test_opencv_is_asked_for(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(DataError, match="--show needs OpenCV, which is not installed; pip install opencv-python"):
        Window("street")
