"""torchvision's detectors, Ultralytics' and files of boxes; the packages themselves are stood in for."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import torch

from gnntrack.errors import DataError
from gnntrack.formats.registry import by_name
from gnntrack.tracking import Tracker
from gnntrack.tracking.detections import detection_array
from gnntrack.video import BoxesDetector, Video, open_detector, open_video, track_video
from tests.conftest import make_sequence
from tests.video.moving import boxes, images
from tests.video.stand_ins import FindsColours, torchvision_module, ultralytics_module


@pytest.fixture
def torchvision(monkeypatch):
    """Its weights come from nowhere."""
    module = torchvision_module("colours", "shapes")
    monkeypatch.setitem(sys.modules, "torchvision", module)
    return module


def test_torchvision_with_its_own_weights(torchvision, street):
    detector = open_detector("torchvision:colours", open_video(street / "street.mp4"))
    assert torchvision.made == [("colours", torchvision.chosen, 91)]
    assert detector.names == {0: "__background__", 1: "red", 2: "blue"}
    (image,) = images(1)
    found = detection_array(detector(image, 1))
    expected = [[x, y, x + w, y + h] for x, y, w, h in boxes(1).values()]
    assert found[:, :4].tolist() == expected
    assert found[:, 5].tolist() == [1, 2]  # what is less certain than 0.1 is left out


def test_torchvision_with_weights_of_a_file(torchvision, street, tmp_path):
    torch.save(FindsColours(3).state_dict(), tmp_path / "w.pth")
    video = open_video(street / "street.mp4")
    open_detector("torchvision:colours", video, tmp_path / "w.pth")
    assert torchvision.made == [("colours", None, 3)]
    torch.save({"model": FindsColours(5).state_dict(), "epoch": 7}, tmp_path / "checkpoint.pth")
    open_detector("torchvision:colours", video, tmp_path / "checkpoint.pth")
    assert torchvision.made[-1] == ("colours", None, 5)


class Bomb:
    def __reduce__(self):
        return (print, ("boom",))


def test_weights_that_are_none(torchvision, street, tmp_path, capsys):
    video = open_video(street / "street.mp4")
    path = tmp_path / "w.pth"
    for content, message in [
        ({"a": torch.ones(2)}, r"w\.pth: weights that do not fit: .*Missing key.*; give a state_dict of colours"),
        ([torch.ones(2)], r"w\.pth: holds no state_dict; expected torch\.save"),
        ({"a": Bomb()}, r"w\.pth: not a file of tensors alone; expected torch\.save"),
    ]:
        torch.save(content, path)
        with pytest.raises(DataError, match=message) as refusal:
            open_detector("torchvision:colours", video, path)
        assert "\n" not in str(refusal.value)
    assert "boom" not in capsys.readouterr().out
    path.write_text("text")
    with pytest.raises(DataError, match="not a file of tensors alone"):
        open_detector("torchvision:colours", video, path)
    with pytest.raises(DataError, match=r"nowhere\.pth: cannot read"):
        open_detector("torchvision:colours", video, tmp_path / "nowhere.pth")


def test_torchvision_that_cannot_download(torchvision, street):
    def refuse(*_, **__):
        raise OSError("Name or service not known")

    torchvision.models.get_model = refuse
    message = "cannot get the weights of colours: .*not known.*; pass --detector-weights"
    with pytest.raises(DataError, match=message):
        open_detector("torchvision:colours", open_video(street / "street.mp4"))
    with pytest.raises(DataError, match="torchvision has no detector 'yolo'; known: colours, shapes"):
        open_detector("torchvision:yolo", open_video(street / "street.mp4"))


@pytest.fixture
def ultralytics(monkeypatch):
    """Its weights are not read."""
    monkeypatch.setitem(sys.modules, "ultralytics", ultralytics_module())


def test_ultralytics(ultralytics, street):
    video = open_video(street / "street.mp4")
    detector = open_detector("ultralytics:yolo11n.pt", video)
    (image,) = images(1)
    assert detection_array(detector(image, 1))[:, 5].tolist() == [1, 2]
    assert detector.names[2] == "blue"
    with pytest.raises(DataError, match=r"ultralytics cannot load 'nowhere\.pt': .*; name a model or a file"):
        open_detector("ultralytics:nowhere.pt", video)
    with pytest.raises(DataError, match=r"--detector-weights does nothing for 'ultralytics:yolo11n\.pt'"):
        open_detector("ultralytics:yolo11n.pt", video, "w.pth")


@pytest.mark.parametrize("package", ["ultralytics", "torchvision"])
def test_a_package_that_is_not_installed(package, street, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    message = f"the detector {package}:x needs {package}, which is not installed; pip install {package}"
    with pytest.raises(DataError, match=message):
        open_detector(f"{package}:x", open_video(street / "street.mp4"))


def test_boxes_of_a_file_take_size_and_rate_from_the_video(street, recwarn):
    detector = open_detector(str(street / "boxes.txt"), open_video(street / "street.mp4"))
    assert isinstance(detector, BoxesDetector)
    assert (detector.boxes.width, detector.boxes.frame_rate) == (160, 25.0)
    x, y, w, h = boxes(3)["blue"]
    assert [x, y, x + w, y + h, 0.9, 1] in detector(None, 3).tolist()
    assert detector(None, 99).shape == (0, 6)


def test_boxes_know_how_their_camera_moves():
    """One person who stands still, while the camera pans."""
    rows = [(frame, -1, 10.0 * frame, 5.0, 20.0, 40.0) for frame in range(1, 11)]
    pan = np.tile(np.array([[1.0, 0, 10], [0, 1, 0]]), (10, 1, 1))
    speed = {}
    for camera in (None, pan):
        detector = BoxesDetector(make_sequence(rows, camera=camera))
        assert (detector.camera(2) is None) == (camera is None) and detector.camera(99) is None
        tracker = Tracker.from_pretrained("default", width=640, height=480, frame_rate=25)
        video = Video("street", 640, 480, 25.0, 10, False, lambda: iter([np.zeros((480, 640, 3), np.uint8)] * 10))
        late = [tracker.tracks for frame in track_video(video, detector, tracker) if frame.frame == 9]
        speed[camera is not None] = [round(track.velocity[0]) for track in late[0]]
    assert speed == {False: [10], True: [0]}


def test_boxes_of_several_videos(street, tmp_path):
    row = [(1, -1, 5.0, 5.0, 9.0, 9.0)]
    by_name("mot").write(tmp_path, [make_sequence(row, name=name) for name in ("street", "night")], "detections")
    video = open_video(street / "street.mp4")
    detector = open_detector(str(tmp_path), video)
    assert detector.boxes.name == "street"
    (tmp_path / "street").rename(tmp_path / "day")
    with pytest.raises(DataError, match="boxes of 2 videos; choose with --sequence: day, night"):
        open_detector(str(tmp_path), video)
    with pytest.raises(DataError, match=r"no detector 'yolo'; give ultralytics:yolo11n\.pt, torchvision:"):
        open_detector("yolo", video)
