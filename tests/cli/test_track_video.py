"""Video in: ``track --detector``. Video out: ``draw``."""

from __future__ import annotations

import os
import signal
import sys
import threading

import av
import pytest
from PIL import Image

from gnntrack.formats.registry import by_name
from gnntrack.reading import iterate
from gnntrack.video import reading
from tests.video.conftest import street  # noqa: F401 (a fixture)
from tests.video.moving import found_in, images, write_video
from tests.video.test_detectors import torchvision  # noqa: F401 (a fixture)


def rows_of(path):
    return [line.split(",") for line in path.read_text().splitlines()]


@pytest.fixture
def here(street, tmp_path):  # noqa: F811
    """The folder that commands run in, with the video and its boxes."""
    for file in street.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


def test_boxes_of_a_file_over_a_video(gnntrack, here):
    """The same tracks as of the boxes alone, with the video's size and rate."""
    done = gnntrack("track", "street.mp4", "--detector", "boxes.txt", "-o", "out")
    assert (done.code, done.out) == (0, "out/street.txt: 2 tracks, 24 boxes in 12 frames\n"), done.err
    alone = gnntrack("track", "boxes.txt", "--size", "160x120", "--frame-rate", 25, "-o", "alone")
    assert alone.code == 0
    few = gnntrack("track", "street.mp4", "--detector", "boxes.txt", "-o", "few", "--set", "births.confirm=3")
    assert few.out == "few/street.txt: 2 tracks, 20 boxes in 12 frames\n", few.err
    assert (here / "out" / "street.txt").read_text() == (here / "alone" / "boxes.txt").read_text()


@pytest.mark.parametrize("mode", [["--mode", "online"], ["--mode", "offline"], ["--lag", "4"]])
def test_a_video_in_which_nothing_was_found(gnntrack, here, mode):
    (here / "none.txt").write_text("")
    done = gnntrack("track", "street.mp4", "--detector", "none.txt", "-o", "out", *mode)
    assert (done.code, done.out) == (0, "out/street.txt: 0 tracks, 0 boxes in 12 frames\n"), done.err
    assert (here / "out" / "street.txt").read_text() == ""


@pytest.mark.parametrize("mode", [["--mode", "online"], ["--mode", "offline"], ["--lag", "4"]])
def test_a_detector_of_torchvision_without_weights_of_its_own(gnntrack, here, torchvision, mode):  # noqa: F811
    done = gnntrack("track", "street.mp4", "--detector", "torchvision:colours", "-o", "out", *mode)
    assert (done.code, done.out) == (0, "out/street.txt: 2 tracks, 24 boxes in 12 frames\n"), done.err
    rows = rows_of(here / "out" / "street.txt")
    assert {(row[1], row[7]) for row in rows} == {("1", "1"), ("2", "2")} or {(row[1], row[7]) for row in rows} == {
        ("0", "1"),
        ("1", "2"),
    }


def test_classes_and_forms(gnntrack, here, torchvision):  # noqa: F811
    told = ["track", "street.mp4", "--detector", "torchvision:colours"]
    done = gnntrack(*told, "--class", "blue", "--to", "coco", "-o", "out")
    assert done.out == "out/tracks.json: 1 tracks, 12 boxes in 12 frames\n", done.err
    (tracks,) = iterate(here / "out" / "tracks.json", "tracks")
    assert (set(tracks.boxes["class_id"]), tracks.classes[2], tracks.length) == ({2}, "blue", 12)
    assert "no class 'green'; known: __background__, red, blue" in gnntrack(*told, "--class", "green", "-o", "o").err
    assert "no class 'green'" in gnntrack(*told, "--classes", "green,red", "-o", "o").err


def test_a_folder_of_images(gnntrack, here, torchvision):  # noqa: F811
    (here / "walk").mkdir()
    for number, image in enumerate(images(5), 1):
        Image.fromarray(image).save(here / "walk" / f"{number}.png")
    done = gnntrack("track", "walk", "--detector", "torchvision:colours", "--frame-rate", 25, "-o", "out")
    assert (done.code, done.out) == (0, "out/walk.txt: 2 tracks, 10 boxes in 5 frames\n"), done.err


REFUSED = {
    "a video alone": (["street.mp4"], "street.mp4: a video, not boxes; pass --detector: give ultralytics:"),
    "an address alone": (["rtsp://127.0.0.1/a"], "a video, not boxes; pass --detector"),
    "an unknown scheme alone": (
        ["ftp://host/x.mp4"],
        "ftp://host/x.mp4: no scheme 'ftp'; known: s3, gs, https, http, memory; for streams: rtsp, rtsps, rtmp,",
    ),
    "an unknown scheme": (
        ["FILE://me:secret@host/x", "--detector", "boxes.txt"],
        "error: FILE://host/x: no scheme 'file'; known: s3, gs, https, http, memory; for streams: rtsp, rtsps, rtmp,",
    ),
    "show alone": (["boxes.txt", "--show"], "--show does nothing without --detector"),
    "weights alone": (["boxes.txt", "--detector-weights", "w"], "--detector-weights does nothing without --detector"),
    "no such detector": (["street.mp4", "--detector", "yolo"], "no detector 'yolo'; give ultralytics:"),
    "no such video": (["nowhere.mp4", "--detector", "boxes.txt"], "nowhere.mp4: no such file or folder"),
    "lag": (
        ["street.mp4", "--detector", "boxes.txt", "--lag", "3", "--mode", "offline"],
        "--lag 3 does nothing offline",
    ),
    "a setting of the other mode": (
        ["street.mp4", "--detector", "boxes.txt", "--set", "offline.minimum_length=4"],
        "offline.minimum_length does nothing online without a lag",
    ),
    "an option of files": (
        ["street.mp4", "--detector", "torchvision:colours", "--on-error", "skip"],
        "--on-error does nothing for torchvision:colours; it is for files of boxes",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused(gnntrack, here, torchvision, case):  # noqa: F811
    arguments, message = REFUSED[case]
    done = gnntrack("track", *arguments, "-o", "out")
    assert (done.code, done.out) == (2, "")
    assert message in done.err and done.err.count("\n") == 1
    assert not (here / "out").exists()


def test_the_result_is_replaced_only_when_told(gnntrack, here):
    told = ["track", "street.mp4", "--detector", "boxes.txt", "-o", "out"]
    assert gnntrack(*told).code == 0
    assert "output exists; pass --overwrite" in gnntrack(*told).err
    assert gnntrack(*told, "--overwrite").code == 0


def test_boxes_beyond_the_end_are_told_of(gnntrack, here):
    with (here / "boxes.txt").open("a") as file:
        file.write("40,-1,5,5,20,20,0.9\n")
    done = gnntrack("track", "street.mp4", "--detector", "boxes.txt", "-o", "out")
    assert done.code == 0
    assert "warning: boxes reach to frame 40, the video has 12: is it the same one?" in done.err


def test_a_failure_in_mid_video_leaves_nothing(gnntrack, here, torchvision, monkeypatch):  # noqa: F811
    whole = (here / "street.mp4").read_bytes()
    (here / "walk").mkdir()
    for number, image in enumerate(images(5), 1):
        Image.fromarray(image).save(here / "walk" / f"{number}.png")
    (here / "walk" / "4.png").write_bytes(whole[:50])
    done = gnntrack("track", "walk", "--detector", "torchvision:colours", "--frame-rate", 25, "-o", "out")
    assert done.code == 2
    assert "walk/4.png: cannot read: not an image; check the file" in done.err
    assert not (here / "out").exists()


def endless(stop):
    """A camera that goes on until the user ends it."""

    def frames():
        number = 0
        while number < 500:
            for image in images(12):
                number += 1
                if number == 30:
                    stop()
                yield image

    return reading.Video("camera-0", 160, 120, 25.0, 0, True, frames)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_camera_is_ended_by_the_user(gnntrack, here, torchvision, monkeypatch, number):  # noqa: F811
    """The tracks so far are written, and that is no error."""
    monkeypatch.setattr(reading, "open_video", lambda *_: endless(lambda: signal.raise_signal(number)))
    before = signal.getsignal(number)
    done = gnntrack("track", "0", "--detector", "torchvision:colours", "-o", "out", "--lag", 3)
    assert (done.code, signal.getsignal(number)) == (0, before), done.err
    assert "camera-0: tracking; Ctrl-C ends it and writes the tracks" in done.err
    assert done.out.endswith(" boxes in 30 frames\n")
    assert rows_of(here / "out" / "camera-0.txt")[-1][0] == "30"
    assert (
        "--mode offline needs the whole video"
        in gnntrack("track", "0", "--detector", "torchvision:colours", "-o", "o", "--mode", "offline").err
    )


def test_a_second_signal_ends_at_once(gnntrack, here, torchvision, monkeypatch):  # noqa: F811
    def twice():
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(reading, "open_video", lambda *_: endless(twice))
    done = gnntrack("track", "0", "--detector", "torchvision:colours", "-o", "out")
    assert (done.code, done.err.splitlines()[-1]) == (130, "stopped; what was finished stays")
    assert not (here / "out").exists()


def test_a_file_that_is_stopped_leaves_no_half_result(gnntrack, here, torchvision, monkeypatch):  # noqa: F811
    monkeypatch.setattr("gnntrack.video.tracking.detection_array", lambda _: signal.raise_signal(signal.SIGINT))
    done = gnntrack("track", "street.mp4", "--detector", "torchvision:colours", "-o", "out")
    assert (done.code, done.err.splitlines()[-1]) == (130, "stopped; what was finished stays")
    assert not (here / "out").exists()


def test_show_needs_a_display(gnntrack, here, monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    done = gnntrack("track", "street.mp4", "--detector", "boxes.txt", "-o", "out", "--show")
    assert done.code == 2
    assert "--show: there is no display; leave out --show, and draw the result afterwards" in done.err


def test_show_shows_every_frame_with_its_tracks(gnntrack, here, monkeypatch):
    shown = []

    class Screen:
        def __init__(self, title):
            self.open, self.title = True, title

        def show(self, image):
            shown.append(image)
            self.open = len(shown) < 9  # the user closes it: tracking goes on

        def close(self):
            shown.append(self.title)

    monkeypatch.setattr("gnntrack.video.window.Window", Screen)
    done = gnntrack("track", "street.mp4", "--detector", "boxes.txt", "-o", "out", "--show")
    assert (done.code, done.out) == (0, "out/street.txt: 2 tracks, 24 boxes in 12 frames\n"), done.err
    assert (len(shown), shown[-1]) == (10, "gnntrack: street")
    assert shown[0].shape == (120, 160, 3) and len(found_in(shown[0])) == 2


@pytest.mark.parametrize("suffix", [".mp4", ".gif", ".png"])
def test_draw(gnntrack, here, suffix):
    assert gnntrack("track", "street.mp4", "--detector", "boxes.txt", "-o", "out").code == 0
    for scene, tracks in (("street.mp4", "out"), ("street.mp4", "out/street.txt"), ("boxes.txt", "out/street.txt")):
        told = ["--size", "160x120", "--frame-rate", 25] if scene == "boxes.txt" else []
        done = gnntrack("draw", scene, "--tracks", tracks, "-o", f"a{suffix}", "--overwrite", *told)
        frames = {".mp4": "12 frames", ".gif": "6 frames", ".png": "1 frame"}[suffix]
        assert (done.code, done.out.startswith(f"wrote a{suffix}: {frames}, ")) == (0, True), done.err
        if suffix == ".mp4":
            with av.open(str(here / "a.mp4")) as container:
                assert sum(1 for _ in container.decode(video=0)) == 12
    assert (
        "output exists; pass --overwrite" in gnntrack("draw", "street.mp4", "--tracks", "out", "-o", f"a{suffix}").err
    )


def test_draw_a_sample_and_a_sequence_folder(gnntrack, here):
    done = gnntrack("draw", "TUD-Campus", "--tracks", "TUD-Campus", "-o", "a.png", "--frames", 16, "--width", 320)
    assert (done.code, Image.open(here / "a.png").size) == (0, (320, 240)), done.err
    truth = next(iterate("TUD-Campus", "annotations"))
    by_name("mot").write(here / "data", [truth], "annotations")
    done = gnntrack("draw", "data/TUD-Campus", "--tracks", "data/TUD-Campus/gt/gt.txt", "-o", "b.png")
    assert (done.code, Image.open(here / "b.png").size) == (0, (640, 480)), done.err


def test_draw_refuses_in_one_line(gnntrack, here):
    for arguments, message in [
        (["street.mp4", "--tracks", "out", "-o", "a.mp4"], "out: no such file or folder"),
        (["street.mp4", "--tracks", "boxes.txt", "-o", "a.mp4"], "24 of 24 boxes have no identity"),
        (["street.mp4", "--tracks", "boxes.txt", "-o", "a.avi"], "a.avi: cannot draw a .avi; use .mp4, .gif or .png"),
        (["street.mp4", "--tracks", "boxes.txt", "-o", "a.mp4", "--frames", "x"], "frames 'x'; give FIRST-LAST"),
        (["street.mp4", "--tracks", "boxes.txt", "-o", "street.mp4", "--overwrite"], "belongs to the input street.mp4"),
        (["0", "--tracks", "boxes.txt", "-o", "a.mp4"], "no camera 0|OpenCV"),
    ]:
        done = gnntrack("draw", *arguments)
        assert done.code == 2
        assert any(part in done.err for part in message.split("|")), done.err
    assert not (here / "a.mp4").exists()


def test_a_stream_over_the_network_is_ended_by_the_user(gnntrack, here, torchvision, tmp_path, monkeypatch):  # noqa: F811
    """A stream that never ends, from this machine; SIGINT comes from outside, while the verb waits for frames."""
    from tests.video.test_reading import Handler, ThreadingHTTPServer

    content = write_video(tmp_path / "live.ts", 30).read_bytes()
    seen = threading.Event()

    def finds(image):
        seen.set()
        return found_in(image)

    monkeypatch.setattr("tests.video.stand_ins.found_in", finds)

    class Endless(Handler):
        def do_GET(self):  # noqa: N802 (http.server's name)
            self.send_response(200)
            self.end_headers()
            try:
                self.wfile.write(content)
                self.wfile.flush()
                assert seen.wait(60)
                os.kill(os.getpid(), signal.SIGINT)
                self.server.over.wait(5)
            except OSError:
                pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Endless)
    server.over = threading.Event()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}/live.ts"
    try:
        done = gnntrack("track", address, "--detector", "torchvision:colours", "-o", "out")
    finally:
        server.over.set()
        server.shutdown()
        thread.join()
    assert done.code == 0, done.err
    (written,) = (here / "out").iterdir()
    assert rows_of(written)


def test_draw_a_folder(gnntrack, here):
    assert gnntrack("synth", "--sequences", 2, "--objects", 2, "--frames", 4, "-o", "scenes").code == 0
    command = ["draw", "scenes", "--tracks", "scenes", "-o", "drawn", "--to", "png", "--width", 64]
    done = gnntrack(*command)
    names = [line.partition(": ")[0] for line in done.out.splitlines()]
    assert (done.code, names) == (0, [f"drawn/synthetic-000{number}.png" for number in (1, 2)]), done.err
    assert gnntrack(*command, "--resume").out == "drawn: 2 of 2 files are finished\n"
    for more, message in [
        (["a.png", "--to", "png"], "--to png with a file as output; leave it out"),
        (["a.png", "--workers", 2], "are for several videos; leave them out, or name a folder as output"),
    ]:
        done = gnntrack("draw", "scenes/synthetic-0001", "--tracks", "scenes", "-o", *more)
        assert (done.code, message in done.err) == (2, True), done.err
