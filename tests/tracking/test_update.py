"""What ``update`` takes, and what it refuses without a trace."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch

from gnntrack.errors import DataError
from gnntrack.models import MessagePassingSettings, ModelRecipe, build_model, load_weights
from gnntrack.tracking import Tracker, track_offline, track_online
from gnntrack.tracking.detections import detection_array, rounded
from gnntrack.tracking.scoring import probabilities
from tests.conftest import Detections, make_sequence


@pytest.fixture(scope="module")
def default():
    return load_weights("default")


@pytest.fixture
def tracker(default):
    return Tracker(*default, width=640, height=480)


def frames(count=14):
    """Two people who pass, and one who stands."""
    for step in range(count):
        left, right = 200.0 + 8 * step, 312.0 - 8 * step
        rows = [[left, 100, left + 40, 190, 0.9, 1], [right, 108, right + 40, 198, 0.8, 2], [500, 90, 540, 180, 0.7, 0]]
        yield np.array(rows)


def results_of(tracker, convert=lambda frame: frame):
    return [tracker.update(convert(frame)) for frame in frames()]


def ultralytics(frame, tracked=False):
    """What Ultralytics' ``Results`` look like from outside; with identities between corners and confidence."""
    data = torch.from_numpy(np.insert(frame, 4, 7, axis=1) if tracked else frame)
    return SimpleNamespace(boxes=SimpleNamespace(data=data, xyxy=data[:, :4]), names={0: "person"})


@pytest.mark.parametrize(
    "convert",
    [
        torch.from_numpy,
        lambda frame: torch.from_numpy(frame).requires_grad_(),
        lambda frame: [torch.from_numpy(row).requires_grad_() for row in frame],
        lambda frame: frame.tolist(),
        lambda frame: tuple(map(tuple, frame.tolist())),
        lambda frame: [[Fraction(value) for value in row] for row in frame.tolist()],
        lambda frame: [[Decimal(value) for value in row] for row in frame.tolist()],
        lambda frame: frame.astype(object),
        lambda frame: np.asfortranarray(frame),
        lambda frame: pd.DataFrame(frame),
        ultralytics,
        lambda frame: ultralytics(frame, tracked=True),
    ],
)
def test_every_form_gives_the_same(default, convert):
    expected = results_of(Tracker(*default, width=640, height=480))
    given = results_of(Tracker(*default, width=640, height=480), convert)
    assert all(np.array_equal(one, other) for one, other in zip(given, expected, strict=True))


@pytest.mark.parametrize("kind", [torch.float32, torch.float16, torch.bfloat16])
def test_tensors_of_few_digits(default, kind):
    rough = [torch.from_numpy(frame).to(kind) for frame in frames()]
    one, other = (Tracker(*default, width=640, height=480) for _ in range(2))
    for tensor in rough:
        np.testing.assert_array_equal(
            one.update(tensor.requires_grad_()), other.update(tensor.detach().double().numpy())
        )


@pytest.mark.parametrize("nothing", [[], (), np.zeros(0), np.zeros((0, 6)), torch.zeros(0), torch.zeros(0, 6)])
def test_a_frame_without_boxes(tracker, nothing):
    results_of(tracker)
    assert tracker.update(nothing).shape == (0, 8)
    assert tracker._stream.frame == 15


def test_what_comes_in_is_not_changed(tracker):
    frame = torch.from_numpy(next(frames()))
    before = frame.clone()
    tracker.update(frame)[:] = -1
    assert torch.equal(frame, before)


GOOD = [10.0, 20.0, 50.0, 90.0, 0.9, 1.0]


def with_value(column, value):
    row = list(GOOD)
    row[column] = value
    return [GOOD, row]


REFUSED = {
    "nothing": (None, "detections are None, not an array of numbers; pass"),
    "text": ("boxes", "detections are 'boxes', not an array"),
    "a number": (3.0, r"detections of shape \(\)"),
    "a set": ({1}, "not an array of numbers"),
    "a mapping": ({"a": 1}, "not an array of numbers"),
    "one row": (GOOD, r"detections of shape \(6,\)"),
    "seven columns": (np.zeros((2, 7)), r"detections of shape \(2, 7\); pass \(N, 6\): x1, .*; \(N, 5\) without class"),
    "three columns": (np.zeros((2, 3)), r"detections of shape \(2, 3\)"),
    "no columns": ([[]], r"detections of shape \(1, 0\)"),
    "three axes": ([[GOOD]], r"detections of shape \(1, 1, 6\)"),
    "ragged rows": ([GOOD, GOOD[:5]], "not an array of numbers"),
    "ragged tensors": ([torch.tensor(GOOD), torch.tensor(GOOD[:5])], "not an array of numbers"),
    "text in a row": (with_value(5, "person"), "not an array of numbers"),
    "numbers as text": ([[str(value) for value in GOOD]], "not an array of numbers"),
    "nothing in a row": (with_value(4, None), "detection 1 is not finite|not an array"),
    "a number of 400 digits": (with_value(0, -(10**400)), "not an array of numbers"),
    "complex": (np.array([GOOD], dtype=complex), "not an array of numbers"),
    "complex tensor": (torch.tensor([GOOD], dtype=torch.complex64), "not an array of numbers"),
    "a tensor without values": (torch.zeros(2, 6, device="meta"), "not an array of numbers"),
    "dates": (np.zeros((1, 6), dtype="M8[s]"), "not an array of numbers"),
    "nan": (with_value(1, np.nan), "detection 1 is not finite"),
    "infinite": (with_value(2, np.inf), "detection 1 is not finite"),
    "nan class": (with_value(5, np.nan), "detection 1 is not finite"),
    "hidden by a mask": (np.ma.masked_array([GOOD], mask=[[0, 0, 0, 0, 1, 0]]), "detection 0 is not finite"),
    "1e300": (with_value(2, 1e300), "detection 1 lies outside of any image"),
    "1e30": (with_value(3, 1e30), "detection 1 lies outside of any image"),
    "-1e30": (with_value(0, -1e30), "detection 1 lies outside of any image"),
    "too wide": ([[-8e6, 0, 8e6, 10, 0.9, 1]], "detection 0 lies outside of any image"),
    "turned around": (with_value(0, 60.0), "detection 1 has x2 ≤ x1"),
    "without height": (with_value(3, 20.0), "detection 1 has x2 ≤ x1 or y2 ≤ y1"),
    "percent": (with_value(4, 90.0), "detection 1 has confidence 90; pass 0 to 1"),
    "negative confidence": (with_value(4, -0.1), "detection 1 has confidence -0.1"),
    "half a class": (with_value(5, 0.5), "detection 1 has class 0.5; pass a whole number"),
    "a class of 1e300": (with_value(5, 1e300), r"detection 1 has class 1e\+300"),
    "a list of results": ([ultralytics(np.array([GOOD]))], r"a list of one image's results; .*update\(results\[0\]\)"),
    "results of two images": ([{"boxes": []}, {"boxes": []}], r"the results of 2 images; pass those of one frame"),
    "boxes of three numbers": (
        {"boxes": np.zeros((2, 3)), "scores": np.ones(2)},
        r"boxes of shape \(2, 3\); pass \(N, 4\)",
    ),
    "too few scores": ({"boxes": np.array([GOOD[:4]] * 2), "scores": [0.9]}, r"confidence of shape \(1,\) for 2 boxes"),
    "labels in words": ({"boxes": [GOOD[:4]], "labels": ["person"]}, "class are .*not an array of numbers"),
    "sizes for corners": (
        {"boxes": [[10.0, 200, 40, 90]]},
        "detection 0 has x2 ≤ x1 or y2 ≤ y1: .*not left, top, w, h",
    ),
    "a table without boxes": (pd.DataFrame({"a": [1], "b": [2]}), "no box among the columns a, b; name the box x1, y1"),
    "columns named twice": (
        pd.DataFrame([GOOD], columns=["x1", "y1", "x2", "y2", "X1", "y"]),
        "two columns are named 'X1'",
    ),
    "results without boxes": (SimpleNamespace(boxes=None), "boxes are None; pass results with upright boxes"),
    "results of segments": (SimpleNamespace(boxes=SimpleNamespace(data=np.zeros((2, 9)))), r"shape \(2, 9\)"),
    "xyxy that is none": (Detections(np.zeros((2, 5))), r"xyxy of shape \(2, 5\)"),
    "too few confidences": (
        Detections(np.array([GOOD[:4]] * 2), np.ones(1)),
        r"confidence of shape \(1,\) for 2",
    ),
    "too many classes": (Detections(np.array([GOOD[:4]]), None, np.ones((1, 2))), r"class of shape \(1, 2\) for 1"),
    "far corners": (Detections(np.array([[0.0, 0, 1e30, 5]])), "detection 0 lies outside of any image"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_leaves_no_trace(default, name):
    wrong, message = REFUSED[name]
    expected = results_of(Tracker(*default, width=640, height=480))
    tracker = Tracker(*default, width=640, height=480)
    for frame, result in zip(frames(), expected, strict=True):
        with pytest.raises(DataError, match=message):
            tracker.update(wrong)
        assert np.array_equal(tracker.update(frame), result)


def test_refused_boxes_do_not_make_the_image_larger(default):
    tracker = Tracker(*default)
    results_of(tracker)
    view = tracker.view
    for wrong, _ in REFUSED.values():
        with pytest.raises(DataError):
            tracker.update(wrong)
    assert tracker.view == view
    assert tracker._stream.frame == 14


@pytest.mark.parametrize(
    ("vectors", "message"),
    [
        (np.ones((2, 4)), r"embeddings of shape \(2, 4\) for 3 boxes"),
        (np.ones((3, 5)), "embeddings of 5 numbers after some of 4"),
        (np.full((3, 4), np.nan), "an embedding is not finite"),
        (np.full((3, 4), 1e300), "an embedding is not finite"),
        ([[1.0], [1.0, 2.0], [1.0]], "embeddings are .* not an array of numbers; pass one row of numbers a box"),
        ("vectors", "embeddings are 'vectors', not an array"),
    ],
)
def test_refused_embeddings_leave_no_trace(vectors, message):
    torch.manual_seed(0)
    recipe = ModelRecipe.model_validate({"architecture": {"kind": "association", "hidden": 8, "appearance": True}})
    model = build_model(recipe)
    embeddings = torch.eye(3, 4)
    expected, tracker = Tracker(model, recipe, width=640, height=480), Tracker(model, recipe, width=640, height=480)
    for number, frame in enumerate(frames(6)):
        if number:
            with pytest.raises(DataError, match=message):
                tracker.update(frame, vectors)
        given = embeddings.requires_grad_() if number % 2 else embeddings.tolist()
        assert np.array_equal(tracker.update(frame, given), expected.update(frame, embeddings.detach().numpy()))


@pytest.mark.parametrize("rate", [30, np.float32(30), np.int64(30), Fraction(30), Decimal(30), torch.tensor(30.0)])
def test_rates_of_any_number_type(default, rate):
    tracker = Tracker(*default, width=np.int64(640), height=torch.tensor(480), frame_rate=rate)
    assert type(tracker.view.frame_rate) is float
    expected = results_of(Tracker(*default, width=640, height=480, frame_rate=30.0))
    assert all(np.array_equal(one, other) for one, other in zip(results_of(tracker), expected, strict=True))


def test_the_rate_of_television(default):
    assert Tracker(*default, frame_rate=Fraction(30000, 1001)).frame_rate == 30000 / 1001


@pytest.mark.parametrize(
    "wrong",
    [{"frame_rate": value} for value in (None, "30", [30], True, np.nan, np.inf, 0, -1, 1j)]
    + [{"width": value} for value in ("640", [640], np.nan, 0, 1e30)],
)
def test_sizes_and_rates_that_are_none(default, wrong):
    with pytest.raises(DataError, match=r"; give "):
        Tracker(*default, **wrong)


def test_boxes_in_whole_numbers_are_rounded(default):
    """The smoothed corners of the last frame, as they are and in whole numbers."""
    exact = results_of(Tracker(*default, width=640, height=480))[-1]
    assert (exact[:, :4] != np.rint(exact[:, :4])).any()
    tracker = Tracker(*default, width=640, height=480)
    for frame in frames():
        given = Detections(frame[:, :4].astype(np.int32), frame[:, 4], frame[:, 5].astype(int))
        tracked = tracker.update(given)
    assert tracked.xyxy.dtype == np.int32
    np.testing.assert_array_equal(tracked.xyxy, np.rint(exact[:, :4]))
    np.testing.assert_array_equal(tracked.tracker_id, exact[:, 4])


def test_boxes_of_a_pixel_keep_it(default):
    tracker = Tracker(*default, width=640, height=480)
    for step in range(14):
        corners = np.array([[100 + step, 50, 101 + step, 51], [300, 200 + step, 301, 201 + step]], dtype=np.int64)
        tracked = tracker.update(Detections(corners, np.full(2, 0.9)))
        assert len(tracked.xyxy) == 2
        assert ((tracked.xyxy[:, 2:] - tracked.xyxy[:, :2]) >= 1).all()


@pytest.mark.parametrize(
    ("kind", "corners", "expected"),
    [
        (np.int32, [2.5, 3.5, 2.6, 3.6], [2, 4, 3, 5]),
        (np.uint8, [-3.0, -0.2, 254.8, 300.0], [0, 0, 255, 255]),
        (np.uint8, [255.0, 254.9, 255.2, 255.3], [254, 254, 255, 255]),
        (np.float32, [1e7, 5.0, 1e7 + 0.1, 9.0], [7, 7, 8, 8]),
        (np.float16, [1e6, 5.0, 2e6, 9.0], [7, 7, 8, 8]),
    ],
)
def test_rounding_keeps_sizes(kind, corners, expected):
    with np.errstate(over="ignore"):
        result = rounded(np.array([corners]), np.array([[7, 7, 8, 8]], dtype=kind))
    assert result.dtype == kind
    assert result.tolist() == [expected]


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_within_the_limits_is_tracked(default, seed):
    """Specks, giants and boxes at the rim of what is allowed raise nothing and give finite boxes."""
    rng = np.random.default_rng(seed)
    tracker = Tracker(*default)
    for _ in range(30):
        first = rng.choice([0.0, -1e7, 9.99e6, 1e-300, 123.4], (5, 2)) * rng.uniform(0, 1, (5, 1))
        size = rng.choice([1e-6, 1.0, 3e3, 9e6], (5, 2))
        corners = np.concatenate([first, np.minimum(first + size, 1e7)], axis=1)
        frame = np.column_stack([corners, rng.choice([0.0, 0.3, 1.0], 5), rng.choice([0.0, -1.0, 2.0**53], 5)])
        frame = frame[((frame[:, 2:4] > frame[:, :2]) & (frame[:, 2:4] - frame[:, :2] <= 1e7)).all(1)]
        assert np.isfinite(tracker.update(frame)).all()


def walkers():
    """Two people who pass and return, as detections."""
    rows = [
        (step + 1, 300 + sign * 60 * np.cos(step / 6), 100 + 6 * sign, 40, 90, 0.9)
        for step in range(40)
        for sign in (-1, 1)
    ]
    return make_sequence(rows, "frame x y w h conf")


@pytest.fixture
def default_dtype():
    yield torch.set_default_dtype
    torch.set_default_dtype(torch.float32)


@pytest.mark.parametrize("run", [track_online, track_offline])
@pytest.mark.parametrize("kind", ["double", "half", "bfloat16"])
@pytest.mark.parametrize("weights", ["default", "window graphs"])
def test_networks_of_any_precision_give_the_same_identities(run, kind, weights):
    torch.manual_seed(0)
    recipe = ModelRecipe(architecture=MessagePassingSettings(hidden=8, rounds=1))
    model, recipe = load_weights("default") if weights == "default" else (build_model(recipe), recipe)
    if weights != "default":  # one that has not learned anything is undecided: its weights are rounded before
        model = getattr(model, kind)().float()
    expected = run(walkers(), model, recipe).boxes
    given = run(walkers(), getattr(model, kind)(), recipe).boxes
    assert given["id"].tolist() == expected["id"].tolist()
    assert torch.float32 not in {parameter.dtype for parameter in model.parameters()}
    tolerance = 1e-6 if kind == "double" else 1.0
    np.testing.assert_allclose(given[["x", "y", "w", "h"]], expected[["x", "y", "w", "h"]], rtol=0, atol=tolerance)


@pytest.mark.parametrize("kind", [torch.float64, torch.float16])
def test_the_default_type_of_torch_does_not_matter(default, default_dtype, kind):
    expected = [run(walkers(), *default).boxes for run in (track_online, track_offline)]
    default_dtype(kind)
    model, recipe = load_weights("default")
    for run, boxes in zip((track_online, track_offline), expected, strict=True):
        assert run(walkers(), model, recipe).boxes.equals(boxes)


def test_the_number_of_threads_does_not_matter():
    """So many links that torch would share them out, and not in whole vectors."""
    logits = 5.0 * torch.sin(torch.arange(111_548.0))
    before, results, inside = torch.get_num_threads(), [], []

    def encoder(_):
        inside.append(torch.get_num_threads())
        return logits

    for count in (1, 2, 3):
        torch.set_num_threads(count)
        results.append(probabilities(encoder, None))
        assert torch.get_num_threads() == count
    torch.set_num_threads(before)
    assert inside == [1, 1, 1]
    assert torch.equal(results[0], results[1]) and torch.equal(results[0], results[2])


def test_an_array_of_its_own():
    frame = next(frames())
    assert not np.shares_memory(detection_array(frame), frame)
    tensor = torch.from_numpy(frame)
    detection_array(tensor)[:] = 0
    assert torch.equal(tensor, torch.from_numpy(next(frames())))
