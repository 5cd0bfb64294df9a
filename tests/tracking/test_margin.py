"""Tracks that are rather cut than mixed: links.margin."""

from __future__ import annotations

import pytest

from gnntrack import recipes
from gnntrack.datasets.synthetic import SceneSettings, find_detector, make_scene, simulate
from gnntrack.errors import DataError
from gnntrack.evaluation import evaluate
from gnntrack.models import ModelRecipe, load_for_tracking
from gnntrack.models.overriding import overridden
from gnntrack.sequence import Sequence
from gnntrack.tracking import Tracker, track_offline, track_online


@pytest.fixture(scope="module")
def default():
    return load_for_tracking("default")


@pytest.fixture(scope="module")
def dancers() -> tuple[Sequence, Sequence]:
    """Two groups who swap places, with detections."""
    truth = make_scene(SceneSettings(objects=10, frames=120, dancers=1.0, seed=2))
    return truth, simulate(truth, find_detector("dancetrack-yolox"), 2)


def tracked(dancers, default, mode: str, margin: float | None) -> tuple[float, Sequence]:
    truth, detections = dancers
    model, recipe = default
    if margin is not None:
        recipe = overridden(recipe, {"links.margin": margin})
    if mode == "offline":
        tracks = track_offline(detections, model, recipe)
    else:
        tracks = track_online(detections, model, recipe, lag=15 if mode == "lag" else 0)
    return evaluate({"a": (truth, tracks)})["a"]["purity"], tracks


@pytest.mark.parametrize("mode", ["online", "lag", "offline"])
def test_the_larger_the_margin_the_purer_the_tracks(dancers, default, mode):
    purity, count = [], []
    for margin in (0.0, 0.4, 0.8):
        pure, tracks = tracked(dancers, default, mode, margin)
        purity.append(pure)
        count.append(tracks.boxes["id"].nunique())
    assert purity[0] + 0.03 < purity[1] < purity[2], purity
    assert count[0] < count[1] < count[2], count


@pytest.mark.parametrize("mode", ["online", "offline"])
def test_without_a_margin_nothing_changes(dancers, default, mode):
    plain, zero = (tracked(dancers, default, mode, margin)[1] for margin in (None, 0.0))
    assert plain.boxes.equals(zero.boxes)


def test_boxes_go_on_in_new_tracks(dancers, default):
    """What is not clear is cut, not left out."""
    _, loose = tracked(dancers, default, "online", 0.0)
    _, strict = tracked(dancers, default, "online", 0.4)
    assert len(strict) > 0.97 * len(loose)


def test_a_link_with_a_rival_is_not_made(default):
    """Two people meet in one place, and one box goes on from there: whose it is, is not known."""
    model, recipe = default
    results = {}
    for margin in (0.0, 0.5):
        tracker = Tracker(model, overridden(recipe, {"links.margin": margin}), width=640, height=480)
        for step in range(12):
            left, right = 200.0 + 5 * step, 314.0 - 5 * step
            tracker.update([[left, 100, left + 40, 190, 0.9, 1], [right, 100, right + 40, 190, 0.9, 1]])
        rows = tracker.update([[257, 100, 297, 190, 0.9, 1]])
        results[margin] = set(rows[:, 4].tolist())
        made = [track for track in tracker.tracks if track.probability is not None]
        assert all(track.margin >= margin for track in made)
    assert results[0.0] <= {1.0, 2.0}
    assert not results[0.5] & {1.0, 2.0}


def test_who_obeys_it():
    with pytest.raises(DataError, match="margin"):
        recipes.parse(
            {"architecture": {"kind": "message_passing"}, "tracking": {"links": {"margin": 0.3}}}, ModelRecipe
        )
    with pytest.raises(DataError, match="margin"):
        overridden(load_for_tracking("default")[1], {"links.margin": 1.0})
