"""Paths over many links, against dense linear algebra."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from gnntrack.losses import log_reach, log_softmax_flows, path_cross_entropy, softmax_flows
from gnntrack.losses.links import paths

PROPERTY = settings(derandomize=True, deadline=None, max_examples=20)


def graph(seed: int, nodes: int = 14, each: int = 3) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Logits, both ends and frames: ``each`` nodes a frame, in a random order, links over one and two frames."""
    generator = torch.Generator().manual_seed(seed)
    frame = (torch.arange(nodes) // each)[torch.randperm(nodes, generator=generator)]
    gap = frame[None] - frame[:, None]
    links = ((gap > 0) & (gap <= 2)).nonzero()
    links = links[torch.rand(len(links), generator=generator) < 0.8]
    logits = 2 * torch.randn(len(links), dtype=torch.float64, generator=generator)
    return logits, links[:, 0], links[:, 1], frame


def dense_reach(flow: Tensor, source: Tensor, target: Tensor, nodes: int) -> Tensor:
    matrix = torch.zeros(nodes, nodes, dtype=torch.float64).index_put((source, target), flow)
    one = torch.eye(nodes, dtype=torch.float64)
    return torch.linalg.inv(one - matrix) - one


@PROPERTY
@given(seed=st.integers(0, 9999))
def test_reach_is_the_inverse(seed: int) -> None:
    logits, source, target, frame = graph(seed)
    flow = softmax_flows(logits, source, target, len(frame))
    expected = dense_reach(flow, source, target, len(frame))
    torch.testing.assert_close(log_reach(flow.log(), source, target, frame).exp(), expected, rtol=1e-9, atol=1e-12)


@PROPERTY
@given(seed=st.integers(0, 9999))
def test_value_and_slope_are_those_of_the_dense_formula(seed: int) -> None:
    logits, source, target, frame = graph(seed)
    identity = torch.arange(len(frame)) % 3

    def dense(logits: Tensor) -> Tensor:
        reach = dense_reach(softmax_flows(logits, source, target, len(frame)), source, target, len(frame))
        path = reach.detach() > 1e-14
        same = identity[:, None] == identity[None]
        cost = -reach[path & same].log().sum() - (1 - reach[path & ~same]).log().sum()
        return cost / (path & same).sum().clamp(min=1)

    def ours(logits: Tensor) -> Tensor:
        flow = log_softmax_flows(logits, source, target, len(frame))
        return path_cross_entropy(flow, source, target, frame, identity)

    (expected, slope), (value, own) = (
        (run(leaf).detach(), torch.autograd.grad(run(leaf), leaf)[0])
        for run, leaf in ((dense, logits.clone().requires_grad_()), (ours, logits.clone().requires_grad_()))
    )
    torch.testing.assert_close(value, expected, rtol=1e-9, atol=1e-12)
    torch.testing.assert_close(own, slope, rtol=1e-7, atol=1e-10)


@pytest.mark.parametrize("block", [1, 30, 100])
def test_blocks_of_sources_do_not_change_it(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    logits, source, target, frame = graph(1)
    identity = torch.arange(len(frame)) % 4

    def run() -> tuple[Tensor, Tensor]:
        leaf = logits.clone().requires_grad_()
        value = path_cross_entropy(log_softmax_flows(leaf, source, target, len(frame)), source, target, frame, identity)
        return value.detach(), torch.autograd.grad(value, leaf)[0]

    whole = run()
    monkeypatch.setattr(paths, "BLOCK", block)
    for part, expected in zip(run(), whole, strict=True):
        torch.testing.assert_close(part, expected, rtol=1e-12, atol=1e-14)


def test_a_track_of_120_frames_in_logs() -> None:
    """A chain whose ends are 119 links apart: R = f^119 is far below what float32 holds, its log is not."""
    frames, strength = 120, -6.0
    source, target = torch.arange(frames - 1), torch.arange(1, frames)
    logits = torch.full((frames - 1,), strength, requires_grad=True)
    flow = log_softmax_flows(logits, source, target, frames)
    first = float(flow.detach()[0])
    reach = log_reach(flow, source, target, torch.arange(frames))
    assert float(reach[0, -1]) == pytest.approx(119 * first, rel=1e-6) and float(reach[0, -1]) < -700
    path_cross_entropy(flow, source, target, torch.arange(frames), torch.zeros(frames)).backward()
    assert logits.grad is not None and bool((logits.grad < 0).all())
    middle, end = float(logits.grad[59]), float(logits.grad[0])
    assert middle < 10 * end  # a cut in the middle parts more pairs


def test_no_links_and_no_nodes() -> None:
    nothing, frame = torch.zeros(0, dtype=torch.int64), torch.tensor([1, 2])
    for frames in (frame, frame[:0]):
        value = path_cross_entropy(torch.zeros(0), nothing, nothing, frames, torch.arange(len(frames)))
        assert float(value) == 0
    assert log_reach(torch.zeros(0), nothing, nothing, frame).tolist() == [[-torch.inf] * 2] * 2
