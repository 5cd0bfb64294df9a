"""Apart, classes share nothing but the camera: tracking a mixture is tracking each class by itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gnntrack.association import life_cycle, linker
from gnntrack.models import load_for_tracking
from gnntrack.models.overriding import overridden
from gnntrack.sequence import DETECTION
from gnntrack.tracking import track_offline, track_online
from tests.conftest import make_sequence

#: Without correction after crossings: which moments are looked at hangs on all tracks.
UNCORRECTED = {"relinking.crowd": 0, "relinking.crowd_online": 0, "births.trial_share": 0.6, "confirm": 2}


@pytest.fixture(scope="module")
def default():
    model, recipe = load_for_tracking("default")
    return model, overridden(recipe, UNCORRECTED)


def hold_still(patch):
    """The camera stands, whatever boxes say."""
    patch.setattr(life_cycle, "step_of_camera", lambda before, now: np.zeros(2))
    patch.setattr(linker.AssociationLinker, "_are_plain", lambda *_: False)  # all goes through the former


def scene(seed: int, frames: int = 24):
    """Boxes of two classes that walk through each other; some are missed, some are faint, some are false."""
    rng = np.random.default_rng(seed)
    rows = []
    for kind in (1, 3):
        for _ in range(rng.integers(2, 5)):
            place, speed = rng.uniform(100, 400, 2), rng.normal(0, 4, 2)
            first, last = sorted(rng.integers(1, frames + 1, 2))
            for frame in range(first, last + 1):
                if rng.random() < 0.9:
                    x, y = place + speed * (frame - first) + rng.normal(0, 1, 2)
                    rows.append((frame, -1, x, y, 40.0 + kind, 90.0, rng.uniform(0.3, 1), kind))
        for frame in rng.integers(1, frames + 1, 6):
            rows.append((frame, -1, *rng.uniform(50, 400, 2), 40.0, 90.0, rng.uniform(0.2, 0.9), kind))
    return make_sequence(sorted(rows), "frame id x y w h conf class_id", length=frames)


def named(tracks, rows):
    """Identities in the order in which they appear, and the boxes, by the row of the detection."""
    table = tracks.boxes[tracks.boxes[DETECTION] >= 0]
    numbers = {identity: place for place, identity in enumerate(dict.fromkeys(table["id"]))}
    by_row = dict(zip(rows[table[DETECTION]].tolist(), table["id"].map(numbers), strict=True))
    return by_row, table[["x", "y", "w", "h"]].to_numpy()


@pytest.mark.parametrize(
    "run", [track_online, lambda *told, **named: track_online(*told, lag=4, **named), track_offline]
)
@settings(max_examples=12)
@given(seed=st.integers(0, 10**6))
def test_a_mixture_is_tracked_as_each_class_alone(default, run, seed):
    with pytest.MonkeyPatch.context() as patch:
        hold_still(patch)
        boxes = scene(seed)
        mixed = run(boxes, *default, classes="separate")
        kinds = boxes.boxes["class_id"].to_numpy()
        for kind in (1, 3):
            rows = np.flatnonzero(kinds == kind)
            alone, one_box = named(run(boxes.take(rows), *default, classes="separate"), rows)
            part = mixed.take((mixed.boxes["class_id"] == kind).to_numpy())
            together, other_box = named(part, np.arange(len(boxes)))
            assert together == alone
            np.testing.assert_allclose(other_box, one_box, atol=1e-3)


def test_groups_are_apart_and_together_inside(default, monkeypatch):
    """Two classes of one group are tracked as if they were one class."""
    hold_still(monkeypatch)
    boxes = scene(5)
    kinds = boxes.boxes["class_id"].to_numpy()
    renamed = replace(boxes, boxes=boxes.boxes.assign(class_id=np.where(kinds == 3, 4, 1)))
    one = track_online(boxes, *default, classes=[[1, 3]]).boxes["id"].tolist()
    other = track_online(renamed, *default, classes=[[1, 4]]).boxes["id"].tolist()
    alike = track_online(replace(boxes, boxes=boxes.boxes.assign(class_id=1)), *default).boxes["id"].tolist()
    assert one == other == alike
