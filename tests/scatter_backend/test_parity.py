"""torch-scatter and torch give the same values and gradients."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch_scatter
from torch import Tensor

from gnntrack import scatter
from gnntrack.losses import UniTrackLoss
from gnntrack.losses.plug_in.clips import clip_graph
from gnntrack.scatter import (
    Backend,
    scatter_logsumexp,
    scatter_max,
    scatter_mean,
    scatter_softmax,
    scatter_sum,
    use_backend,
)

FUNCTIONS = [scatter_sum, scatter_mean, scatter_max, scatter_softmax, scatter_logsumexp]


def run(function: Callable[..., Tensor], values: Tensor, index: Tensor, backend: Backend) -> tuple[Tensor, Tensor]:
    """Value and gradient."""
    values = values.clone().requires_grad_()
    with use_backend(backend):
        result = function(values, index, 40)
        finite = torch.where(result.isfinite(), result, 0.0)
        (finite * torch.linspace(-1, 1, finite.numel()).reshape(finite.shape)).sum().backward()
    assert values.grad is not None
    return result.detach(), values.grad


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("shape", [(), (16,), (4, 3)])
@pytest.mark.parametrize("ties", [False, True])
def test_values_and_gradients(function: Callable[..., Tensor], shape: tuple[int, ...], ties: bool) -> None:
    generator = torch.Generator().manual_seed(0)
    values = torch.randn(500, *shape, generator=generator)
    values = values.round() if ties else values
    index = torch.randint(0, 37, (500,), generator=generator)  # groups 37 to 39 stay empty
    for ours, theirs in zip(
        run(function, values, index, "torch"), run(function, values, index, "torch_scatter"), strict=True
    ):
        torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=1e-6)


def test_the_library_is_really_called(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    original = torch_scatter.scatter_max
    monkeypatch.setattr(torch_scatter, "scatter_max", lambda *a, **k: calls.append(1) or original(*a, **k))
    assert scatter.backend() == "torch_scatter"
    scatter_max(torch.ones(2), torch.tensor([0, 1]), 2)
    assert calls == [1]


def test_the_whole_loss() -> None:
    generator = torch.Generator().manual_seed(0)
    boxes = 100 * torch.rand(2, 4, 6, 4, generator=generator) + 10
    identity = torch.arange(6).expand(2, 4, 6)
    data = clip_graph(boxes, torch.arange(4) / 25.0, identity, torch.ones(2, 4, 6, dtype=torch.bool)).data
    logits = torch.randn(data.edge_index.shape[1], generator=generator)
    found = []
    backends: tuple[Backend, ...] = ("torch", "torch_scatter")
    for name in backends:
        own = logits.clone().requires_grad_()
        with use_backend(name):
            total = UniTrackLoss()(own, data).total
            total.backward()
        assert own.grad is not None
        found.append((total.detach(), own.grad))
    torch.testing.assert_close(found[0], found[1], rtol=1e-6, atol=1e-6)
