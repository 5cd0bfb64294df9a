"""The terms of the presets, number by number."""

from __future__ import annotations

import pytest

from gnntrack.errors import DataError
from gnntrack.losses import UniTrackLoss
from gnntrack.losses.presets import preset_terms


def described(preset: str) -> dict[str, str]:
    return {term.name: term.extra_repr() for term in preset_terms(preset)}  # type: ignore[arg-type]


def test_default() -> None:
    assert described("default") == {
        "flow": "weight=1.0, alpha=0.9, literal=False, counts=soft",
        "spatial": "weight=4.0, links=false, saturation=1.0, units=height",
        "temporal": "weight=4.0, excess=True, saturation=4.0, literal=False, units=height",
        "conservation": "weight=1.0, per_side=True",
    }


def test_paper() -> None:
    assert described("paper") == {
        "flow": "weight=1.0, alpha=0.9, literal=True, counts=hard",
        "spatial": "weight=1.0, links=all, units=diagonal",
        "temporal": "weight=1.0, excess=False, literal=True, units=diagonal",
        "conservation": "weight=0.0, per_side=False",
    }


def test_log() -> None:
    assert described("log") == {
        "flow": "weight=1.0",
        "spatial": "weight=1.0, saturation=1.0, units=height",
        "temporal": "weight=1.0, saturation=4.0, units=height",
        "conservation": "weight=1.0",
        "path": "weight=0.0",
    }
    assert UniTrackLoss(preset="log").weighting.parts and not UniTrackLoss().weighting.parts
    for setting in ({"alpha": 0.5}, {"counts": "hard"}, {"flows": "sinkhorn"}):
        with pytest.raises(DataError, match="no effect in the preset 'log'"):
            UniTrackLoss(preset="log", **setting)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("preset", "floor", "kind", "reduction", "strength"),
    [
        ("default", 0.1, "normalised", "mean", "one"),
        ("log", 0.1, "normalised", "mean", "one"),
        ("paper", 1e-6, "combinatorial", "sum", "logit"),
    ],
)
def test_what_else_a_preset_sets(preset: str, floor: float, kind: str, reduction: str, strength: str) -> None:
    loss = UniTrackLoss(preset=preset)  # type: ignore[arg-type]
    weighting = loss.weighting
    assert (weighting.floor, weighting.kind, weighting.smoothing, weighting.every) == (floor, kind, 0.0, 1)
    assert (loss.reduction, loss.strength, loss.flows, loss.sinkhorn_steps) == (reduction, strength, "softmax", 10)
    assert loss.log_normalise and loss.weight == 1.0
