"""Fused layers are the same functions as plain ones, with the same gradients, up to rounding."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor
from torch_geometric.data import Data

from gnntrack.graphs import GraphSettings, graph_from_boxes
from gnntrack.models import fused_activations, window_network
from gnntrack.models.architectures import MessagePassingSettings
from gnntrack.models.fused_layers import FusedLayers, layers_for
from gnntrack.models.window_layers import WindowLayers
from gnntrack.models.window_network import MessagePassing
from gnntrack.sequence import View
from tests.conftest import random_boxes


def window(seed: int, frames: int = 6, per_frame: int = 7) -> Data:
    """A window graph; some boxes are alone."""
    box, frame = random_boxes(seed, frames, per_frame)
    if per_frame > 1:
        box[:per_frame, :2] += 1e5
    settings = GraphSettings(window=8, stride=2, max_gap=4, reach=4.0)
    return graph_from_boxes(box, frame, np.full(len(box), 0.8), settings, name="w", view=View(640, 480, 20.0))


def learned(network: MessagePassing, data: Data, monkeypatch: pytest.MonkeyPatch, layers: WindowLayers) -> list[Tensor]:
    """The logits, and the gradient of every weight for a fixed sum of logits."""
    monkeypatch.setattr(window_network, "layers_for", lambda *given: layers)
    network.zero_grad()
    logits = network(data)
    (logits * torch.linspace(-1, 1, len(logits))).sum().backward()
    return [logits.detach(), *(p.grad.clone() for p in network.parameters() if p.grad is not None)]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("rounds", [1, 3])
def test_logits_and_gradients_equal_those_of_plain_layers(
    seed: int, rounds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(seed)
    network, data = MessagePassing(MessagePassingSettings(hidden=16, rounds=rounds)).train(), window(seed)
    with torch.no_grad():  # biases and norms start as 0 and 1, where mistakes would not show
        for parameter in network.parameters():
            parameter += 0.1 * torch.randn_like(parameter)
    plain = learned(network, data, monkeypatch, WindowLayers())
    fused = learned(network, data, monkeypatch, FusedLayers())
    assert len(plain) == len(fused) and data.num_edges > 50
    largest = max(float(one.abs().max()) for one in plain[1:])
    for one, other in zip(plain, fused, strict=True):
        torch.testing.assert_close(other, one, rtol=1e-4, atol=1e-6 * largest)


@pytest.mark.parametrize("frames", [0, 1])
def test_graphs_without_links(frames: int) -> None:
    network = MessagePassing(MessagePassingSettings(hidden=8)).train()
    assert isinstance(layers_for(True, network.attention.weight), FusedLayers)
    logits = network(window(0, frames, per_frame=1))
    logits.sum().backward()
    assert logits.shape == (0,)


def test_gelu_and_its_slope_everywhere() -> None:
    x = torch.linspace(-12, 12, 20_001)
    exact = x.double().requires_grad_()
    value = torch.nn.functional.gelu(exact)
    value.sum().backward()
    found, slope = x.clone().numpy(), np.empty(len(x), dtype=np.float32)
    fused_activations.gelu(found, slope)
    np.testing.assert_allclose(found, value.detach().numpy(), rtol=0, atol=3e-6)
    np.testing.assert_allclose(slope, exact.grad.numpy(), rtol=0, atol=6e-7)


def test_plain_layers_where_fused_ones_do_not_fit() -> None:
    values = torch.zeros(3, 2)
    assert type(layers_for(True, values)) is FusedLayers
    assert type(layers_for(False, values)) is WindowLayers
    assert type(layers_for(True, values, values.double())) is WindowLayers
    assert type(layers_for(True, values.to("meta"))) is WindowLayers
    with torch.no_grad():
        assert type(layers_for(True, values)) is WindowLayers
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert type(layers_for(True, values)) is WindowLayers


def test_the_last_round_of_nodes_changes_no_logit() -> None:
    network, data = MessagePassing(MessagePassingSettings(hidden=8, rounds=1)).eval(), window(1)
    logits, nodes = network(data), network.embed(data)
    with torch.no_grad():
        network.node_update[0].weight.add_(1.0)
    assert torch.equal(network(data), logits) and not torch.equal(network.embed(data), nodes)
