"""Whole losses under torch.compile: where the graph breaks, that nothing else breaks it, and equal results."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch._dynamo.utils import counters

from gnntrack.errors import DataError
from gnntrack.losses import FocalLinkLoss, SoftmaxLinkLoss, SumLoss, UniTrackCriterion, UniTrackLoss, candidate_graph
from gnntrack.losses.eager import BREAKS, eager

from .conftest import Scene

DOOR, SHARES, CHAINS, PATHS = "candidate_graph", "LaplacianWeighting.forward", "with_chains", "PathTerm.of_logits"
CRITERION = "UniTrackCriterion.window"
#: A loss, and the places where its graph breaks.
WHOLE: dict[str, tuple[Callable[[], nn.Module], set[str]]] = {
    "focal": (FocalLinkLoss, {DOOR}),
    "default": (UniTrackLoss, {DOOR, SHARES}),
    "paper, learned": (lambda: UniTrackLoss(preset="paper", weighting="learned"), {DOOR}),
    "log, path": (lambda: UniTrackLoss({"path": 1.0}, preset="log"), {DOOR, SHARES, CHAINS, PATHS}),
    "sum": (lambda: SumLoss(SoftmaxLinkLoss(), UniTrackLoss(weighting="fixed")), {DOOR}),
}


@pytest.fixture(autouse=True)
def _anew() -> Iterator[None]:
    torch._dynamo.reset()
    counters.clear()
    yield
    torch._dynamo.reset()
    counters.clear()


def found_breaks() -> set[str]:
    """Where compiling broke the graph since the test began; a break without a reason of ours is its own name."""
    places = {reason: place for place, reason in BREAKS.items()}
    texts = list(counters["graph_break"])
    reasons = [re.search(r"\(reason: (.*?)\)(?:\n|$)", text) for text in texts]
    return {places.get(match[1], match[1]) if match else text for match, text in zip(reasons, texts, strict=True)}


def same(ours: Tensor, theirs: Tensor, leaves: list[Tensor]) -> None:
    """Value and gradients."""
    torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-12)
    slopes = (torch.autograd.grad(value, leaves, allow_unused=True) for value in (ours, theirs))
    for mine, other in zip(*slopes, strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-10, atol=1e-12)


def inputs(scene: Scene) -> tuple[Any, Tensor, Tensor]:
    data = scene(1)
    generator = torch.Generator().manual_seed(0)
    embeddings = torch.randn(data.num_nodes, 3, dtype=torch.float64, generator=generator).requires_grad_()
    return data, torch.linspace(-2, 2, data.edge_index.shape[1], dtype=torch.float64).requires_grad_(), embeddings


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_loss_breaks_where_the_list_says_and_nowhere_else(name: str, scene: Scene) -> None:
    make, expected = WHOLE[name]
    data, logits, embeddings = inputs(scene)
    loss = make()
    plain = loss(logits, data, embeddings=embeddings)
    compiled = torch.compile(loss, backend="eager")(logits, data, embeddings=embeddings)
    assert found_breaks() == expected
    same(compiled.total, plain.total, [logits, embeddings])
    assert {key: float(value) for key, value in compiled.parts.items()} == pytest.approx(plain.parts)


def test_behind_the_door_there_is_one_graph(scene: Scene) -> None:
    data, logits, embeddings = inputs(scene)
    loss = UniTrackLoss(weighting="fixed")
    logits, graph = candidate_graph(logits, data, embeddings)

    def total(logits: Tensor, embeddings: Tensor) -> Tensor:
        return loss.evaluate(logits, graph, embeddings=embeddings).total

    same(
        torch.compile(total, backend="aot_eager", fullgraph=True)(logits, embeddings),
        total(logits, embeddings),
        [logits, embeddings],
    )


@pytest.mark.parametrize(("form", "weighting"), [("embeddings", "fixed"), ("affinity", "laplacian")])
def test_the_criterion_breaks_once_and_for_the_weights_from_laplacians(form: str, weighting: Any) -> None:
    generator = torch.Generator().manual_seed(0)
    boxes = (0.2 + 0.3 * torch.rand(1, 3, 4, 4, dtype=torch.float64, generator=generator)).requires_grad_()
    shape = (1, 3, 4, 5) if form == "embeddings" else (1, 2, 4, 4)
    scores = torch.randn(shape, dtype=torch.float64, generator=generator).requires_grad_()
    outputs = {"pred_boxes": boxes, "pred_logits": torch.zeros(1, 3, 4, 1, dtype=torch.float64), form: scores}
    targets = [[{"boxes": frame[:3].detach(), "track_ids": torch.tensor([4, 5, 6])} for frame in boxes[0]]]
    criterion = UniTrackCriterion(UniTrackLoss(weighting=weighting))
    plain = criterion(outputs, targets)
    compiled = torch.compile(criterion, backend="eager")(outputs, targets)
    assert found_breaks() == {CRITERION, *([SHARES] if weighting == "laplacian" else [])}
    assert compiled.keys() == plain.keys()
    ours, theirs = (losses["loss_link"] + losses["loss_unitrack"] for losses in (compiled, plain))
    same(ours, theirs, [boxes, scores])


def test_wrong_input_of_a_compiled_loss_is_named_as_ever(scene: Scene) -> None:
    data, logits, _ = inputs(scene)
    with pytest.raises(DataError, match=r"1 of \d+ logits are not finite, first logits\[3\]"):
        torch.compile(UniTrackLoss(), backend="eager")(logits.detach().index_fill(0, torch.tensor(3), torch.nan), data)


def test_a_break_without_a_reason_is_refused() -> None:
    with pytest.raises(KeyError):
        eager(inputs)
