"""Tracks over images and on a blank canvas; colours, labels and paths where they belong."""

from __future__ import annotations

import av
import numpy as np
import pytest
from PIL import Image

from gnntrack.errors import DataError
from gnntrack.inspection.labels import place_labels
from gnntrack.inspection.style import identity_colour
from gnntrack.video import Look, Painter, draw, open_video
from gnntrack.video.drawing import busiest_frame, parse_frames
from tests.conftest import make_sequence
from tests.video.moving import HEIGHT, WIDTH, boxes

ROWS = [
    (frame, identity, *map(float, box)) for frame in range(1, 13) for identity, box in enumerate(boxes(frame).values())
]
NO_TEXT = Look("none", trail=0)


@pytest.fixture
def tracks():
    return make_sequence(ROWS, name="street", width=WIDTH, height=HEIGHT)


def colour(identity):
    return tuple(bytes.fromhex(identity_colour(identity)[1:]))


def frames_of(path):
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def assert_outlined(image, frame, tolerance=0):
    """Both boxes have an edge of their colour."""
    for identity, (x, y, w, h) in enumerate(boxes(frame).values()):
        for place in ((y + h // 2, x), (y + h // 2, x + w - 1), (y + h - 1, x + w // 2)):
            assert np.abs(image[place].astype(int) - colour(identity)).max() <= tolerance


def test_a_still_image_on_a_blank_canvas(tracks, tmp_path):
    assert draw(tracks, tmp_path / "a.png", frames=(5, 5), look=NO_TEXT) == 1
    image = np.asarray(Image.open(tmp_path / "a.png"))
    assert image.shape == (HEIGHT, WIDTH, 3)
    assert_outlined(image, 5)
    assert image[60, 80].tolist() == [245, 247, 250]


def test_a_video_over_its_images(tracks, street, tmp_path):
    video = open_video(street / "street.mp4")
    assert draw(tracks, tmp_path / "a.mp4", video, look=NO_TEXT) == 12
    found = frames_of(tmp_path / "a.mp4")
    assert (len(found), found[0].shape) == (12, (HEIGHT, WIDTH, 3))
    x, y, w, h = boxes(7)["red"]
    assert np.abs(found[6][y + h // 2, x + w // 2].astype(int) - (220, 40, 40)).max() < 40  # the image is still there
    assert np.abs(found[6][y + h // 2, x].astype(int) - colour(0)).max() < 90  # and so is the edge


def test_a_moving_image_of_some_frames(tracks, tmp_path):
    assert draw(tracks, tmp_path / "a.gif", frames=(3, 12), look=NO_TEXT) == 5
    with Image.open(tmp_path / "a.gif") as image:
        assert (image.n_frames, image.size, image.info["duration"]) == (5, (WIDTH, HEIGHT), 80)
        assert_outlined(np.asarray(image.convert("RGB")), 3, tolerance=8)


def test_the_width_is_chosen(tracks, street, tmp_path):
    draw(tracks, tmp_path / "a.png", open_video(street / "street.mp4"), frames=(4, 4), width=80, look=NO_TEXT)
    image = np.asarray(Image.open(tmp_path / "a.png"))
    assert image.shape == (60, 80, 3)
    x, y, _, h = boxes(4)["red"]
    assert tuple(image[y // 2 + h // 4, x // 2]) == colour(0)


def test_odd_sides(tracks, tmp_path):
    draw(tracks, tmp_path / "a.mp4", width=101)
    assert frames_of(tmp_path / "a.mp4")[0].shape == (76, 100, 3)


def test_an_identity_has_one_colour_in_every_frame(tracks, tmp_path):
    for frame in (1, 6, 12):
        draw(tracks, tmp_path / f"{frame}.png", frames=(frame, frame), look=NO_TEXT)
        assert_outlined(np.asarray(Image.open(tmp_path / f"{frame}.png")), frame)


def test_paths_reach_as_far_back_as_they_are_told(tracks, tmp_path):
    """The feet of the red one some frames ago."""
    x, y, w, h = boxes(6)["red"]
    foot = (y + h, x + w // 2)
    blank = np.array([245, 247, 250])
    for trail, there in ((0, False), (3, False), (8, True)):
        draw(tracks, tmp_path / f"{trail}.png", frames=(12, 12), look=Look("none", trail))
        image = np.asarray(Image.open(tmp_path / f"{trail}.png")).astype(int)
        assert (np.abs(image[foot[0] - 1 : foot[0] + 2, foot[1]] - blank).max() > 40) == there, trail


def test_the_past_is_known_where_drawing_begins_later(tracks, tmp_path):
    draw(tracks, tmp_path / "all.mp4", look=Look("none"))
    draw(tracks, tmp_path / "late.mp4", frames=(9, 12), look=Look("none"))
    for one, other in zip(frames_of(tmp_path / "all.mp4")[8:], frames_of(tmp_path / "late.mp4"), strict=True):
        assert np.abs(one.astype(int) - other).mean() < 2


def test_labels_say_what_they_are_told():
    painter = Painter(Look("confidence"), {2: "van"})
    ids, kinds, sure = np.array([7]), np.array([2.0]), np.array([0.875])
    assert painter._text(0, ids, kinds, sure) == "7 van 0.88"
    assert Painter(Look("class"), {2: "van"})._text(0, ids, np.array([3.0]), sure) == "7 class 3"
    assert Painter(Look("class"))._text(0, ids, None, sure) == "7"
    assert Painter(Look("id"), {2: "van"})._text(0, ids, kinds, sure) == "7"
    crowd = np.arange(200)
    assert painter._text(5, crowd, np.full(200, 2.0), np.ones(200)) == "5"  # room for no more


def test_labels_of_two_hundred_do_not_hide_each_other():
    rng = np.random.default_rng(0)
    corner = rng.uniform([0, 0], [1870, 980], (200, 2))
    objects = np.hstack([corner, np.tile([40.0, 90.0], (200, 1))])
    sizes = np.tile([34.0, 20.0], (200, 1))
    placed = place_labels(objects, sizes, 1920, 1080)
    there = np.isfinite(placed).all(axis=1)
    assert there.mean() > 0.95
    assert (placed[there] >= 0).all() and (placed[there] + sizes[there] <= [1920, 1080]).all()
    low = np.maximum(placed[there][:, None], placed[there][None])
    high = np.minimum((placed + sizes)[there][:, None], (placed + sizes)[there][None])
    shared = np.prod(np.maximum(high - low, 0), axis=2)
    np.fill_diagonal(shared, 0)
    assert shared.max() <= 0.35 * 34 * 20
    assert (shared.sum(axis=1) > 0).mean() < 0.2
    far = np.linalg.norm(placed[there] - corner[there], axis=1)
    assert far.max() <= 120  # beside their own box


def test_memory_does_not_grow_with_the_video():
    painter = Painter(Look("none", trail=5))
    for frame in range(1, 400):
        painter.remember(frame, np.array([frame, 0]), np.tile([1.0, 2, 3, 4], (2, 1)))
    assert len(painter._paths) <= 7 and len(painter._paths[0]) <= 6


def test_what_cannot_be_drawn(tracks, street, tmp_path):
    for target, options, message in [
        ("a.bmp", {}, r"a\.bmp: cannot draw a \.bmp; use \.mp4, \.gif or \.png"),
        ("a", {}, "cannot draw a file without a suffix"),
        ("a.png", {"frames": (2, 3)}, r"a\.png: a \.png of several frames; give one with --frames"),
        ("a.mp4", {"frames": (20, 30)}, "frames 20 to 30; street has frames 1 to 12"),
        ("a.mp4", {"frames": (0, 3)}, "frames 0 to 3; street has"),
        (
            "a.mp4",
            {"frames": (20, 30), "video": open_video(street / "street.mp4")},
            "no frames to draw; check --frames",
        ),
    ]:
        with pytest.raises(DataError, match=message):
            draw(tracks, tmp_path / target, **options)
    with pytest.raises(DataError, match="street: no tracks to draw"):
        draw(tracks.take(tracks.frames > 99), tmp_path / "a.png")
    assert not list(tmp_path.iterdir())


def test_a_gif_that_would_be_too_long(tracks, tmp_path, monkeypatch):
    monkeypatch.setattr("gnntrack.video.writing.MOST_GIF_FRAMES", 3)
    with pytest.raises(DataError, match=r"more than 3 frames for a \.gif; choose some with --frames, or write \.mp4"):
        draw(tracks, tmp_path / "a.gif")
    assert not list(tmp_path.iterdir())


def test_frames_in_words(tracks):
    assert (parse_frames("7"), parse_frames("3-9"), busiest_frame(tracks)) == ((7, 7), (3, 9), 12)
    for text in ("", "x", "9-3", "0-4", "1-2-3", "-4", "1-", "1" * 30):
        with pytest.raises(DataError, match="give FIRST-LAST, such as 100-250"):
            parse_frames(text)
