"""A frame in one compiled call is the same as its parts, call by call."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gnntrack.association.histories import observations
from gnntrack.models import load_for_tracking
from gnntrack.models.overriding import overridden
from gnntrack.sequence import View
from tests.conftest import random_boxes

#: Trials, margins, powers: whatever decides.
SETTINGS = {"births.trial_share": 0.6, "births.confirm": 2, "links.margin": 0.2, "links.confidence_power": 0.5}
TURNED = np.array([[1.01, 0.0, 3.0], [0.0, 1.01, -2.0]])


@pytest.fixture(scope="module")
def networks():
    return load_for_tracking("default")


@settings(max_examples=20)
@given(seed=st.integers(0, 1000), changed=st.booleans())
def test_a_frame_at_once_is_as_its_parts_are(networks, seed, changed):
    """Also after empty frames, and where the camera is known; what is remembered afterwards is the same too."""
    model, recipe = networks
    tracking = overridden(recipe, SETTINGS if changed else {}).tracking
    one, other = (model.linker(tracking, View(640, 480, 25)) for _ in range(2))
    other._are_plain = lambda *_: False
    rng = np.random.default_rng(seed)
    box, frame = random_boxes(seed, frames=40)
    for now in range(1, 41):
        here = frame == now if rng.random() < 0.9 else frame < 0
        found = observations(box[here], rng.uniform(0.1, 1, here.sum()), now)
        camera = TURNED if rng.random() < 0.1 else None
        at_once, by_parts = (linker.link(box[here], found, now, camera=camera) for linker in (one, other))
        np.testing.assert_array_equal(at_once.ids, by_parts.ids)
        np.testing.assert_array_equal(at_once.probability, by_parts.probability)
        for left, right in zip(one.table(now), other.table(now), strict=True):
            np.testing.assert_array_equal(left, right)
    state, expected = one.state(), other.state()
    assert state.keys() == expected.keys()
    for name, values in expected.items():
        np.testing.assert_array_equal(state[name], values, err_msg=name)


def test_a_state_that_was_taken_back_stays_as_it_is(networks):
    """Linkers go on in their own memory: one state may begin many of them."""
    model, recipe = networks
    first, again, still = (model.linker(recipe.tracking, View(640, 480, 25)) for _ in range(3))
    box, frame = random_boxes(2, frames=30)
    confidence = np.full(len(box), 0.9)

    def linked(linker, frames):
        return [
            linker.link(box[frame == now], observations(box, confidence, frame)[frame == now], now) for now in frames
        ]

    linked(first, range(1, 16))
    state = first.state()
    kept = {name: values.copy() for name, values in state.items()}
    again.restore(state)
    expected = linked(again, range(16, 31))
    for name, values in kept.items():
        np.testing.assert_array_equal(state[name], values, err_msg=name)
    still.restore(state)
    for one, other in zip(linked(still, range(16, 31)), expected, strict=True):
        np.testing.assert_array_equal(one.ids, other.ids)
        np.testing.assert_array_equal(one.probability, other.probability)
