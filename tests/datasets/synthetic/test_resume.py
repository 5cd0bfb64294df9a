"""Scenes whose making was stopped: it goes on, with the same bytes."""

from __future__ import annotations

import pytest

from gnntrack.datasets.synthetic import SceneSettings, find_detector
from gnntrack.datasets.synthetic.writing import write_scenes
from gnntrack.errors import DataError
from tests.datasets.test_convert import bytes_of
from tests.datasets.test_convert_resume import part_of, stopped_after

SETTINGS = SceneSettings(objects=3, frames=20)
DETECTOR = find_detector("dancetrack-yolox")


def test_it_goes_on(tmp_path):
    whole = write_scenes(tmp_path / "whole", SETTINGS, 4, DETECTOR)
    with pytest.raises(KeyboardInterrupt):
        write_scenes(tmp_path / "out", SETTINGS, 4, DETECTOR, resume=True, progress=stopped_after(3))
    assert part_of(tmp_path / "out").exists()
    left = []
    again = write_scenes(tmp_path / "out", SETTINGS, 4, DETECTOR, resume=True, progress=stopped_after(-1, left))
    assert (left, again) == ([1], whole)
    assert bytes_of(tmp_path / "out") == bytes_of(tmp_path / "whole")
    assert write_scenes(tmp_path / "out", SETTINGS, 4, DETECTOR, resume=True) == []  # finished before


@pytest.mark.parametrize(("settings", "detector"), [(SETTINGS, None), (SceneSettings(objects=4, frames=20), DETECTOR)])
def test_other_scenes_begin_anew(tmp_path, settings, detector):
    with pytest.raises(KeyboardInterrupt):
        write_scenes(tmp_path / "out", SETTINGS, 3, DETECTOR, resume=True, progress=stopped_after(2))
    left = []
    write_scenes(tmp_path / "out", settings, 3, detector, resume=True, progress=stopped_after(-1, left))
    write_scenes(tmp_path / "whole", settings, 3, detector)
    assert left == [3]
    assert bytes_of(tmp_path / "out") == bytes_of(tmp_path / "whole")
    with pytest.raises(DataError, match="output exists"):
        write_scenes(tmp_path / "out", SETTINGS, 3, DETECTOR, resume=True)
    with pytest.raises(DataError, match="--resume with --overwrite"):
        write_scenes(tmp_path / "out", SETTINGS, 3, DETECTOR, resume=True, overwrite=True)
