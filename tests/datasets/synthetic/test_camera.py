"""Scenes through a camera that swings, shakes, zooms and turns, and says how."""

from __future__ import annotations

import numpy as np
import pytest

from gnntrack.datasets.synthetic import SceneSettings, find_detector, make_scene, scene_chunks, simulate
from gnntrack.datasets.synthetic.writing import write_scenes
from gnntrack.geometry.camera_motion import STILL, CameraMotion, moved_xywh
from gnntrack.reading import read

WILD = {"camera": 0.2, "shake": 0.01, "zoom": 0.2, "roll": 10.0}
STEADY = {"camera": 0.0}


def scene(**wishes):
    return SceneSettings(**{"objects": 10, "frames": 60, "seed": 5, "camera_known": True, **wishes})


@pytest.mark.parametrize("kind", [{"camera": 0.2}, {"shake": 0.02}, {"zoom": 0.3}, {"roll": 20.0}, WILD])
def test_the_motion_leads_from_image_to_image(kind):
    """What a still camera sees, moved as the scene says, is what the moving camera sees."""
    still, moving = make_scene(scene(**STEADY)), make_scene(scene(**{**STEADY, **kind}))
    assert (still.camera == STILL).all()
    back = CameraMotion(moving.camera).to_first()  # into the first image, and from there to the scene
    first = STILL.copy()
    rows = still.boxes.merge(moving.boxes, on=["frame", "id"], suffixes=("", "_seen"))
    seen = rows[["x_seen", "y_seen", "w_seen", "h_seen"]].to_numpy()
    there = moved_xywh(seen, back[rows["frame"] - 1])
    in_first = rows["frame"] == 1
    assert len(rows) > 200 and in_first.sum() > 3
    # the first image was moved too: by what leads its boxes to the scene's
    centres = [there[in_first, :2] + there[in_first, 2:] / 2, rows.loc[in_first, ["x", "y"]].to_numpy()]
    centres[1] = centres[1] + rows.loc[in_first, ["w", "h"]].to_numpy() / 2
    known = np.column_stack([centres[0], np.ones(len(centres[0]))])
    first = np.linalg.lstsq(known, centres[1], rcond=None)[0].T
    expected = rows[["x", "y", "w", "h"]].to_numpy()
    np.testing.assert_allclose(moved_xywh(there, first), expected, atol=0.6)  # boxes are rounded to hundredths


def test_pieces_do_not_change_the_motion():
    whole, pieces = list(scene_chunks(scene(**WILD), 60)), list(scene_chunks(scene(**WILD), 7))
    np.testing.assert_array_equal(np.concatenate([piece.camera for piece in pieces]), whole[0].camera)


def test_who_does_not_ask_is_not_told():
    unknown = make_scene(scene(camera_known=False, **WILD))
    assert unknown.camera is None
    assert unknown.boxes.equals(make_scene(scene(**WILD)).boxes)


def test_detections_have_the_motion_too():
    truth = make_scene(scene(**WILD))
    np.testing.assert_array_equal(simulate(truth, find_detector("dancetrack-yolox")).camera, truth.camera)


def test_it_is_written_and_read(tmp_path):
    wishes = scene(**WILD)
    write_scenes(tmp_path / "known", wishes, detector=find_detector("dancetrack-yolox"))
    for content in ("annotations", "detections"):
        (sequence,) = read(tmp_path / "known", content)
        np.testing.assert_allclose(sequence.camera, make_scene(wishes).camera, rtol=1e-7, atol=1e-7)
    write_scenes(tmp_path / "unknown", scene(camera_known=False, **WILD))
    assert not list((tmp_path / "unknown").rglob("camera.txt"))
    write_scenes(tmp_path / "truth", wishes)
    assert [path.parent.name for path in (tmp_path / "truth").rglob("camera.txt")] == ["gt"]
    assert read(tmp_path / "truth", "annotations")[0].camera is not None
