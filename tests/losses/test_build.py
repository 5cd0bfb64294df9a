"""Recipes: every shipped one works, and mistakes in one are clear."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch_geometric.data import Data

from gnntrack import recipes
from gnntrack.errors import DataError
from gnntrack.losses import LinkLoss, LossSettings, SumLoss, UniTrackLoss, build_loss
from gnntrack.losses.presets import TERM_NAMES
from gnntrack.losses.weighting.weights import FixedWeighting

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
        idle = set() if other.unitrack.weighting is None else {"every"}  # how often λ is computed, where it is
        assert sum(same[key] != value for key, value in other.unitrack.model_dump().items() if key not in idle) == 1


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
        ("unitrack: {preset: log, alpha: 0.5}", "alpha does nothing in the preset log"),
        ("unitrack: {preset: log, counts: hard}", "counts does nothing in the preset log"),
        ("unitrack: {preset: log, flows: sinkhorn}", "flows does nothing in the preset log"),
        ("description: nothing", "needs link, unitrack or both"),
    ],
)
def test_mistakes_in_a_recipe(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    with pytest.raises(DataError, match=message):
        build_loss(str(path))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"link": {"kind": "softmax", "gamma": 3.0}}, r"gamma does nothing with kind: softmax; .*kind: focal obeys it"),
        ({"link": {"kind": "bce", "focal_alpha": 0.5}}, "focal_alpha does nothing with kind: bce"),
        ({"link": {"kind": "focal", "positive_weight": 3.0}}, "positive_weight does nothing with kind: focal"),
        ({"unitrack": {"sinkhorn_steps": 5}}, "sinkhorn_steps does nothing with flows: softmax"),
        ({"unitrack": {"weighting": "fixed", "every": 8}}, "every does nothing with weighting: fixed"),
        ({"unitrack": {"weighting": "learned", "floor": 0.2}}, "floor does nothing with weighting: learned"),
        ({"unitrack": {"weighting": "fixed", "laplacian": "normalised"}}, "laplacian does nothing"),
        ({"unitrack": {"weighting": "fixed", "smoothing": 0.5}}, "smoothing does nothing"),
        ({"unitrack": {"terms": {"flow": 0.0}, "alpha": 0.5}}, "alpha does nothing without the flow term"),
        ({"unitrack": {"terms": {"flow": 0.0}, "counts": "hard"}}, "counts does nothing without the flow term"),
    ],
)
def test_idle_settings_are_errors(content: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        recipes.parse(content, LossSettings)


def test_idle_arguments_are_errors() -> None:
    with pytest.raises(DataError, match="every does nothing with weighting: fixed"):
        UniTrackLoss(weighting="fixed", every=8)
    with pytest.raises(DataError, match="floor does nothing with weighting: a module of your own"):
        UniTrackLoss(weighting=FixedWeighting(), floor=0.1)
    with pytest.raises(DataError, match="sinkhorn_steps does nothing with flows: softmax"):
        UniTrackLoss(sinkhorn_steps=3)
    assert UniTrackLoss(flows="sinkhorn", sinkhorn_steps=3).sinkhorn_steps == 3
