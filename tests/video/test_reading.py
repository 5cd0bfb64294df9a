"""Frames of files, folders, streams and cameras; what is none is one line."""

from __future__ import annotations

import struct
import sys
import threading
import warnings
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from gnntrack.errors import DataError, DataWarning
from gnntrack.video import images as image_folders
from gnntrack.video import open_video, reading
from tests.video.moving import HEIGHT, RATE, WIDTH, images, write_video


def assert_same_images(found, expected):
    """Up to what compression changes."""
    for one, other in zip(found, expected, strict=True):
        assert (one.shape, one.dtype) == (other.shape, np.uint8)
        assert np.abs(one.astype(int) - other).mean() < 4


def test_a_file(street):
    video = open_video(street / "street.mp4")
    assert (video.name, video.width, video.height, video.frame_rate) == ("street", WIDTH, HEIGHT, RATE)
    assert (video.length, video.live) == (12, False)
    assert_same_images(video.frames(), images(12))


@pytest.mark.parametrize("suffix", [".mkv", ".ts", ".avi"])
def test_other_containers(tmp_path, suffix):
    video = open_video(write_video(tmp_path / f"a{suffix}"))
    assert_same_images(video.frames(), images(12))
    assert video.length == pytest.approx(12, abs=1)


def test_a_video_that_was_filmed_upright(tmp_path):
    """Telephones write it lying and say in the track's matrix how to turn it: here by 90 degrees clockwise."""
    content = bytearray(write_video(tmp_path / "a.mp4").read_bytes())
    matrix = content.index(b"tkhd") + 4 + 40
    content[matrix : matrix + 36] = struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, HEIGHT << 16, 0, 1 << 30)
    (tmp_path / "turned.mp4").write_bytes(content)
    video = open_video(tmp_path / "turned.mp4")
    assert (video.width, video.height) == (HEIGHT, WIDTH)
    assert_same_images(video.frames(), (np.rot90(image, -1) for image in images(12)))


@pytest.fixture
def folder(tmp_path):
    """Images by number, and what lies beside them."""
    place = tmp_path / "street" / "img1"
    place.mkdir(parents=True)
    for number, image in enumerate(images(12), 1):
        Image.fromarray(image).save(place / f"f{number}.png")
    (place / "notes.txt").write_text("mine")
    (place / ".hidden.png").write_text("no image")
    (tmp_path / "street" / "seqinfo.ini").write_text("[Sequence]\nframeRate=10\n")
    return tmp_path / "street"


@pytest.mark.parametrize("place", [".", "img1"])
def test_images_in_the_order_of_their_numbers(folder, place):
    video = open_video(folder / place)
    assert (video.name, video.frame_rate, video.length) == ("street", 10.0, 12)
    np.testing.assert_array_equal(list(video.frames()), list(images(12)))


def test_a_rate_that_nobody_says(folder):
    (folder / "seqinfo.ini").unlink()
    with pytest.warns(DataWarning, match="street: no frame rate; 30 frames/s assumed"):
        assert open_video(folder).frame_rate == 30.0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert open_video(folder, frame_rate=12.5).frame_rate == 12.5


def test_what_is_wrong_with_images(folder, tmp_path, monkeypatch):
    Image.new("RGB", (9, 8)).save(folder / "img1" / "f5.png")
    with pytest.raises(DataError, match=r"f5\.png: 9 × 8 pixels, 160 × 120 in f1\.png; give images of one size"):
        list(open_video(folder).frames())
    (folder / "img1" / "f3.png").write_bytes(b"\x89PNG cut off")
    with pytest.raises(DataError, match=r"f3\.png: cannot read: not an image; check the file"):
        list(open_video(folder).frames())
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(DataError, match=r"f1\.png: cannot read: too large"):
        open_video(folder)
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "a.txt").write_text("")
    with pytest.raises(DataError, match=r"empty: no images; found a\.txt; give a folder of images"):
        open_video(tmp_path / "empty")


def test_a_link_out_of_the_folder_is_refused(folder, tmp_path):
    Image.new("RGB", (9, 8)).save(tmp_path / "secret.png")
    (folder / "img1" / "f99.png").symlink_to(tmp_path / "secret.png")
    with pytest.raises(DataError, match=r"f99\.png: leads out of its folder"):
        image_folders.image_files(folder)


def test_what_is_no_video(street, tmp_path):
    (tmp_path / "a.mp4").write_text("text")
    with pytest.raises(DataError, match=r"a\.mp4: cannot open: .*; give a video"):
        open_video(tmp_path / "a.mp4")
    (tmp_path / "b.mp4").write_bytes((street / "street.mp4").read_bytes()[:400])
    with pytest.raises(DataError, match=r"b\.mp4: "):
        list(open_video(tmp_path / "b.mp4").frames())
    with pytest.raises(DataError, match=r"nowhere\.mp4: no such file or folder; check the path"):
        open_video("nowhere.mp4")


def test_a_missing_package_is_asked_for(street, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(DataError, match=r"reading video needs av \(PyAV\), which is not installed; pip install av"):
        open_video(street / "street.mp4")


class Handler(BaseHTTPRequestHandler):
    """Serves a video without its length, as a live stream comes."""

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.server.content)

    def log_message(self, *_):
        pass


@pytest.fixture
def address(tmp_path):
    """A stream at an address of this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.content = write_video(tmp_path / "live.ts").read_bytes()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/cam/1.ts?key=secret"
    server.shutdown()
    thread.join()


def test_a_stream(address):
    video = open_video(address)
    assert (video.name.split("-")[0], video.name.split("-")[2:]) == ("127.0.0.1", ["cam", "1.ts"])
    assert (video.live, video.length) == (True, 0)
    assert_same_images(video.frames(), images(12))


def test_a_stream_that_is_not_there_keeps_the_password_to_itself():
    with pytest.raises(DataError, match=r"^rtsp://127\.0\.0\.1:9/live: cannot open: .*; give a video$") as refusal:
        open_video("rtsp://me:secret@127.0.0.1:9/live?token=secret")
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("scheme", ["ftp", "file", "concat", "S4"])
def test_schemes_that_are_not_played_are_refused(scheme):
    known = "known: s3, gs, https, http, memory; for streams: rtsp, rtsps, rtmp, rtmps, rtp, srt, udp, tcp"
    with pytest.raises(DataError) as refusal:
        open_video(f"{scheme}://me:secret@host/a.mp4")
    assert str(refusal.value) == f"{scheme}://host/a.mp4: no scheme '{scheme.lower()}'; {known}"


class Capture:
    """OpenCV's camera, as far as it is used."""

    def __init__(self, number):
        self.left = list(images(3)) if number == 0 else []
        self.released = False

    def isOpened(self):  # noqa: N802 (OpenCV's name)
        return bool(self.left)

    def read(self):
        return (True, np.flip(self.left.pop(0), axis=2)) if self.left else (False, None)

    def get(self, _):
        return 15.0

    def release(self):
        self.released = True


def test_a_camera(monkeypatch, tmp_path):
    opencv = SimpleNamespace(
        VideoCapture=Capture, CAP_PROP_FPS=5, COLOR_BGR2RGB=4, cvtColor=lambda image, _: np.flip(image, axis=2)
    )
    monkeypatch.setitem(sys.modules, "cv2", opencv)
    monkeypatch.chdir(tmp_path)
    video = open_video("0")
    assert (video.name, video.width, video.height, video.frame_rate, video.live) == ("camera-0", 160, 120, 15.0, True)
    np.testing.assert_array_equal(list(video.frames()), list(images(3)))
    with pytest.raises(DataError, match="no camera 7; check the number"):
        open_video("7")
    (tmp_path / "0").mkdir()
    assert not reading.is_camera("0")
