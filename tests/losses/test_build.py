"""Recipes: every shipped one works, and mistakes in one are clear."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch_geometric.data import Data

from gnntrack import recipes
from gnntrack.errors import DataError
from gnntrack.losses import LinkLoss, LossSettings, SumLoss, UniTrackLoss, build_loss
from gnntrack.losses.presets import TERM_NAMES

Scene = Callable[..., Data]


@pytest.mark.parametrize("name", recipes.names("losses"))
def test_every_recipe_trains(name: str, scene: Scene) -> None:
    data = scene(0)
    loss = build_loss(name)
    logits = torch.zeros(data.edge_index.shape[1], dtype=torch.float64, requires_grad=True)
    output = loss(logits, data)
    output.total.backward()
    assert logits.grad is not None and float(logits.grad.abs().sum()) > 0 and output.parts


def test_the_promised_recipes_are_there() -> None:
    removed = {f"unitrack-no-{term}" for term in TERM_NAMES}
    promised = {"unitrack", "unitrack-paper", "unitrack-fixed", "unitrack-learned", "bce", "focal", "softmax"}
    assert promised | removed <= set(recipes.names("losses"))
    assert all(recipes.load("losses", name, LossSettings).description for name in promised | removed)


@pytest.mark.parametrize("term", TERM_NAMES)
def test_a_removed_term_is_gone(term: str) -> None:
    loss = build_loss(f"unitrack-no-{term}")
    assert isinstance(loss, SumLoss) and loss.unitrack.term_names == set(TERM_NAMES) - {term}


def test_ablations_differ_from_the_default_in_one_thing() -> None:
    default = recipes.load("losses", "unitrack", LossSettings)
    for name in (*(f"unitrack-no-{term}" for term in TERM_NAMES), "unitrack-fixed", "unitrack-learned"):
        other = recipes.load("losses", name, LossSettings)
        assert other.link == default.link and default.unitrack is not None and other.unitrack is not None
        same = default.unitrack.model_dump()
        assert sum(same[key] != value for key, value in other.unitrack.model_dump().items()) == 1


def test_settings_build_the_parts_alone() -> None:
    assert isinstance(build_loss(LossSettings.model_validate({"link": {"kind": "focal"}})), LinkLoss)
    alone = build_loss(LossSettings.model_validate({"unitrack": {"preset": "paper"}}))
    assert isinstance(alone, UniTrackLoss) and alone.reduction == "sum"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("unitrack: {alfa: 0.5}", "unknown key 'unitrack.alfa'; did you mean 'alpha'"),
        ("unitrack: {terms: {temperal: 1}}", "did you mean 'temporal'"),
        ("unitrack: {weighting: laplace}", "unitrack.weighting"),
        ("link: {kind: hinge}", "link.kind"),
        ("unitrack: {floor: 0}", "unitrack.floor"),
        ("description: nothing", "needs link, unitrack or both"),
    ],
)
def test_mistakes_in_a_recipe(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(DataError, match=message):
        build_loss(str(path))
