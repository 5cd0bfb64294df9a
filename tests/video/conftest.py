from __future__ import annotations

from pathlib import Path

import pytest

from tests.video.moving import write_boxes, write_video


@pytest.fixture(scope="session")
def street(tmp_path_factory) -> Path:
    """A folder with ``street.mp4`` and its ``boxes.txt``; not to be written to."""
    folder = tmp_path_factory.mktemp("video")
    write_video(folder / "street.mp4")
    write_boxes(folder / "boxes.txt")
    return folder
