"""A state whose arrays were changed by hand is refused, or goes on: no identity twice in a frame, no endless loop."""

from __future__ import annotations

import numpy as np
import pytest

from gnntrack.errors import DataError
from gnntrack.loaders.tensors import read_arrays, read_header
from gnntrack.tracking import Tracker
from tests.tracking.test_saved import SIZE, crossing, rewritten


@pytest.fixture(scope="module", params=[0, 9])
def begun(request, tmp_path_factory):
    """A saved tracker whose newest frame has begun a correction, with links that were decided before."""
    tracker = Tracker.from_pretrained("default", **SIZE, lag=request.param)
    path = tmp_path_factory.mktemp("saved") / "state"
    for boxes, _ in crossing(120):
        tracker.update(boxes)
        identities = tracker._stream.stages.corrector
        if identities._begun is not None and identities._decided.shape[1] > 1:
            tracker.save(path)
            return path, request.param
    raise AssertionError("no correction")


def first(values):
    return np.full_like(values, values.flat[0])


CHANGES = {
    "begun without its identities": ("begun.shown", lambda values: None, "no shown in the state"),
    "begun without its links": ("begun.decided", lambda values: None, "no decided in the state"),
    "begun without its boxes": ("begun.settled", lambda values: None, "no settled in the state"),
    "identities of fewer tracks": ("begun.shown", lambda values: values[1:], r"shown of shape \(\d+,\)"),
    "one identity for all": ("begun.shown", first, "an identity of two tracks in the state; give a file that"),
    "an identity twice, before": ("known.shown", first, "an identity of two tracks in the state; give a file that"),
    "no identity": ("begun.shown", np.zeros_like, "identities that nobody was given"),
    "negative identities": ("begun.shown", np.negative, "identities that nobody was given"),
    "identities of nobody": ("begun.shown", lambda values: values + 10**12, "identities that nobody was given"),
    "identities of nobody, before": ("known.shown", lambda values: values + 10**12, "identities that nobody was given"),
    "fewer identities given than tracks": ("last_identity", np.zeros_like, "tracks that are not in order"),
    "links to themselves": ("begun.decided", lambda values: values[:1].repeat(2, 0), "links to earlier tracklets"),
    "links backwards": ("decided", lambda values: values[::-1].copy(), "links to earlier tracklets"),
    "two links of one": ("begun.decided", lambda values: values[:, [0, 0]], "two links of one tracklet"),
    "known tracks of another time": ("known.last", np.negative, "tracks that cannot be"),
    "known tracks of an earlier time": ("known.last", lambda values: values - 1, "tracks that cannot be"),
    "boxes of a later time": ("window", lambda values: values + 1, "boxes of other frames"),
    "boxes of no track": ("window", lambda values: np.where(np.arange(14) == 6, 0, values), "that nobody was given"),
    "boxes of one track": ("window", lambda values: np.where(np.arange(14) == 6, 1, values), "two boxes of one track"),
    "boxes of one identity": ("window", lambda values: np.where(np.arange(14) == 11, 1, values), "two boxes of one"),
}


def changed(path, name, values, folder):
    """The same file elsewhere, with another array."""
    copy = folder / "changed"
    copy.write_bytes(path.read_bytes())
    rewritten(copy, **{name.replace(".", "__"): values})
    return copy


@pytest.mark.parametrize("change", CHANGES)
def test_identities_that_cannot_be_are_refused(begun, change, tmp_path):
    (path, _), (name, spoil, error) = begun, CHANGES[change]
    name = f"corrector.{name}"
    values = read_arrays(path, read_header(path))[name]
    with pytest.raises(DataError, match=error) as caught:
        Tracker.load(changed(path, name, spoil(values), tmp_path))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "spoil", "error"),
    [
        ("corrector.begun.settled", np.zeros_like, "identities that nobody was given"),
        ("corrector.begun.settled", lambda values: values + 0.5, "identities that nobody was given"),
        ("corrector.begun.settled", lambda values: np.full_like(values, np.nan), "settled is not finite"),
        ("report.number", lambda values: values[::-1].copy(), "other frames that wait"),
        ("report.number", lambda values: values - 1, "other frames that wait"),
        ("report.boxes", lambda values: np.roll(values, 1), "other frames that wait"),
    ],
)
def test_frames_that_cannot_wait_are_refused(begun, name, spoil, error, tmp_path):
    path, lag = begun
    if not lag:
        assert "report.number" not in read_arrays(path, read_header(path))
        return
    values = read_arrays(path, read_header(path))[name]
    with pytest.raises(DataError, match=error):
        Tracker.load(changed(path, name, spoil(values), tmp_path))


def test_a_state_that_does_not_say_which_track_is_the_newest_goes_on(begun, tmp_path):
    """The known tracks say so: a wrong number would make tracks known twice, or never."""
    path, _ = begun
    for number in (None, np.array(0), np.array(10**15)):
        loaded = Tracker.load(changed(path, "corrector.newest", number, tmp_path))
        whole = Tracker.load(path)
        for boxes, _ in crossing(20, seed=1):
            assert loaded.update(boxes).tobytes() == whole.update(boxes).tobytes()
