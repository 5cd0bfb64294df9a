"""What detectors of other people return: every form gives the tracks of the same plain array."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import supervision
import torch

from gnntrack.models import load_weights
from gnntrack.tracking import Tracker
from gnntrack.tracking.detections import detection_array

CORNERS = ["x1", "y1", "x2", "y2"]
#: Two boxes: corners, confidence, class.
FRAME = np.array([[10.0, 20, 50, 90, 0.5, 2], [100, 120, 160, 200, 0.75, 7]])


def ultralytics(frame, tracked=False):
    """Ultralytics' ``Results``: ``boxes.data`` with an identity before the confidence where ``model.track`` made it."""
    data = torch.from_numpy(np.insert(frame, 4, 9, axis=1) if tracked else frame).float()
    return SimpleNamespace(
        boxes=SimpleNamespace(data=data, xyxy=data[:, :4], conf=data[:, -2], cls=data[:, -1], is_track=tracked),
        names={2: "car", 7: "truck"},
        orig_shape=(480, 640),
    )


def torchvision(frame):
    """An element of what torchvision's detectors return in ``eval()``."""
    boxes = torch.from_numpy(frame[:, :4]).float().requires_grad_()
    return {"boxes": boxes, "labels": torch.from_numpy(frame[:, 5]).long(), "scores": torch.from_numpy(frame[:, 4])}


def sizes(frame, *names):
    """A data frame of left, top, width, height, confidence and class."""
    return pd.DataFrame(np.column_stack([frame[:, :2], frame[:, 2:4] - frame[:, :2], frame[:, 4:]]), columns=names)


def records(frame):
    """A record array, an array of numpy's with a detector's names."""
    kinds = [("xyxy", float, 4), ("confidence", float), ("class_id", int)]
    result = np.recarray(len(frame), dtype=kinds)
    result.xyxy, result.confidence, result.class_id = frame[:, :4], frame[:, 4], frame[:, 5]
    return result


FORMS = {
    "a record array": records,
    "ultralytics": ultralytics,
    "ultralytics, tracked": lambda frame: ultralytics(frame, tracked=True),
    "torchvision": torchvision,
    "supervision": lambda frame: supervision.Detections(frame[:, :4], None, frame[:, 4], frame[:, 5].astype(int)),
    "YOLO's data frame": lambda frame: pd.DataFrame(
        frame, columns=["xmin", "ymin", "xmax", "ymax", "confidence", "class"]
    ).assign(name="car"),
    "columns in another order": lambda frame: pd.DataFrame(frame, columns=[*CORNERS, "score", "cls"])[
        ["cls", "score", "y2", "x2", "y1", "x1"]
    ],
    "sizes by name": lambda frame: sizes(frame, "bb_left", "bb_top", "bb_width", "bb_height", "conf", "class_id"),
    "centres by name": lambda frame: sizes(frame, "cx", "cy", "w", "h", "conf", "class_id").assign(
        cx=(frame[:, 0] + frame[:, 2]) / 2, cy=(frame[:, 1] + frame[:, 3]) / 2
    ),
    "a data frame without names": pd.DataFrame,
}


@pytest.mark.parametrize("form", FORMS)
def test_every_result_is_the_same_array(form):
    np.testing.assert_array_equal(detection_array(FORMS[form](FRAME)), FRAME)


@pytest.mark.parametrize(
    ("given", "tail"),
    [
        (FRAME[:, :4], [1.0, 0.0]),
        (FRAME[:, :5], [0.5, 0.0]),
        (FRAME[:, :4].tolist(), [1.0, 0.0]),
        (torch.from_numpy(FRAME[:, :5]), [0.5, 0.0]),
        ({"boxes": FRAME[:, :4]}, [1.0, 0.0]),
        (supervision.Detections(FRAME[:, :4]), [1.0, 0.0]),
        (pd.DataFrame(FRAME[:, :4], columns=CORNERS), [1.0, 0.0]),
    ],
)
def test_what_is_not_given_is_certain_and_of_class_0(given, tail):
    assert detection_array(given)[0].tolist() == [*FRAME[0, :4], *tail]


@pytest.mark.parametrize(
    "nothing",
    [
        np.zeros((0, 4)),
        np.zeros((0, 5)),
        {"boxes": [], "scores": [], "labels": []},
        {"boxes": torch.zeros(0, 4), "scores": torch.zeros(0), "labels": torch.zeros(0)},
        supervision.Detections.empty(),
        ultralytics(np.zeros((0, 6))),
        pd.DataFrame({name: [] for name in [*CORNERS, "conf"]}),
    ],
)
def test_a_frame_without_boxes(nothing):
    assert detection_array(nothing).shape == (0, 6)


def test_the_real_supervision_comes_back_with_its_tracks():
    """Two people over some frames: ``tracker_id`` is set, the detections' own data stay in place."""
    tracker = Tracker(*load_weights("default"), width=640, height=480)
    for step in range(6):
        moved = FRAME + np.array([step, 0, step, 0, 0.2, 0])
        given = supervision.Detections(
            moved[:, :4], None, moved[:, 4], moved[:, 5].astype(int), data={"class_name": np.array(["car", "truck"])}
        )
        tracked = tracker.update(given)
    assert isinstance(tracked, supervision.Detections)
    assert tracked.tracker_id.tolist() == [1, 2]
    assert tracked.data["class_name"].tolist() == ["car", "truck"]
    assert given.tracker_id is None
