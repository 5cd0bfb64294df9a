"""Two classes at once, from detections to tracks to scores, in every form of files."""

from __future__ import annotations

import json
from dataclasses import replace

import pandas as pd
import pytest

from gnntrack.formats.registry import by_name
from gnntrack.outputs import MANIFEST
from gnntrack.reading import read
from tests.tracking.test_classes import CAR, NAMES, PERSON, relay, two_who_cross

TRUTHS = {"a": two_who_cross(), "b": two_who_cross(frames=36)}


@pytest.fixture(params=["mot", "kitti", "coco"])
def form(request):
    return request.param


@pytest.fixture
def data(form, tmp_path):
    """Annotations and detections of videos a and b: a person and a car pass through each other."""
    truths = [type(truth)(name, truth.boxes, 640, 480, frame_rate=25, classes=NAMES) for name, truth in TRUTHS.items()]
    certain = [replace(truth, boxes=truth.boxes.assign(conf=1.0)) for truth in truths]
    by_name(form).write(tmp_path / "data", certain, "annotations")
    by_name(form).write(tmp_path / "data", [truth.without_ids() for truth in truths], "detections")
    return tmp_path / "data"


@pytest.mark.parametrize("mode", ["online", "offline"])
@pytest.mark.parametrize("to", ["mot", "kitti", "coco"])
def test_detections_to_tracks_to_scores_by_class(gnntrack, data, form, to, mode, tmp_path):
    command = ["track", data, "--weights", "default", "--from", form, "--mode", mode]
    done = gnntrack(*command, "--classes", "separate", "--to", to, "-o", tmp_path / "out")
    assert done.code == 0, done.err
    written = sorted(path.name for path in (tmp_path / "out").iterdir() if path.name != MANIFEST)
    assert written == (["tracks.json"] if to == "coco" else ["a.txt", "b.txt"])
    found = read(tmp_path / "out", "tracks", format=to)
    for tracks in found:
        assert tracks.boxes.groupby("id")["class_id"].unique().tolist() == [[PERSON], [CAR]]
    scored = gnntrack("eval", "--gt", data, "--from", form, "--pred", tmp_path / "out", "--json")
    assert scored.code == 0, scored.err
    assert "no classes in the results" not in scored.err
    rows = json.loads(scored.out)
    assert set(rows) == {"a", "b", "COMBINED", "COMBINED/Car", "COMBINED/Pedestrian", "COMBINED/class mean"}
    assert {row: (score["idf1"], score["mota"]) for row, score in rows.items()} == dict.fromkeys(rows, (100.0, 100.0))


def test_one_class_is_written_as_ever(gnntrack, tmp_path):
    """What benchmarks of one class take has −1 where the class may stand, whatever the number of that class."""
    by_name("mot").write(tmp_path / "data", [relay([CAR] * 4)], "detections")
    assert gnntrack("track", tmp_path / "data", "--weights", "default", "-o", tmp_path / "out").code == 0
    lines = (tmp_path / "out" / "toy.txt").read_text().splitlines()
    assert len(lines) == 4
    assert all(line.endswith(",0.9,-1,-1,-1") for line in lines)


def test_a_video_of_one_class_beside_one_of_two(gnntrack, tmp_path):
    """All results of a run say their classes, or none does: a class must not depend on the company it keeps."""
    cars = relay([CAR] * 4)
    videos = [type(cars)(name, one.boxes, 640, 480, classes=NAMES) for name, one in (("c", cars), ("x", TRUTHS["a"]))]
    by_name("mot").write(tmp_path / "data", [video.without_ids() for video in videos], "detections")
    assert gnntrack("track", tmp_path / "data", "--weights", "default", "-o", tmp_path / "out").code == 0
    assert {tuple(line.split(",")[7:]) for line in (tmp_path / "out" / "c.txt").read_text().splitlines()} == {
        ("3", "-1", "-1")
    }


@pytest.mark.parametrize("mode", ["online", "offline"])
@pytest.mark.parametrize(
    ("classes", "tracks"), [("together", 1), ("separate", 3), ("car,van;pedestrian", 2), ("1,4", 2)]
)
def test_groups_by_name_and_number(gnntrack, tmp_path, classes, tracks, mode):
    by_name("kitti").write(tmp_path / "data", [relay([CAR] * 9 + [4] * 9 + [PERSON] * 9)], "detections")
    command = ["track", tmp_path / "data", "--weights", "default", "--from", "kitti", "--mode", mode]
    done = gnntrack(*command, "--classes", classes, "-o", tmp_path / "out")
    assert (done.code, done.out.split(": ")[1].split(",")[0]) == (0, f"{tracks} tracks"), done.err


@pytest.mark.parametrize(
    ("classes", "error"),
    [
        ("car,lorry", "no class 'lorry'; known: Pedestrian, Cyclist, Car"),
        ("apart", "no class 'apart'; known: Pedestrian"),
        ("car;;van", "no class ''; known"),
        ("car,van;3", "class 'Car' is in two groups; name each class once"),
    ],
)
def test_classes_that_cannot_be(gnntrack, tmp_path, classes, error):
    by_name("kitti").write(tmp_path / "data", [relay([CAR] * 4)], "detections")
    done = gnntrack("track", tmp_path / "data", "--weights", "default", "--classes", classes, "-o", tmp_path / "out")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"error: {error}")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(("to", "lines"), [("mot", "3,0"), ("kitti", "Car 0 3 -10"), ("coco", '"visibility": 0.0')])
def test_lost_tracks_in_files(gnntrack, tmp_path, to, lines):
    """A car is away in frames 5 and 6, and comes back; visibility 0 says so, or the highest occlusion of KITTI's."""
    video = relay([CAR] * 9)
    van = relay([4] * 9).boxes.assign(x=400.0)
    both = replace(video, boxes=pd.concat([video.boxes, van]), length=9)
    away = both.boxes["frame"].isin([5, 6]) & (both.boxes["class_id"] == CAR)
    by_name("kitti").write(tmp_path / "data", [both.take(~away.to_numpy())], "detections")
    command = ["track", tmp_path / "data", "--weights", "default", "--from", "kitti", "--lost", "--to", to]
    done = gnntrack(*command, "-o", tmp_path / "out")
    assert (done.code, done.out.split(": ")[1]) == (0, "2 tracks, 16 of 16 boxes, 2 where tracks were lost\n"), done.err
    (file,) = (path for path in (tmp_path / "out").iterdir() if path.name != MANIFEST)
    assert file.read_text().count(lines) == 2
    (tracks,) = read(tmp_path / "out", "tracks", format=to)
    unseen = tracks.boxes[tracks.boxes["visibility"] == 0]
    assert len(tracks) == 18 and unseen["frame"].tolist() == [5, 6] and unseen["class_id"].tolist() == [CAR] * 2


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (["--mode", "offline"], "--lost does nothing offline; leave it out: gaps are filled, see boxes.interpolate"),
        (["--lag", "3"], "--lost with --lag 3; leave one of them out"),
    ],
)
def test_lost_tracks_where_they_cannot_be(gnntrack, root, tmp_path, options, error):
    done = gnntrack("track", root, "--weights", "default", "--lost", *options, "-o", tmp_path / "out")
    assert (done.code, done.err) == (2, f"error: {error}\n")
