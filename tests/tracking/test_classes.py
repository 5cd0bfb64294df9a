"""Classes: which boxes are linked, which class a track has; both modes, both kinds of models."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gnntrack.errors import DataError, DataWarning
from gnntrack.evaluation import evaluate
from gnntrack.models import (
    MessagePassing,
    MessagePassingSettings,
    ModelRecipe,
    load_weights,
)
from gnntrack.tracking import Tracker, track_offline, track_online
from tests.conftest import Detections, make_sequence

CAR, VAN, PERSON = 3, 4, 1
NAMES = {CAR: "Car", VAN: "Van", PERSON: "Pedestrian"}


@pytest.fixture(scope="module")
def default():
    return load_weights("default")


@pytest.fixture(scope="module", params=["association", "window"])
def model(request):
    """The shipped weights, and a model of window graphs that links whatever is near."""
    if request.param == "association":
        return load_weights("default")
    torch.manual_seed(0)
    network = MessagePassing(MessagePassingSettings(hidden=8, rounds=1)).eval()
    return lambda graph: network(graph) * 0 + 4 - graph.edge_attr[:, :2].abs().sum(1), ModelRecipe()


def relay(kinds, **options):
    """A box that stands still and changes its class: one class a frame.

    frame 1 2 3 4 5 6
          C C C P P P
    """
    rows = [(frame + 1, -1, 100.0, 100.0, 60.0, 90.0, 0.9, kind) for frame, kind in enumerate(kinds)]
    return make_sequence(rows, "frame id x y w h conf class_id", classes=NAMES, **options)


@pytest.mark.parametrize("run", [track_online, track_offline])
@pytest.mark.parametrize(
    ("classes", "tracks"),
    [
        ("together", 1),
        ("separate", 3),
        ([[CAR, VAN]], 2),
        ([["car", "van"], ["pedestrian"]], 2),
        ([["van", "pedestrian"]], 2),
        ([NAMES.keys()], 1),
    ],
)
def test_boxes_of_classes_that_are_apart_are_not_linked(model, run, classes, tracks):
    found = run(relay([CAR] * 9 + [VAN] * 9 + [PERSON] * 9), *model, classes=classes)
    assert len(found) == 27
    assert found.boxes["id"].nunique() == tracks


@pytest.mark.parametrize("run", [track_online, track_offline])
def test_a_class_that_flips_does_not_break_a_track_and_is_not_reported(model, run):
    detections = relay([CAR, CAR, CAR, VAN, CAR, CAR, PERSON, CAR])
    found = run(detections, *model)
    assert found.boxes["id"].unique().tolist() == [1]
    assert found.boxes["class_id"].tolist() == [CAR] * 8
    assert found.classes == NAMES


def test_an_interpolated_box_has_the_class_of_its_track(default):
    kinds = [CAR, CAR, CAR, CAR, VAN, CAR, CAR, CAR, CAR]
    detections = relay(kinds)
    found = track_offline(detections.take(detections.frames != 6), *default)
    assert (found.boxes["detection"] == -1).sum() == 1
    assert found.boxes["class_id"].tolist() == [CAR] * 9


def two_who_cross(frames=30, **options):
    """A person and a car of one size pass through each other in the middle of the video.

    person 1 ──────╲ ╱──────
                    ╳
    car    2 ──────╱ ╲──────
    """
    rows = []
    for step in range(frames):
        for identity, kind, place in ((1, PERSON, 100.0 + 8 * step), (2, CAR, 100 + 8 * (frames - step))):
            rows.append((step + 1, identity, place, 100.0, 60.0, 90.0, 0.9, kind))
    return make_sequence(rows, "frame id x y w h conf class_id", classes=NAMES, **options)


@pytest.mark.parametrize("run", [track_online, track_offline])
def test_who_is_of_another_class_is_never_mistaken(default, run):
    truth = two_who_cross()
    found = run(truth.without_ids(), *default, classes="separate")
    rows = evaluate({"toy": (truth, found)})
    assert (rows["COMBINED"]["idf1"], rows["COMBINED"]["mota"]) == (1, 1)
    kinds = found.boxes.groupby("id")["class_id"].unique()
    assert [each.tolist() for each in kinds] == [[PERSON], [CAR]]


def test_no_candidate_at_all_begins_a_track(default):
    """In the second frame there is a track and a detection, and nothing to link."""
    tracker = Tracker(*default, width=640, height=480, classes="separate")
    box = [100, 100, 160, 190, 0.9]
    assert tracker.update([[*box, CAR]])[0, 4:7].tolist() == [1, 0.9, CAR]
    assert tracker.update([[*box, PERSON]])[0, 4:7].tolist() == [2, 0.9, PERSON]
    both = tracker.update([[*box, CAR], [*box, PERSON]])
    assert both[1, 4:7].tolist() == [2, 0.9, PERSON]
    alone = Tracker(*default, width=640, height=480)
    (first,), _, (third,) = (alone.update(boxes) for boxes in ([[*box, CAR]], [], [[*box, CAR]]))
    assert (both[0, 4] == 1) == (third[4] == first[4])  # whether the car is found again does not hang on the person
    assert both[0, 6] == CAR


def test_one_class_is_what_it_was_however_it_is_called(default):
    """Classes apart change nothing where there is one class."""
    rng = np.random.default_rng(0)
    start, speed = rng.uniform(50, 500, (6, 2)), rng.normal(0, 6, (6, 2))
    results = []
    for classes in ("together", "separate", [[PERSON, CAR]]):
        tracker = Tracker(*default, width=640, height=480, classes=classes)
        frames = [start + speed * step for step in range(20)]
        boxes = [np.column_stack([at, at + 60, np.full(6, 0.9), np.full(6, PERSON)]) for at in frames]
        results.append(np.concatenate([tracker.update(each) for each in boxes]))
    np.testing.assert_array_equal(results[0], results[1])
    np.testing.assert_array_equal(results[0], results[2])


def test_supervision_gets_the_class_of_the_track(default):
    tracker = Tracker(*default, width=640, height=480)
    for kind in (CAR, CAR, VAN):
        xyxy = np.array([[100.0, 100, 160, 190]])
        tracked = tracker.update(Detections(xyxy, np.array([0.9]), np.array([kind], dtype=np.int32)))
    assert tracked.class_id.tolist() == [CAR]
    assert tracked.class_id.dtype == np.int32


def test_unknown_classes_are_refused(default):
    with pytest.raises(DataError, match="classes 'apart'; give together, separate, or groups"):
        Tracker.from_pretrained("default", classes="apart")
    for run in (track_online, track_offline):
        with pytest.raises(DataError, match="no class 'lorry'; known: Car, Van, Pedestrian"):
            run(relay([CAR]), *default, classes=[["lorry", "car"]])


@pytest.mark.parametrize("run", [track_online, track_offline])
def test_boxes_without_classes_cannot_be_kept_apart(run, default):
    rows = [(frame, -1, 100.0, 100.0, 60.0, 90.0, 0) for frame in range(1, 4)]
    boxes = make_sequence(rows, "frame id x y w h class_id")
    with pytest.warns(DataWarning, match="toy: boxes have no classes, so all are tracked together"):
        run(boxes, *default, classes="separate")
