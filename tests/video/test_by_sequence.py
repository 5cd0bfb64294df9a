"""Drawing many videos: as each by itself, wherever; a failure stops no other."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from gnntrack.errors import DataError, FailedTasksError
from gnntrack.formats.options import ReadingOptions
from gnntrack.tasks import Workers
from gnntrack.video.by_sequence import DrawSettings, DrawSource, draw_folder
from gnntrack.video.drawing import draw
from gnntrack.video.results import open_scene, read_result
from tests.tasks.conftest import scheduler  # noqa: F401 (a fixture)

INFO = "[Sequence]\nname=x\nseqLength=3\nframeRate=25\nimWidth=64\nimHeight=48\nimExt=.png\n"
PNG = DrawSettings(".png")


@pytest.fixture
def data(tmp_path):
    """Three sequences, and tracks of two people in each."""
    (tmp_path / "tracks").mkdir()
    for place, name in enumerate("abc"):
        folder = tmp_path / "data" / name
        (folder / "det").mkdir(parents=True)
        (folder / "seqinfo.ini").write_text(INFO)
        rows = [f"{frame},{who},{5 + 20 * who + place},9,15,30,0.9\n" for frame in (1, 2, 3) for who in (1, 2)]
        (folder / "det" / "det.txt").write_text("".join(rows))
        (tmp_path / "tracks" / f"{name}.txt").write_text("".join(rows))
    return tmp_path


def drawn(data, out="out", settings=PNG, source="data", options=ReadingOptions(), **more):
    what = DrawSource(data / source, data / "tracks", options)
    return list(draw_folder(what, data / out, settings, **more))


def pixels(data, out="out"):
    return {path.name: np.array(Image.open(path)).tobytes() for path in sorted((data / out).glob("*.png"))}


def test_each_as_by_itself(data):
    lines = drawn(data)
    assert [line.partition(":")[0] for line in lines] == [f"{data}/out/{name}.png" for name in "abc"]
    assert len(set(pixels(data).values())) == 3
    scene, _ = open_scene(data / "data" / "b")
    draw(read_result(data / "tracks", scene), data / "b.png", look=PNG.look.__class__(fill=0.16))
    assert (data / "b.png").read_bytes() == (data / "out" / "b.png").read_bytes()


@pytest.mark.parametrize("images", [False, True])
def test_a_cluster_gives_the_same(data, scheduler, images):  # noqa: F811
    if images:
        for name in "ab":  # c has none
            (data / "data" / name / "img1").mkdir()
            for frame in (1, 2, 3):
                Image.new("RGB", (64, 48), (0, 90, 30 * frame)).save(data / "data" / name / "img1" / f"{frame:06}.png")
    assert [line.partition(":")[0] for line in drawn(data)] == [f"{data}/out/{name}.png" for name in "abc"]
    drawn(data, "there", workers=Workers(scheduler=scheduler))
    for path in (data / "out").iterdir():
        assert (data / "there" / path.name).read_bytes() == path.read_bytes()


def test_an_image_of_several_frames_is_refused_before_any_is_read():
    with pytest.raises(DataError, match=r"^a \.png of several frames; give one with --frames, or write"):
        DrawSettings(".png", frames=(1, 3))


def test_some_of_them(data):
    drawn(data, options=ReadingOptions(sequences=("b", "c")))
    assert list(pixels(data)) == ["b.png", "c.png"]
    for name in "ab":
        (data / "films" / name).mkdir(parents=True)
        for frame in (1, 2, 3):
            Image.new("RGB", (64, 48)).save(data / "films" / name / f"{frame}.png")
    options = ReadingOptions(frame_rate=25, sequences=("a", "b"))
    assert len(drawn(data, "images", source="films", options=options)) == 2
    (data / "films" / "a.mp4").touch()
    with pytest.raises(DataError, match="two videos are named 'a'; rename one"):
        drawn(data, "twins", source="films")
    with pytest.raises(DataError, match=r"no sequence x; found a, b, c"):
        drawn(data, "none", options=ReadingOptions(sequences=("x",)))


def test_the_tracks_of_one_video_are_not_drawn_over_others(data):
    for name in "ac":
        (data / "tracks" / f"{name}.txt").unlink()
    what = DrawSource(data / "data", data / "tracks" / "b.txt")
    for tracks in (what, DrawSource(data / "data", data / "tracks")):
        with pytest.raises(FailedTasksError, match="2 of 3 sequences failed") as end:
            list(draw_folder(tracks, data / "out", PNG, overwrite=True))
        assert [str(error).partition(": ")[2] for error in end.value.errors] == [
            f"no tracks of {name}; name a folder that holds {name}.txt, or choose with --sequence" for name in "ac"
        ]
        assert list(pixels(data)) == ["b.png"]


def test_a_failure_stops_no_other_and_the_run_goes_on(data):
    path = data / "tracks" / "b.txt"
    sound = path.read_text()
    path.write_text("1,1,5,9,nan,30,0.9\n")
    with pytest.raises(FailedTasksError, match="1 of 3 sequences failed; the drawings of the others are there") as end:
        drawn(data)
    assert "b.txt:1: w is nan" in str(end.value.errors[0])
    assert list(pixels(data)) == ["a.png", "c.png"]
    path.write_text(sound)
    with pytest.raises(DataError, match="output exists"):
        drawn(data)
    lines = drawn(data, resume=True)
    assert lines[0] == f"{data}/out: 2 of 3 files are finished"
    assert [line.partition(":")[0] for line in lines[1:]] == [f"{data}/out/b.png"]
    (data / "tracks" / "a.txt").write_text(sound)
    assert [line.partition(":")[0] for line in drawn(data, resume=True)[1:]] == [f"{data}/out/a.png"]
    assert len(drawn(data, settings=DrawSettings(".png", width=32), resume=True)) == 3
