"""Clips of videos whose camera motion is known: the matrices belong to what the clip shows, whatever was changed."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from gnntrack.datasets.labelled import Labelled, label_annotations
from gnntrack.geometry.camera_motion import STILL, moved
from gnntrack.models import AssociationNetworkSettings, AugmentationSettings, RelinkingStageSettings, load_weights
from gnntrack.training import clips
from gnntrack.training.clips import Clip, ClipSource
from gnntrack.training.relinking_examples import TrackedGraphs
from gnntrack.training.rollout import Rollout
from gnntrack.training.smoothing_examples import offline, online
from tests.conftest import make_sequence
from tests.tracking.test_camera import FRAMES, PEOPLE, through, world

#: What changes where boxes are seen, without moving objects against each other.
NOTHING = {"flip": 0, "pan": 0, "skip": 1, "stretch": 0}
STEADY = {"jitter": 0, "drift": 0, "doubt": 0, "drop": 0.2, "drop_run": 0, "spurious": 0, "overlay": 0}
KINDS = {
    "nothing": ({}, 0.0),
    "flips": ({"flip": 1}, 0.0),
    "time skips": ({"skip": 3}, 0.0),
    "pans": ({"pan": 0.3}, 0.0),
    "stretching": ({"stretch": 0.3}, 0.0),
    "backwards": ({}, 1.0),
    "all": ({"flip": 0.5, "skip": 3, "pan": 0.3, "stretch": 0.3}, 0.5),
}


def statues(missing: int = 0) -> Labelled:
    """People who stand still, seen through a camera that pans and zooms; no boxes in the first frames."""
    rows = [
        (frame, person + 1, 100.0 + 80 * person, 100.0 + 20 * person, 30.0, 70.0)
        for frame in range(1 + missing, FRAMES + 1)
        for person in range(PEOPLE)
    ]
    return label_annotations(through(make_sequence(rows, length=FRAMES)))


def off(clip: Clip) -> float:
    """How far, in pixels, the camera's motion leads from where a statue was to where it is, at most."""
    assert clip.camera is not None
    worst = 0.0
    for person in np.unique(clip.identity):
        boxes = clip.detections[clip.identity == person]
        for one, other in pairwise(boxes):
            expected = moved(one[:4], clip.camera.between(int(one[4]), int(other[4])))
            worst = max(worst, np.abs(expected - other[:4])[:2].max())
            assert other[3] / one[3] == pytest.approx(expected[3] / one[3], rel=1e-6)
    return worst


@pytest.fixture
def told(monkeypatch):
    """Every network is told."""
    monkeypatch.setattr(clips, "TOLD", 1.0)


@pytest.mark.parametrize("kind", KINDS)
def test_the_motion_is_that_of_the_clip(told, kind):
    changes, reverse = KINDS[kind]
    source = ClipSource([statues()], AugmentationSettings(**{**STEADY, **NOTHING, **changes}), FRAMES, reverse, 0.0)
    drawn = [source.draw(np.random.default_rng(seed)) for seed in range(12)]
    assert max(map(off, drawn)) < 1e-6
    assert min(len(clip.detections) for clip in drawn) > 30


@pytest.mark.parametrize("reverse", [0.0, 1.0])
def test_clips_longer_than_the_video_and_frames_without_boxes(told, reverse):
    source = ClipSource(
        [statues(missing=9)], AugmentationSettings(**{**STEADY, "stretch": 0}), 3 * FRAMES, reverse, 0.0
    )
    assert max(off(source.draw(np.random.default_rng(seed))) for seed in range(8)) < 1e-6


def test_half_of_the_networks_are_told_and_nothing_else_changes():
    item = statues()
    plain = replace(item, sequence=replace(item.sequence, camera=None))
    known, unknown = (ClipSource([one], AugmentationSettings(overlay=0), FRAMES) for one in (item, plain))
    told = 0
    for seed in range(40):
        one, other = (source.draw(np.random.default_rng(seed)) for source in (known, unknown))
        np.testing.assert_array_equal(one.detections, other.detections)
        assert other.camera is None
        told += one.camera is not None
    assert 10 < told < 30


def test_of_two_clips_in_one_image_no_camera_is_known(told):
    source = ClipSource([statues()], AugmentationSettings(overlay=1), FRAMES)
    assert all(source.draw(np.random.default_rng(seed)).camera is None for seed in range(5))


def graphs(labelled: Labelled) -> list[np.ndarray]:
    """Features of the pairs that a rollout meets."""
    settings = AugmentationSettings(**{**STEADY, **NOTHING, "drop": 0})
    rollout = Rollout(ClipSource([labelled], settings, FRAMES, 0.0, 0.0), [3], 0.0, AssociationNetworkSettings())
    found = []
    for _ in range(60):  # more than one clip
        rollout.next()
        found.append(rollout.graph.edge_attr)
        rollout.commit(np.zeros(len(rollout.label)))
    memory = rollout.memory()
    again = Rollout(rollout.source, [3], 0.0, AssociationNetworkSettings())
    again.restore(memory)
    for subject in (rollout, again):
        subject.next()
        found.append(subject.graph.edge_attr)
    np.testing.assert_array_equal(found[-1], found[-2])
    return found


def test_rollouts_see_what_a_still_camera_sees(told):
    scene = world()
    still = replace(scene, camera=np.tile(STILL, (FRAMES, 1, 1)))
    for one, other in zip(graphs(label_annotations(still)), graphs(label_annotations(through(scene))), strict=True):
        np.testing.assert_allclose(one, other, atol=2e-4)


def test_relinking_learns_from_what_a_still_camera_sees(told):
    model, recipe = load_weights("default")
    scene = world(35)
    settings = RelinkingStageSettings(moments=3, length=FRAMES)
    maker = TrackedGraphs(model, recipe, settings, model.settings.tracklets, False)
    still = replace(scene, camera=np.tile(STILL, (FRAMES, 1, 1)))
    found = [maker.of_video(label_annotations(one), np.random.default_rng(0)) for one in (still, through(scene))]
    assert len(found[0]) == len(found[1]) > 0
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one.label, other.label)
        # probabilities of links depend on how far away the image's border is
        near = np.isclose(one.graph.edge_attr, other.graph.edge_attr, atol=1e-3)
        assert near.mean() > 0.95


@pytest.mark.parametrize("boxes_of", [online, offline])
def test_smoothing_learns_from_what_a_still_camera_sees(boxes_of):
    model, recipe = load_weights("default")
    scene = world()
    still = replace(scene, camera=np.tile(STILL, (FRAMES, 1, 1)))
    one, other = (boxes_of(sequence, model, recipe) for sequence in (still, through(scene)))
    assert len(one.frame) > 100 and len(one.frame) == len(other.frame)
    for frame in (3, 20, FRAMES):
        here = np.sort(one.features[one.frame == frame], axis=0), np.sort(other.features[other.frame == frame], axis=0)
        np.testing.assert_allclose(*here, atol=5e-3)
