"""On another device the losses have the same values and gradients, and make nothing on the CPU.

The device is one that is not there (``tests/training/elsewhere.py``), or the one of ``--device``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch_geometric.data import Batch, Data

from gnntrack.losses import UniTrackCriterion, UniTrackLoss, build_loss, sinkhorn_flows, softmax_flows
from gnntrack.recipes import names
from tests.losses.conftest import make_scene
from tests.training.elsewhere import DEVICE, Elsewhere, NothingByHand, move

LOSSES: dict[str, Callable[[], nn.Module]] = {name: lambda name=name: build_loss(name) for name in names("losses")}
LOSSES |= {
    "sinkhorn": lambda: UniTrackLoss(flows="sinkhorn"),
    "combinatorial": lambda: UniTrackLoss(laplacian="combinatorial", smoothing=0.5, every=2),
    "hard": lambda: UniTrackLoss(counts="hard", reduction="sum"),
}
EDGES = {
    "no node": {"objects": 0, "false_positives": 0},
    "one node": {"objects": 1, "frames": 1, "false_positives": 0, "missed": 0.0},
    "no link": {"objects": 3, "frames": 1},
    "one link": {"objects": 1, "frames": 2, "false_positives": 0, "missed": 0.0},
}


@pytest.fixture
def device(request: pytest.FixtureRequest) -> torch.device:
    """The one of ``--device``, else one that is not there."""
    named = torch.device(request.config.getoption("--device"))
    return DEVICE if named.type == "cpu" else named


@contextmanager
def on(device: torch.device) -> Iterator[None]:
    """Nothing may be made on the CPU by hand, where that can be seen; a real device says so itself."""
    if device != DEVICE:
        yield
        return
    with NothingByHand():
        yield


def values_of(found: Any) -> Any:
    """Tensors of the CPU."""
    return found.held.detach() if isinstance(found, Elsewhere) else found.detach().cpu()


def run(loss: nn.Module, data: Data, logits: Tensor, device: torch.device) -> tuple[float, dict[str, float], Tensor]:
    """The value, its parts and the gradient."""
    if device == DEVICE:
        move(loss)
    else:
        loss.to(device)
    with on(device):
        moved, leaf = data.clone().to(device), logits.detach().clone().to(device).requires_grad_()
        result = loss(leaf, moved)
        result.total.backward()
    gradient = torch.zeros_like(logits) if leaf.grad is None else values_of(leaf.grad)
    return values_of(result.total).item(), result.parts, gradient


def scenes(dtype: torch.dtype, **options: Any) -> tuple[Data, Tensor]:
    """A batch of two windows, of which one has more nodes than are solved densely, and logits."""
    graphs = [make_scene(number, **{"objects": 6 + 10 * number, "frames": 6} | options) for number in range(2)]
    batch = Batch.from_data_list(graphs)
    for name in ("pos", "box"):
        batch[name] = batch[name].to(dtype)
    generator = torch.Generator().manual_seed(5)
    return batch, torch.randn(batch.edge_index.shape[1], generator=generator, dtype=torch.float64).to(dtype)


def close(found: Any, expected: Any, dtype: torch.dtype) -> None:
    tolerance = {torch.float32: 1e-5, torch.float64: 1e-10}[dtype]
    value, parts, gradient = found
    assert value == pytest.approx(expected[0], rel=tolerance, abs=tolerance)
    assert parts == pytest.approx(expected[1], rel=tolerance, abs=tolerance)
    assert (gradient - expected[2]).norm() <= tolerance * (1 + expected[2].norm())


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("name", LOSSES)
def test_values_and_gradients_are_those_of_the_cpu(name: str, dtype: torch.dtype, device: torch.device) -> None:
    torch.manual_seed(0)
    data, logits = scenes(dtype)
    expected = run(LOSSES[name](), data, logits, torch.device("cpu"))
    assert bool(expected[2].abs().sum() > 0)
    close(run(LOSSES[name](), data, logits, device), expected, dtype)


@pytest.mark.parametrize("edge", EDGES)
@pytest.mark.parametrize("name", LOSSES)
def test_next_to_nothing(name: str, edge: str, device: torch.device) -> None:
    data, logits = scenes(torch.float32, **EDGES[edge])
    expected = run(LOSSES[name](), data, logits, torch.device("cpu"))
    found = run(LOSSES[name](), data, logits, device)
    close(found, expected, torch.float32)
    assert found[0] == found[0]


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16], ids=str)
@pytest.mark.parametrize("name", LOSSES)
def test_half_precision_is_finite(name: str, dtype: torch.dtype, device: torch.device) -> None:
    data, logits = scenes(torch.float32)
    value, parts, gradient = run(LOSSES[name](), data, (8 * logits).to(dtype), device)
    assert torch.isfinite(torch.tensor([value, *parts.values()])).all() and bool(gradient.isfinite().all())


FORMS = {
    "affinity": lambda draw: {"affinity": draw(2, 3, 5, 5)},
    "affinity of all frames": lambda draw: {"affinity": draw(2, 4, 5, 4, 5)},
    "embeddings": lambda draw: {"embeddings": draw(2, 4, 5, 8)},
    "identity": lambda draw: {"embeddings": draw(2, 4, 5, 8), "identity": torch.arange(5).expand(2, 4, 5)},
    "time": lambda draw: {"affinity": draw(2, 3, 5, 5), "time": torch.arange(4) / 20.0},
}


@pytest.mark.parametrize("preset", ["default", "log"])
@pytest.mark.parametrize("form", FORMS)
def test_the_criterion_too(form: str, preset: str, device: torch.device) -> None:
    """Targets stay on the CPU, as loaders give them."""
    generator = torch.Generator().manual_seed(1)

    def draw(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator)

    place = torch.rand(2, 4, 5, 2, generator=generator) * 0.6 + 0.2
    outputs = {"pred_boxes": torch.cat([place, torch.full_like(place, 0.1)], -1), "pred_logits": draw(2, 4, 5, 1)}
    outputs |= FORMS[form](draw)
    boxes = outputs["pred_boxes"][:, :, :3] + 0.01
    targets = [[{"boxes": boxes[clip, frame], "track_ids": [1, 2, 3]} for frame in range(4)] for clip in range(2)]
    found = []
    for where in (torch.device("cpu"), device):
        criterion = UniTrackCriterion(UniTrackLoss(preset=preset))
        move(criterion) if where == DEVICE else criterion.to(where)
        with on(where):
            given = {name: values.detach().clone().to(where) for name, values in outputs.items()}
            leaves = [values.requires_grad_() for values in given.values() if values.is_floating_point()]
            losses = criterion(given, targets)
            (losses["loss_link"] + losses["loss_unitrack"]).backward()
        gradients = [values_of(leaf.grad) for leaf in leaves if leaf.grad is not None]
        found.append(({name: values_of(values) for name, values in losses.items()}, gradients))
    (expected, there), (values, here) = found
    assert values.keys() == expected.keys() and len(here) == len(there) > 0
    torch.testing.assert_close(values, expected, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(here, there, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("flows", [softmax_flows, sinkhorn_flows])
def test_functions_too(flows: Callable[..., Tensor], device: torch.device) -> None:
    data, logits = scenes(torch.float64)
    source, target = data.edge_index
    expected = flows(logits, source, target, data.num_nodes)
    with on(device):
        found = flows(logits.to(device), source.to(device), target.to(device), data.num_nodes)
    torch.testing.assert_close(values_of(found), expected)
