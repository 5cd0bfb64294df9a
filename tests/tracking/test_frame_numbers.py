"""Frame numbers are names: neither cost nor memory nor results depend on how large they are."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
import torch

from gnntrack.association.histories import observations
from gnntrack.geometry.camera import camera_path
from gnntrack.models import MessagePassingSettings, ModelRecipe, build_model, load_for_tracking, load_weights
from gnntrack.relinking.offline import relink
from gnntrack.relinking.settings import RelinkingSettings
from gnntrack.relinking.tracklets import find_tracklets
from gnntrack.sequence import View
from gnntrack.tracking import Tracker, track_offline, track_online
from tests.conftest import make_sequence

#: Ten days, and the last frame that a video may have.
FAR = [26_000_000, 999_999_960]


def crossing(frames):
    """Two people who pass each other, in these frames: boxes ``(2 F, 4)`` xywh and their frames."""
    step = np.arange(len(frames)) - len(frames) / 2
    left = 300.0 + 8.0 * step
    right = 300.0 - 8.0 * step
    top = np.full(len(step), 100.0)
    size = np.full((len(step), 2), [40.0, 90.0])
    boxes = [np.column_stack([left, top, size]), np.column_stack([right, top + 8.0, size])]
    return np.stack(boxes, 1).reshape(-1, 4), np.repeat(frames, 2)


def video(*frames):
    box, frame = crossing(np.concatenate(frames))
    rows = np.column_stack([frame, box, np.full(len(frame), 0.9)])
    return make_sequence([tuple(row) for row in rows], "frame x y w h conf")


@pytest.mark.parametrize("frame", FAR)
def test_a_stream_costs_the_same_after_ten_days(frame):
    box, moment = crossing(np.arange(40))
    corners = np.column_stack([box[:, :2], box[:, :2] + box[:, 2:], np.full(len(box), 0.9), np.zeros(len(box))])
    results, peaks = [], []
    for start in (0, frame):
        tracker = Tracker.from_pretrained("default", width=640, height=480)
        tracker._stream.frame = start
        tracemalloc.start()
        results.append([tracker.update(corners[moment == now]) for now in range(40)])
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    for early, late in zip(*results, strict=True):
        np.testing.assert_array_equal(late[:, 4:], early[:, 4:])
        np.testing.assert_allclose(late, early, rtol=0, atol=1e-6)
    assert peaks[1] < peaks[0] + 1e6


@pytest.mark.parametrize("run", [track_online, track_offline])
@pytest.mark.parametrize("weights", ["default", "window graphs"])
def test_a_video_with_a_gap_of_years(run, weights):
    model, recipe = load_weights("default")
    if weights != "default":
        torch.manual_seed(0)
        recipe = ModelRecipe(architecture=MessagePassingSettings(hidden=8, rounds=1))
        model = build_model(recipe)
    early, late = np.arange(1, 9), np.arange(8)
    near = run(video(early, 1000 + late, 2000 + late), model, recipe).boxes
    tracemalloc.start()
    far = run(video(early, 400_000_000 + late, 999_999_992 + late), model, recipe).boxes
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert near["id"].nunique() >= 3
    assert far["frame"].max() == 999_999_999
    assert far["id"].tolist() == near["id"].tolist()
    np.testing.assert_allclose(far[["x", "y", "w", "h"]], near[["x", "y", "w", "h"]], rtol=0, atol=1e-6)
    assert peak < 20e6


@pytest.mark.parametrize("frame", FAR)
def test_tracklets_are_the_same_wherever_a_video_begins(frame):
    box, moment = crossing(np.arange(1, 31))
    track = np.tile([1, 2], 30)
    one, other = (find_tracklets(observations(box, np.ones(60), moment + by), track, np.ones(60)) for by in (0, frame))
    np.testing.assert_array_equal(other.of, one.of)
    np.testing.assert_allclose(other.tail.lines[:, :, 1:], one.tail.lines[:, :, 1:], atol=1e-4)
    np.testing.assert_array_equal(other.head.camera, one.head.camera)


def test_the_camera_stands_still_in_frames_without_boxes():
    """Three people, and a camera that moves by 5 pixels a frame."""
    frame = np.repeat([1, 2, 3, 50, 51], 3)
    step, known = np.tile([5.0, 0.0], (15, 1)), np.isin(frame, [2, 3, 51])
    stands = camera_path(frame.astype(float), step, known, np.zeros(2))
    assert stands[::3, 0].tolist() == [0, 5, 10, 10, 15]


def test_boxes_without_a_track_may_come_last():
    box, frame = crossing(np.arange(1, 31))
    track = np.where(frame < 20, np.tile([1, 2], 30), 0)
    assert len(find_tracklets(observations(box, np.ones(60), frame), track, np.ones(60)))


@pytest.mark.parametrize("frame", FAR)
def test_crowds_are_counted_by_frame(frame):
    network = load_for_tracking("default")[0].tracklets
    box, moment = crossing(np.arange(1, 31))
    track = np.tile([1, 2], 30)
    view = View(640, 480, 25.0)
    for settings in (RelinkingSettings(crowd=1), RelinkingSettings(crowd=2)):
        names = [
            relink(observations(box, np.ones(60), moment + by), track, np.ones(60), view, network, settings)
            for by in (0, frame)
        ]
        assert names[0].tolist() == names[1].tolist()
