"""Flows: between 0 and 1, never more than a unit a side."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from gnntrack.losses import sinkhorn_flows, softmax_flows
from gnntrack.scatter import scatter_softmax, scatter_sum

Flows = Callable[[Tensor, Tensor, Tensor, int], Tensor]
BOTH = pytest.mark.parametrize("flows", [softmax_flows, sinkhorn_flows])
NODES = 8
EDGES = st.lists(st.tuples(st.integers(0, 4), st.integers(3, NODES - 1)), min_size=1, max_size=20, unique=True)


@BOTH
@settings(derandomize=True, deadline=None, max_examples=60)
@given(edges=EDGES, scale=st.sampled_from([0.1, 3.0, 50.0, 1e4]), seed=st.integers(0, 99))
def test_at_most_one_unit_out_and_in(flows: Flows, edges: list[tuple[int, int]], scale: float, seed: int) -> None:
    source, target = torch.tensor(edges).T
    logits = scale * torch.randn(len(edges), generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    flow = flows(logits, source, target, NODES)
    assert bool(flow.isfinite().all()) and bool((flow >= 0).all()) and bool((flow <= 1).all())
    assert float(scatter_sum(flow, source, NODES).max()) <= 1 + 1e-9
    assert float(scatter_sum(flow, target, NODES).max()) <= 1 + 1e-9


def test_a_link_without_rivals_flows_as_its_sigmoid() -> None:
    logits = torch.tensor([-3.0, 0.0, 2.0])
    source, target = torch.tensor([0, 1, 2]), torch.tensor([3, 4, 5])
    torch.testing.assert_close(softmax_flows(logits, source, target, 6), logits.sigmoid())


def test_softmax_flows_combine_the_two_one_sided_softmaxes() -> None:
    """1/f = 1/p_out + 1/p_in − 1/sigmoid(s), with a null option on each side."""
    logits = torch.tensor([0.3, -1.0, 2.0, 0.5], dtype=torch.float64)
    source, target = torch.tensor([0, 0, 1, 1]), torch.tensor([2, 3, 2, 4])

    def one_sided(side: Tensor) -> Tensor:
        with_null = scatter_softmax(torch.cat([logits, torch.zeros(5)]), torch.cat([side, torch.arange(5)]), 5)
        return with_null[:4]

    expected = 1 / (1 / one_sided(source) + 1 / one_sided(target) - 1 / logits.sigmoid())
    torch.testing.assert_close(softmax_flows(logits, source, target, 5), expected)


def test_the_geometric_mean_would_send_out_more_than_a_unit() -> None:
    """One node, three links to nodes without rivals: why flows are not √(p_out · p_in)."""
    source, target, logits = torch.tensor([0, 0, 0]), torch.tensor([1, 2, 3]), torch.full((3,), 20.0)
    p_out, p_in = scatter_softmax(logits, source, 4), logits.sigmoid()
    assert float((p_out * p_in).sqrt().sum()) > 1.7
    assert float(softmax_flows(logits, source, target, 4).sum()) <= 1 + 1e-6


@BOTH
def test_certain_logits_give_certain_flows(flows: Flows) -> None:
    source, target = torch.tensor([0, 0, 1, 1]), torch.tensor([2, 3, 2, 3])
    flow = flows(torch.tensor([40.0, -40.0, -40.0, 40.0], dtype=torch.float64), source, target, 4)
    torch.testing.assert_close(flow, torch.tensor([1.0, 0.0, 0.0, 1.0], dtype=torch.float64), atol=1e-6, rtol=0)


@BOTH
def test_gradients(flows: Flows) -> None:
    source, target = torch.tensor([0, 0, 1, 1, 2]), torch.tensor([2, 3, 2, 4, 4])
    logits = torch.randn(5, dtype=torch.float64, generator=torch.Generator().manual_seed(0)).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: flows(x, source, target, 5), logits)


@BOTH
def test_extreme_logits_have_finite_gradients(flows: Flows) -> None:
    logits = torch.tensor([1e4, -1e4, 1e4, 0.0], requires_grad=True)
    flows(logits, torch.tensor([0, 0, 1, 1]), torch.tensor([2, 3, 2, 3]), 4).sum().backward()
    assert logits.grad is not None and bool(logits.grad.isfinite().all())


@BOTH
def test_no_links(flows: Flows) -> None:
    none = torch.zeros(0, dtype=torch.int64)
    assert flows(torch.zeros(0), none, none, 3).shape == (0,)


def test_sinkhorn_finds_the_pair_that_beats_the_best_single_link() -> None:
    """Greedy choice 0-2 (9) leaves nothing for 1; together 0-3 and 1-2 (7 + 7) are worth more.

    ::

        0 -9-> 2 <-7- 1        0 -7-> 3
    """
    source, target = torch.tensor([0, 0, 1]), torch.tensor([2, 3, 2])
    flow = sinkhorn_flows(torch.tensor([9.0, 7.0, 7.0]), source, target, 4, steps=50)
    assert float(flow[0]) < 0.2 < 0.7 < float(flow[1]) and float(flow[2]) > 0.7
