"""What old recipes said of training finds its stage."""

from __future__ import annotations

from typing import Any

import pytest

from gnntrack import recipes
from gnntrack.errors import DataError
from gnntrack.models import ModelRecipe, load_weights
from gnntrack.models.old_training import with_stages

OLD = {
    "epochs": 3,
    "batch_size": 5,
    "learning_rate": 0.01,
    "weight_decay": 0.3,
    "gradient_clip": 0.7,
    "augmentation": {"flip": 0.1, "overlay": 0.6, "merge": 0.2},
    "rollout": {"length": 50, "window": 3, "steps": 70, "own": 0.4, "reverse": 0.9, "patience": 2},
    "tracklets": {"network": {"hidden": 8}, "clips": 9, "length": 60, "overlay": 0.3, "steps": 80, "batch_size": 4},
    "smoothing": {"network": {"hidden": 16}, "copies": 2, "noise": 0.1, "steps": 90},
    "learn": "appearance",
}
KIND = {"architecture": {"kind": "association"}}


def parsed(training: Any, **architecture: Any) -> ModelRecipe:
    return recipes.parse(with_stages(architecture | {"training": training}), ModelRecipe, stored=True)


def test_every_setting_finds_its_stage() -> None:
    association, relinking, smoothing = (stage.model_dump() for stage in parsed(OLD, **KIND).stages)
    loop = {"batch_size": 5, "learning_rate": 0.01, "weight_decay": 0.3, "gradient_clip": 0.7, "epochs": 3}
    assert association.items() >= (loop | OLD["rollout"] | {"freeze": ("boxes",)}).items()
    assert association["augmentation"].items() >= OLD["augmentation"].items()
    assert relinking.items() >= {"clips": 9, "length": 60, "steps": 80, "batch_size": 4, "reverse": 0.9}.items()
    assert (relinking["freeze"], relinking["network"]["hidden"]) == (("boxes",), 8)
    assert relinking["augmentation"].items() >= (OLD["augmentation"] | {"overlay": 0.3}).items()
    assert smoothing.items() >= {"copies": 2, "noise": 0.1, "steps": 90}.items()
    assert smoothing["network"]["hidden"] == 16


@pytest.mark.parametrize(("learn", "freeze"), [("all", ()), ("appearance", ("boxes",)), ("boxes", ("appearance",))])
def test_learn_was_the_other_way_round(learn: str, freeze: tuple[str, ...]) -> None:
    assert [stage.freeze for stage in parsed({"learn": learn}, **KIND).stages[:2]] == [freeze, freeze]


def test_windows() -> None:
    (stage,) = parsed({"epochs": 7, "augmentation": {"flip": 0.2, "overlay": 0.3}, "rollout": {"steps": 4}}).stages
    assert (stage.train, stage.epochs, stage.augmentation.flip) == ("window", 7, 0.2)


@pytest.mark.parametrize("training", [3, [], None, "all"])
def test_what_was_no_training_is_refused(training: Any) -> None:
    with pytest.raises(DataError, match="unknown key 'training'"):
        parsed(training)


@pytest.mark.parametrize("part", ["rollout", "tracklets", "smoothing"])
def test_what_was_unknown_is_unknown(part: str) -> None:
    with pytest.raises(DataError, match=r"unknown key 'stages\.\d\.\w+\.speed'"):
        parsed({part: {"speed": 3}}, **KIND)


def test_the_shipped_weights_say_how_they_were_trained() -> None:
    association, relinking, smoothing = load_weights("default")[1].stages
    assert (association.epochs, association.steps, relinking.steps, smoothing.steps) == (4, 4000, 2500, 4000)
    assert (association.augmentation.overlay, relinking.augmentation.overlay) == (0.4, 0.2)
