"""Motion that is known: matrices by hand, and that they agree with each other."""

from __future__ import annotations

import numpy as np
import pytest

from gnntrack.errors import DataError
from gnntrack.geometry.camera_motion import (
    LARGEST_COORDINATE,
    STILL,
    CameraMotion,
    checked_motion,
    followed,
    implausible,
    moved,
    moved_xywh,
    seen_through,
    undone,
)

RIGHT = np.array([[1.0, 0, 7], [0, 1, -3]])
QUARTER = np.array([[0.0, -1, 640], [1, 0, 0]])  # the image turns by 90°


def similar(seed: int, count: int = 5) -> np.ndarray:
    """Small turns, zooms and shifts ``(count, 2, 3)``."""
    rng = np.random.default_rng(seed)
    turn, zoom, shift = rng.normal(0, 0.05, count), rng.normal(0, 0.02, count), rng.normal(0, 30, (count, 2))
    cos, sin = np.exp(zoom) * np.cos(turn), np.exp(zoom) * np.sin(turn)
    return np.stack([np.stack([cos, -sin, shift[:, 0]], 1), np.stack([sin, cos, shift[:, 1]], 1)], 1)


def test_a_box_moves_with_the_matrix_and_stays_upright():
    box = np.array([[100.0, 50, 20, 40]])
    assert moved(box, RIGHT).tolist() == [[107, 47, 20, 40]]
    assert moved(box, QUARTER).tolist() == [[590, 100, 20, 40]]
    assert moved(box, 2 * STILL).tolist() == [[200, 100, 40, 80]]
    assert moved_xywh(np.array([[90.0, 30, 20, 40]]), RIGHT).tolist() == [[97, 27, 20, 40]]


def test_each_box_may_have_its_own_matrix():
    boxes = np.array([[100.0, 50, 20, 40], [100.0, 50, 20, 40]])
    both = moved(boxes, np.stack([RIGHT, STILL]))
    assert both.tolist() == [[107, 47, 20, 40], [100, 50, 20, 40]]


def test_there_and_back():
    first, second = similar(0, 1)[0], similar(1, 1)[0]
    box = np.array([[100.0, 50, 20, 40], [-300, 900, 5, 7]])
    np.testing.assert_allclose(moved(moved(box, first), undone(first)), box)
    np.testing.assert_allclose(moved(moved(box, first), second), moved(box, followed(first, second)))


def test_moving_for_ever_stays_finite():
    box = np.array([[100.0, 50, 20, 40]])
    for matrix in (4 * STILL, STILL / 4 + [[0, 0, 1e7], [0, 0, 0]]):
        for _ in range(2000):
            box = moved(box, matrix)
        assert np.isfinite(box).all() and (box[:, 2:] > 0).all() and (np.abs(box) <= LARGEST_COORDINATE).all()


def test_a_flipped_image_moves_the_other_way():
    flip = np.array([[-1.0, 0, 640], [0, 1, 0]])
    np.testing.assert_allclose(seen_through(RIGHT, flip, flip), [[1, 0, -7], [0, 1, -3]])
    turn = similar(2, 1)[0]
    mirrored = seen_through(turn, flip, flip)
    assert mirrored[1, 0] == pytest.approx(-turn[1, 0]) and mirrored[0, 0] == pytest.approx(turn[0, 0])
    box = np.array([[100.0, 50, 20, 40]])
    np.testing.assert_allclose(moved(moved(box, flip), mirrored), moved(moved(box, turn), flip))


def test_over_several_frames():
    motion = CameraMotion(similar(3, 6))
    box = np.array([[100.0, 50, 20, 40]])
    by_hand = box
    for step in motion.steps[2:5]:  # frames 3, 4, 5
        by_hand = moved(by_hand, step)
    np.testing.assert_allclose(moved(box, motion.between(2, 5)), by_hand)
    assert motion.between(4, 4).tolist() == STILL.tolist()


def test_backwards():
    motion = CameraMotion(similar(4, 6))
    back = motion.backwards(6)
    assert len(back.steps) == 6
    # frames 5 → 2 are frames 2 → 5 of the video played backwards
    np.testing.assert_allclose(back.between(2, 5), undone(motion.between(2, 5)), atol=1e-9)
    np.testing.assert_allclose(motion.backwards(4).between(1, 3), undone(motion.between(2, 4)), atol=1e-9)


def test_into_the_first_image():
    motion = CameraMotion(similar(5, 6))
    to_first = motion.to_first()
    assert to_first[0].tolist() == STILL.tolist()
    for frame in range(1, 7):
        np.testing.assert_allclose(followed(motion.between(1, frame), to_first[frame - 1]), STILL, atol=1e-9)


def test_too_much_zoom_for_the_first_image():
    with pytest.raises(
        DataError, match=r"^the camera zooms by a factor of 9e\+11 over the video; track online, or cut"
    ):
        CameraMotion(np.tile(1.32 * STILL, (101, 1, 1))).to_first()
    assert len(CameraMotion(np.tile(1.2 * STILL, (101, 1, 1))).to_first()) == 101


@pytest.mark.parametrize(
    ("matrix", "problem"),
    [
        ([[np.nan, 0, 0], [0, 1, 0]], "the matrix nan 0 0 0 1 0 is not finite"),
        ([[1, 0, np.inf], [0, 1, 0]], "the matrix 1 0 inf 0 1 0 is not finite"),
        ([[1, 1, 0], [1, 1, 0]], "the matrix 1 1 0 1 1 0 cannot be undone"),
        ([[-1, 0, 640], [0, 1, 0]], "the matrix -1 0 640 0 1 0 mirrors the image"),
        ([[9, 0, 0], [0, 9, 0]], "the matrix 9 0 0 0 9 0 zooms more than 4 times"),
        ([[0.1, 0, 0], [0, 1, 0]], "the matrix 0.1 0 0 0 1 0 zooms more than 4 times"),
        ([[1, 0, -1e8], [0, 1, 0]], "the matrix 1 0 -1e+08 0 1 0 shifts beyond all images"),
        ([[1e300, 0, 0], [0, 1e300, 0]], "the matrix 1e+300 0 0 0 1e+300 0 zooms more than 4 times"),
    ],
)
def test_what_no_camera_does(matrix, problem):
    assert implausible(np.array([STILL, matrix])) == (1, problem)
    with pytest.raises(DataError, match="give a 2×3 matrix of pixels, previous frame to this frame") as caught:
        checked_motion(np.array(matrix, dtype=float), "camera")
    assert str(caught.value).startswith(f"camera: {problem}; ")


def test_what_cameras_do():
    assert implausible(np.concatenate([similar(6, 50), [QUARTER], np.zeros((0, 2, 3))])) is None
    assert implausible(np.zeros((0, 2, 3))) is None


@pytest.mark.parametrize("values", [np.eye(3), np.zeros(6), np.float64(1), np.zeros((1, 2, 3))])
def test_other_shapes(values):
    with pytest.raises(DataError, match=r"^camera of shape \("):
        checked_motion(values, "camera")
