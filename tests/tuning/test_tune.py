"""Tuning: what is held out chooses nothing, a search goes on where it stopped, and the words fit the figures."""

from __future__ import annotations

import pytest

from gnntrack.cli.tune import _seconds, lines
from gnntrack.errors import DataError
from gnntrack.models import MessagePassing, MessagePassingSettings, ModelRecipe
from gnntrack.models.overriding import overridden
from gnntrack.tuning import TuningOptions, tune
from gnntrack.tuning.ranges import RANGES, ranges_of
from gnntrack.tuning.tune import ALL, Tuned, _Search
from tests.conftest import make_sequence


def video(name: str, confidence: float):
    """One person whose boxes have this confidence, and a false box of .5 in every frame, always elsewhere."""
    boxes = [(frame, 1, 100.0 + 4 * frame, 100.0, 40.0, 90.0) for frame in range(1, 13)]
    truth = make_sequence(boxes, name=name)
    found = [(frame, -1, *box, confidence) for frame, _, *box in boxes]
    found += [(frame, -1, 300.0 * (frame % 2), 300.0, 40.0, 90.0, 0.5) for frame in range(1, 13)]
    return truth, make_sequence(sorted(found), "frame id x y w h conf", name=name)


@pytest.fixture(scope="module")
def scorer():
    return MessagePassing(MessagePassingSettings()).eval()


@pytest.fixture(scope="module")
def recipe():
    """Takes every box for the beginning of a track."""
    return overridden(ModelRecipe(), {"births.confidence": 0.1})


def test_every_range_is_one_of_a_setting(recipe):
    association = ModelRecipe.model_validate({"architecture": {"kind": "association"}})
    online, offline = ({one.path for one in ranges_of(association, mode)} for mode in ("online", "offline"))
    assert online | offline == {one.path for one in RANGES}
    assert "offline.gap_threshold" in offline - online
    assert "relinking.threshold_online" in online - offline
    assert {one.path for one in ranges_of(recipe, "online")} < {one.path for one in RANGES}


def test_it_finds_what_helps_and_holds_out(scorer, recipe, tmp_path):
    videos = {name: video(name, 0.9) for name in "ABC"}
    options = TuningOptions(trials=8, folds=3, log=tmp_path / "log")
    told = []
    found = tune(videos, scorer, recipe, options, lambda *what: told.append(what))
    assert found.settings["births.confidence"] > 0.5
    assert found.recipe == overridden(recipe, found.settings)
    assert (found.gain(found.found) > 10).all()
    assert list(found.held_out) == list("ABC")
    assert (found.gain(found.held_out) > 10).all()
    assert {what for what, _, _ in told} == {ALL, *(f"without fold {number} of 3" for number in (1, 2, 3))}
    again = tune(videos, scorer, recipe, options)  # nothing is left to try
    assert again == found


def test_what_is_held_out_chooses_nothing(scorer, recipe, monkeypatch):
    """Searches see the videos of the other folds alone."""
    seen: dict[str, set[str]] = {}
    best = _Search.best

    def noted(self, videos, title, searches):
        seen[title] = set(videos)
        return best(self, videos, title, searches)

    monkeypatch.setattr(_Search, "best", noted)
    tune({name: video(name, 0.9) for name in "ABCD"}, scorer, recipe, TuningOptions(trials=1, folds=2))
    assert seen == {"without fold 1 of 2": set("BD"), "without fold 2 of 2": set("AC"), ALL: set("ABCD")}


def test_one_video_cannot_be_held_out(scorer, recipe):
    found = tune({"A": video("A", 0.9)}, scorer, recipe, TuningOptions(trials=2))
    assert found.held_out == {}
    assert any("not known" in line for line in lines(found))


def test_no_video(scorer, recipe):
    with pytest.raises(DataError, match="no video to tune on"):
        tune({}, scorer, recipe)


def test_no_time_is_left_the_start_is_still_tried(scorer, recipe):
    found = tune({"A": video("A", 0.9)}, scorer, recipe, TuningOptions(trials=50, timeout=1e-9))
    assert (found.settings, found.found) == ({}, found.start)


@pytest.mark.parametrize(
    ("names", "mode", "start", "problem"),
    [
        ("AB", "online", {}, "other videos"),
        ("A", "offline", {}, "other mode"),
        ("A", "online", {"links.threshold": 0.3}, "other settings to begin from"),
    ],
)
def test_trials_of_another_question_are_refused(scorer, recipe, tmp_path, names, mode, start, problem):
    log = tmp_path / "log"
    tune({"A": video("A", 0.9)}, scorer, recipe, TuningOptions(trials=1, folds=1, log=log))
    videos = {name: video(name, 0.9) for name in names}
    with pytest.raises(DataError, match=problem):
        tune(videos, scorer, overridden(recipe, start), TuningOptions(mode, trials=1, folds=1, log=log))


def test_the_words():
    start, recipe = {"A": 50.0, "B": 60.0}, ModelRecipe()
    text = lines(Tuned(recipe, {"links.memory": 2.5}, start, {"A": 52.0, "B": 62.0}, {"A": 49.0, "B": 59.5}))
    assert text == [
        "settings: links.memory 2.5",
        "mean HOTA of the videos that chose them: 55.0 before, 57.0 now",
        "videos that chose nothing: -0.8 HOTA on average (A -1.0, B -0.5)",
        "that is no gain: the settings of before are the safer ones",
    ]


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("10m", 600), ("1.5h", 5400), ("5s", 5), (None, None)])
def test_times(text, seconds):
    assert _seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "0", "-3", "3x", "m"])
def test_no_times(text):
    with pytest.raises(DataError, match="--timeout"):
        _seconds(text)


def test_the_plot(tmp_path):
    from gnntrack.inspection.plots.tuning import plot_tuning

    plot_tuning([1.0, 3.0, 2.0], {"links.memory": 0.7, "births.confidence": 0.3}, tmp_path / "a.png")
    plot_tuning([1.0], {}, tmp_path / "b.png")
    assert all((tmp_path / name).stat().st_size > 1000 for name in ("a.png", "b.png"))
