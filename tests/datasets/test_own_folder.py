"""A folder of videos as a data set: which are held out, and which boxes are learned from."""

from __future__ import annotations

import shutil

import pytest

from gnntrack.datasets.own_folder import labelled_folder, usual_choice
from gnntrack.errors import DataError, DataWarning
from tests.docs.layouts import mot


@pytest.fixture
def folder(tmp_path):
    mot(tmp_path / "street", *"abcde")
    return tmp_path / "street"


def names(items):
    return [item.sequence.name for item in items]


def test_every_fourth_video_is_held_out(folder):
    training, held_out = labelled_folder(folder)
    assert (names(training), names(held_out)) == (["a", "b", "c", "e"], ["d"])
    detected = (folder / "a" / "det" / "det.txt").read_text().count("\n")
    assert len(training[0].sequence) == detected
    assert (training[0].identity > 0).mean() > 0.9
    assert training[0].annotations is not None
    assert [usual_choice("abcdefgh"), usual_choice("abc"), usual_choice("a"), usual_choice("")] == [
        ["d", "h"],
        ["c"],
        [],
        [],
    ]


def test_those_that_are_named_are_held_out(folder):
    training, held_out = labelled_folder(folder, ["[ab]", "e"])
    assert (names(training), names(held_out)) == (["c", "d"], ["a", "b", "e"])
    with pytest.raises(DataError, match="--held-out 'f'; found a, b, c, d, e"):
        labelled_folder(folder, ["a", "f"])
    with pytest.raises(DataError, match="every video is held out"):
        labelled_folder(folder, ["*"])


def test_videos_without_detections_or_annotations(folder):
    shutil.rmtree(folder / "a" / "det")
    shutil.rmtree(folder / "b" / "gt")
    with pytest.warns(DataWarning) as told:
        training, _ = labelled_folder(folder)
    words = " ".join(str(each.message) for each in told)
    assert "a: no detections; what is learned from is simulated" in words
    assert "b: no annotations; left out" in words
    assert names(training) == ["a", "c", "d"]
    truth = training[0].annotations
    assert len(training[0].sequence) and not training[0].sequence.boxes["x"].isin(truth.boxes["x"]).all()
    for name in "acde":
        shutil.rmtree(folder / name / "gt")
    with pytest.raises(DataError, match="no annotated video"), pytest.warns(DataWarning):
        labelled_folder(folder)
