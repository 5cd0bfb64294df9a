"""Every term on its own: values on toy graphs, gradients, compilation."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch_geometric.data import Batch, Data

from gnntrack.losses import ConservationTerm, FlowTerm, SpatialTerm, TemporalTerm, Term, link_graph, softmax_flows
from gnntrack.losses.terms.counts import count_links
from gnntrack.losses.weighting.strength import embedding_strength

TERMS = {
    "flow soft": FlowTerm(),
    "flow hard": FlowTerm(counts="hard"),
    "flow literal": FlowTerm(literal=True),
    "spatial": SpatialTerm(),
    "spatial literal": SpatialTerm(links="all", saturation=None, units="diagonal"),
    "temporal": TemporalTerm(),
    "temporal literal": TemporalTerm(excess=False, saturation=None, literal=True, units="diagonal"),
    "conservation": ConservationTerm(),
    "conservation literal": ConservationTerm(per_side=False),
}
EACH = pytest.mark.parametrize("term", TERMS.values(), ids=TERMS.keys())
Scene = Callable[..., Data]


def track(*places: float, gap: float = 0.1) -> Data:
    """One object at these places on a line, box height 10, links between neighbours in time.

    ::

        0 -> 1 -> 2 -> …
    """
    count = len(places)
    return Data(
        edge_index=torch.stack([torch.arange(count - 1), torch.arange(1, count)]),
        pos=torch.tensor([[place, 0.0] for place in places], dtype=torch.float64),
        box=torch.tensor([[0.0, 0.0, 5.0, 10.0]] * count, dtype=torch.float64),
        time=gap * torch.arange(count, dtype=torch.float64),
        frame=torch.arange(count) + 1,
        identity=torch.zeros(count, dtype=torch.int64),
        width=300,
        height=400,
    )


def value(term: Term, data: Data, flow: list[float], reduction: str = "sum") -> float:
    amount = torch.tensor(flow, dtype=torch.float64)
    graph = link_graph(amount, data)
    return float(term(graph, amount, torch.ones_like(amount), reduction))


def test_flow_literal_is_the_printed_equation() -> None:
    """Two true links, one predicted: FP 0 of 1, FN 1 of 2, reward 1 · exp(−0.9/2)."""
    term = FlowTerm(counts="hard", literal=True)
    assert value(term, track(0, 1, 2), [1.0, 0.0]) == pytest.approx(-math.exp(-0.45))


def test_flow_literal_rewards_wrong_links_and_the_default_does_not() -> None:
    data = track(0, 1, 2)
    data.edge_label = torch.tensor([1.0, 0.0])
    literal, ours = FlowTerm(literal=True, alpha=0.0), FlowTerm(alpha=0.0)
    assert value(literal, data, [1.0, 1.0]) < value(literal, data, [1.0, 0.0])
    assert value(ours, data, [1.0, 1.0]) == value(ours, data, [1.0, 0.0])
    assert value(FlowTerm(), data, [1.0, 1.0]) > value(FlowTerm(), data, [1.0, 0.0])


def test_soft_counts_equal_hard_ones_on_certain_flows() -> None:
    """Two tracks of three, the second one of strangers."""
    first, second = track(0, 1, 2), track(0, 1, 2)
    second.identity = torch.arange(3)
    flow = torch.tensor([1.0, 0.0, 1.0, 0.0])
    graph = link_graph(flow, Batch.from_data_list([first, second]))
    hard, soft = count_links(graph, flow, "hard"), count_links(graph, flow, "soft")
    torch.testing.assert_close(torch.stack(hard), torch.stack(soft))
    assert hard.false_positives.tolist() == [0, 1] and hard.false_negatives.tolist() == [1, 0]


def test_hard_counts_have_no_gradient_and_soft_ones_do() -> None:
    data = track(0, 1, 2)
    data.identity[2] = 5
    flow = torch.tensor([0.7, 0.6], requires_grad=True)
    graph = link_graph(flow, data)
    assert not count_links(graph, flow, "hard").error().requires_grad
    (gradient,) = torch.autograd.grad(count_links(graph, flow, "soft").error().sum(), flow)
    assert float(gradient[0]) < 0 < float(gradient[1])


def test_spatial_is_the_printed_equation() -> None:
    """Steps of 30 and 40 pixels, image diagonal 500."""
    term = SpatialTerm(links="all", saturation=None, units="diagonal")
    assert value(term, track(0, 30, 70), [1.0, 0.5]) == pytest.approx(30 / 500 + 0.5 * 40 / 500)


def test_spatial_default_charges_wrong_links_only() -> None:
    data = track(0, 10, 20)
    data.edge_label = torch.tensor([1.0, 0.0])
    assert value(SpatialTerm(), data, [1.0, 0.0]) == 0
    assert value(SpatialTerm(), data, [1.0, 1.0]) == pytest.approx(0.5)  # one box height: half saturated


def test_temporal_is_the_printed_equation() -> None:
    """Velocities 10 and 30 px in 0.1 s, diagonal 500: ‖Δv‖² = (0.2/0.1)²·…, times the outflow, over the time gap."""
    term = TemporalTerm(excess=False, saturation=None, literal=True, units="diagonal")
    change = (30 - 10) / 500 / 0.1
    assert value(term, track(0, 10, 40), [1.0, 1.0]) == pytest.approx(change**2 / 0.1)
    assert value(term, track(0, 10, 40), [1.0, 0.5]) == pytest.approx(0.5 * change**2 / 0.1)
    assert value(term, track(0, 10, 40), [0.5, 1.0]) == pytest.approx(change**2 / 0.1)  # the flow out alone
    assert value(term, track(0, 10, 40), [0.0, 1.0]) == 0  # no velocity before


def test_velocity_is_per_second_whatever_the_frame_rate_and_the_gap() -> None:
    """The same even motion with a frame missed: no change of velocity."""
    term = TemporalTerm(excess=False)
    data = track(0, 10, 20, 40)
    data.time = torch.tensor([0.0, 0.1, 0.2, 0.4], dtype=torch.float64)
    assert value(term, data, [1.0, 1.0, 1.0]) == pytest.approx(0, abs=1e-12)


def test_a_node_with_one_side_only_has_no_change_of_velocity() -> None:
    term = TemporalTerm(excess=False, saturation=None)
    assert value(term, track(0, 10, 40), [1.0, 0.0]) == 0
    assert value(term, track(0, 10, 40), [0.0, 1.0]) == 0


def test_temporal_excess_forgives_what_the_truth_does() -> None:
    assert value(TemporalTerm(), track(0, 10, -30, 50), [1.0, 1.0, 1.0]) == 0
    assert value(TemporalTerm(excess=False), track(0, 10, -30, 50), [1.0, 1.0, 1.0]) > 0.5


def test_temporal_has_a_gradient_in_the_flows() -> None:
    """The turn is cheaper with less flow through it: velocities are functions of the flows."""
    data = track(0, 10, -30)
    flow = torch.tensor([0.9, 0.9], dtype=torch.float64, requires_grad=True)
    graph = link_graph(flow, data)
    TemporalTerm(excess=False)(graph, flow, torch.ones(2)).sum().backward()
    assert flow.grad is not None and bool((flow.grad > 0).all())


def test_conservation_per_side_sees_what_the_balance_alone_does_not() -> None:
    """No flow at all inside a track keeps the paper's balance; the sides are missed."""
    data = track(0, 1, 2, 3)
    assert value(ConservationTerm(), data, [1.0, 1.0, 1.0]) == 0
    assert value(ConservationTerm(), data, [0.0, 0.0, 0.0]) == pytest.approx(3.0)
    assert value(ConservationTerm(per_side=False), data, [0.0, 0.0, 0.0]) == pytest.approx(2.0)


def test_mean_divides_by_true_links_or_nodes() -> None:
    data, flow = track(0, 1, 2, 3), [0.5, 0.2, 0.9]
    assert value(FlowTerm(), data, flow, "mean") == pytest.approx(value(FlowTerm(), data, flow) / 3)
    assert value(ConservationTerm(), data, flow, "mean") == pytest.approx(value(ConservationTerm(), data, flow) / 4)


def test_embedding_strength_pulls_true_links_together() -> None:
    vectors = torch.tensor([[1.0, 0.0], [0.6, 0.8]], requires_grad=True)
    data = track(0, 1)
    graph = link_graph(torch.zeros(1, dtype=torch.float64), data)
    strength = embedding_strength(vectors, graph.source, graph.target).double()
    FlowTerm()(graph, torch.ones(1, dtype=torch.float64), strength).sum().backward()
    assert vectors.grad is not None and float(vectors.grad[0] @ vectors[1].detach()) < 0


@EACH
def test_gradcheck_through_logits_positions_and_embeddings(term: Term, scene: Scene) -> None:
    data = scene(3, objects=4, frames=4)
    generator = torch.Generator().manual_seed(0)
    edges = data.edge_index
    logits = torch.randn(edges.shape[1], dtype=torch.float64, generator=generator).requires_grad_()
    position = data.pos.clone().requires_grad_()
    embeddings = torch.randn(len(position), 3, dtype=torch.float64, generator=generator).requires_grad_()

    def run(logits: Tensor, position: Tensor, embeddings: Tensor) -> Tensor:
        moved = data.clone()
        moved.pos = position
        similarity = embedding_strength(embeddings, edges[0], edges[1])
        scored = logits + similarity  # links scored by appearance, as a tracker with embeddings does
        graph = link_graph(scored, moved)
        flow = softmax_flows(scored, graph.source, graph.target, graph.nodes)
        return term(graph, flow, similarity, "sum")

    assert torch.autograd.gradcheck(run, (logits, position, embeddings))


@EACH
@pytest.mark.parametrize("backend", ["aot_eager"])
def test_compiles_without_a_break(term: Term, scene: Scene, backend: str) -> None:
    data = scene(1)
    logits = torch.linspace(-2, 2, data.edge_index.shape[1], dtype=torch.float64).requires_grad_()
    graph = link_graph(logits, data)

    def run(logits: Tensor) -> Tensor:
        flow = softmax_flows(logits, graph.source, graph.target, graph.nodes)
        return term(graph, flow, logits.sigmoid(), "mean")

    expected = run(logits)
    torch._dynamo.reset()
    found = torch.compile(run, backend=backend, fullgraph=True)(logits)
    torch.testing.assert_close(found, expected)
    for ours, theirs in zip(
        torch.autograd.grad(found.sum(), logits), torch.autograd.grad(expected.sum(), logits), strict=True
    ):
        torch.testing.assert_close(ours, theirs)
