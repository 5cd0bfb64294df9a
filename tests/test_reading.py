"""The one door for reading."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gnntrack import DataError, DataWarning, ReadingOptions, read
from gnntrack.formats.options import SequenceInfo
from gnntrack.reading import iterate

OPTIONS = ReadingOptions(size=(640, 480), frame_rate=25.0)
ROWS = "1,1,5,5,10,20,1,1,1\n1,2,50,5,10,20,1,3,1\n"


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """A sequence folder with two annotations and one detection."""
    for name, text in (("gt", ROWS), ("det", "1,-1,5,5,10,20,0.5\n")):
        (tmp_path / "A" / name).mkdir(parents=True)
        (tmp_path / "A" / name / f"{name}.txt").write_text(text)
    return tmp_path


def test_each_content(video: Path) -> None:
    assert [len(truth) for truth in read(video, "annotations", OPTIONS)] == [2]
    assert [set(found.boxes["id"]) for found in read(video, "detections", OPTIONS)] == [{-1}]
    (pair,) = read(video, "pairs", OPTIONS)
    assert pair.annotations is not None
    assert pair.detections is not None
    assert (pair.annotations.name, pair.detections.name) == ("A", "A")


def test_nothing_is_an_error_that_says_what_there_is(video: Path) -> None:
    nothing = replace(OPTIONS, sequences=("B",))
    with pytest.raises(DataError, match="no sequence B; found A"):
        read(video, "annotations", nothing)
    with pytest.raises(DataError, match="no sequence B; found A"):
        read(video, "pairs", nothing)
    assert list(iterate(video, "annotations", nothing)) == []


@pytest.mark.parametrize("content", ["boxes", "", "annotation", None])
def test_an_unknown_content_is_refused(video: Path, content: Any) -> None:
    for door in (read, iterate):
        with pytest.raises(DataError, match=r"no content .*; known: annotations, detections, tracks, pairs"):
            door(video, content, OPTIONS)


def test_classes_by_number(video: Path) -> None:
    (truth,) = read(video, "annotations", replace(OPTIONS, classes=("3",)))
    assert truth.boxes["id"].tolist() == [2]
    with pytest.warns(DataWarning, match="A: no box of class '7'; its boxes are of class 1, 3"):
        assert len(read(video, "annotations", replace(OPTIONS, classes=(7,)))[0]) == 0


def test_tracks_have_identities(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("1,-1,5,5,10,20,1\n")
    with pytest.raises(DataError, match=r"a\.txt:1: 1 of 1 boxes have no identity \(id -1\); give every track its own"):
        read(tmp_path / "a.txt", "tracks", OPTIONS)


def test_what_is_known_of_the_video_counts(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(ROWS)
    options = ReadingOptions(video=SequenceInfo("street", 64, 48, 10.0))
    (truth,) = read(tmp_path / "a.txt", "annotations", options)
    assert (truth.name, truth.width, truth.frame_rate) == ("street", 64, 10.0)


def test_a_folder_comes_before_a_scene_of_the_same_name(video: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (video / "A").rename(video / "TUD-Campus")
    monkeypatch.chdir(video)
    assert len(read("TUD-Campus", "annotations", OPTIONS)[0]) == 2
    assert len(read("TUD-Campus", "annotations", format="sample")[0]) == 359


@pytest.mark.parametrize(("option", "value"), [("image_list", "images.json"), ("last_column", "id")])
def test_options_of_other_formats_are_refused(tmp_path, option, value):
    (tmp_path / "det.txt").write_text("1,-1,5,5,10,20,1\n")
    with pytest.raises(DataError, match=f"{option} does nothing for files of format mot; leave it out"):
        read(tmp_path / "det.txt", "pairs", ReadingOptions(**{option: value}))
