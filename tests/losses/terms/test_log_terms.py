"""The terms of the preset "log": the pull at sure mistakes, values on toy graphs, free descent, gradients."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor
from torch_geometric.data import Data

from gnntrack.errors import DataError
from gnntrack.losses import (
    ConservationTerm,
    IdentityConservationTerm,
    LogFlowTerm,
    LogSpatialTerm,
    LogTemporalTerm,
    LogTerm,
    PathTerm,
    SoftmaxLinkLoss,
    UniTrackLoss,
    candidate_graph,
    log_reach,
    softmax_flows,
)
from gnntrack.losses.links.soft_assignment import side_sums
from gnntrack.losses.weighting.strength import embedding_strength

Scene = Callable[..., Data]
TERMS = (LogFlowTerm, LogSpatialTerm, LogTemporalTerm, IdentityConservationTerm, PathTerm)
EACH = pytest.mark.parametrize("kind", TERMS)


@pytest.fixture(scope="module")
def gradients(benchmark: Callable[[str], Any]) -> Any:
    """The swap, the pull at it, and free descent."""
    return benchmark("loss_gradients")


@pytest.mark.parametrize("strength", [2.0, 4.0, 12.0])
def test_the_pull_at_a_sure_swap_is_that_of_softmax_at_least(strength: float, gradients: Any) -> None:
    softmax = gradients.pull(SoftmaxLinkLoss(), strength)
    assert gradients.pull(UniTrackLoss(preset="log"), strength) > softmax
    assert gradients.pull(UniTrackLoss(), 4.0) < 0.02 * softmax  # why there is a preset "log"


@EACH
def test_every_term_alone_pulls(kind: type[LogTerm], gradients: Any) -> None:
    assert gradients.pull(UniTrackLoss([kind()]), 4.0) > 0.1 * gradients.pull(SoftmaxLinkLoss(), 4.0)


@pytest.mark.parametrize("terms", [None, *TERMS])
def test_free_descent_reaches_the_truth(terms: type[LogTerm] | None, scene: Scene, gradients: Any) -> None:
    loss = UniTrackLoss(None if terms is None else [terms()], preset="log")
    assert min(gradients.link_f1(loss, scene(seed, objects=8, frames=6)) for seed in (0, 1)) >= 95


def of_logits(term: LogTerm, logits: Tensor, data: Data) -> float:
    logits, graph = candidate_graph(logits, data)
    sums = side_sums(logits, graph.source, graph.target, graph.nodes)
    return float(term.of_logits(graph, logits, sums, "sum"))


def fork() -> Data:
    """A node with a true link and a rival one box height away from the truth, after a tenth of a second.

    ::

        0 --> 1
         `--> 2
    """
    return Data(
        edge_index=torch.tensor([[0, 0], [1, 2]]),
        pos=torch.tensor([[0.0, 0.0], [5.0, 0.0], [5.0, 10.0]], dtype=torch.float64),
        box=torch.tensor([[0.0, 0.0, 5.0, 10.0]] * 3, dtype=torch.float64),
        time=torch.tensor([0.0, 0.1, 0.1], dtype=torch.float64),
        frame=torch.tensor([1, 2, 2]),
        edge_label=torch.tensor([1.0, 0.0]),
    )


def test_flow_is_the_surprise() -> None:
    """f of the true link is e^a / (1 + e^a + e^b); the rival's end should have none: 1 / (1 + e^b)."""
    a, b = 0.3, -0.4
    flow = math.exp(a) / (1 + math.exp(a) + math.exp(b))
    expected = -math.log(flow) + math.log(1 + math.exp(b))
    assert of_logits(LogFlowTerm(), torch.tensor([a, b], dtype=torch.float64), fork()) == pytest.approx(expected)


def test_spatial_weighs_rivals_by_their_distance_from_the_true_subject() -> None:
    """Node 0: the rival lies 1 height off the truth, ½ saturated; node 1: no link; node 2: the step is √1.25."""
    a, b = 0.3, -0.4
    near, far = 0.1 + 0.9 * 0.5, 0.1 + 0.9 * math.sqrt(1.25) / (1 + math.sqrt(1.25))
    expected = math.log(1 + (near * math.exp(b) + 0.5) / math.exp(a))
    expected += math.log(1 + 0.5 / math.exp(a)) + math.log(1 + far * math.exp(b))
    assert of_logits(LogSpatialTerm(), torch.tensor([a, b], dtype=torch.float64), fork()) == pytest.approx(expected)


def test_temporal_weighs_rivals_by_their_change_of_velocity() -> None:
    """Velocities (5, 0) and (5, 10) heights a second; the change of 10 against a half-way point of 4."""
    a, b = 0.3, -0.4
    change, stand = 0.1 + 0.9 * 100 / (100 + 16), 0.1 + 0.9 * 125 / (125 + 16)
    expected = math.log(1 + (change * math.exp(b) + 0.5) / math.exp(a))
    expected += math.log(1 + 0.5 / math.exp(a)) + math.log(1 + stand * math.exp(b))
    assert of_logits(LogTemporalTerm(), torch.tensor([a, b], dtype=torch.float64), fork()) == pytest.approx(expected)


def test_a_swap_keeps_the_balance_of_all_but_not_of_each(gradients: Any) -> None:
    data, logits = gradients.swapped(9.0)
    plain, own = (
        float(UniTrackLoss([term], weighting="fixed")(logits.detach(), data).total)
        for term in (ConservationTerm(), IdentityConservationTerm())
    )
    assert plain < 1e-3 and own > 10


def test_a_skipping_link_does_not_conserve_the_detection_that_it_skips() -> None:
    """0-2 is of the same identity; the chain 0-1-2 costs less.

    ::

        0 --> 1 --> 2
         `---------'
    """
    data = Data(
        edge_index=torch.tensor([[0, 1, 0], [1, 2, 2]]),
        pos=torch.zeros(3, 2, dtype=torch.float64),
        frame=torch.tensor([1, 2, 3]),
        identity=torch.zeros(3, dtype=torch.int64),
        frame_rate=10.0,
    )
    chain, skip = torch.tensor([6.0, 6.0, -6.0]).double(), torch.tensor([-6.0, -6.0, 6.0]).double()
    assert of_logits(IdentityConservationTerm(), chain, data) < 0.05
    assert of_logits(IdentityConservationTerm(), skip, data) > 10


@EACH
def test_finite_at_any_logits_and_zero_without_truth(kind: type[LogTerm], scene: Scene) -> None:
    data = scene(0)
    for size in (1.0, 1e3, 1e30):
        logits = (size * torch.linspace(-1, 1, data.edge_index.shape[1])).requires_grad_()
        total = UniTrackLoss([kind()])(logits, data).total
        total.backward()
        assert bool(total.isfinite()) and logits.grad is not None and bool(logits.grad.isfinite().all())
    blind = data.clone()
    blind.identity = torch.full_like(data.identity, -1)
    del blind.identity
    with pytest.warns(match="neither edge_label nor identity"):
        assert float(UniTrackLoss([kind()])(torch.zeros(data.edge_index.shape[1]), blind).total) == 0


@EACH
def test_gradcheck_through_logits_positions_and_embeddings(kind: type[LogTerm], scene: Scene) -> None:
    data = scene(3, objects=4, frames=4)
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(data.edge_index.shape[1], dtype=torch.float64, generator=generator).requires_grad_()
    position = data.pos.clone().requires_grad_()
    embeddings = torch.randn(len(position), 3, dtype=torch.float64, generator=generator).requires_grad_()

    def run(logits: Tensor, position: Tensor, embeddings: Tensor) -> Tensor:
        moved = data.clone()
        moved.pos = position
        scored, graph = candidate_graph(logits, moved)
        scored = scored + embedding_strength(embeddings, graph.source, graph.target).log()
        sums = side_sums(scored, graph.source, graph.target, graph.nodes)
        return kind().of_logits(graph, scored, sums, "sum")

    assert torch.autograd.gradcheck(run, (logits, position, embeddings))


def test_embeddings_enter_as_strength(scene: Scene) -> None:
    """Links between unlike embeddings are behind by the log of their strength."""
    data = scene(0)
    generator = torch.Generator().manual_seed(1)
    logits = torch.randn(data.edge_index.shape[1], dtype=torch.float64, generator=generator)
    look = torch.randn(data.num_nodes, 3, dtype=torch.float64, generator=generator).requires_grad_()
    loss = UniTrackLoss([LogFlowTerm()], weighting="fixed")
    strength = embedding_strength(look, *data.edge_index)
    torch.testing.assert_close(
        loss(logits, data, embeddings=look).total, loss(logits + strength.log(), data).total, rtol=1e-12, atol=0
    )


def test_paths_learn_from_every_other_frame(scene: Scene) -> None:
    """Identities are known in every other frame; the links to the frames between them are found all the same.

    ::

        annotated   o --- ? --- o --- ? --- o
    """
    data = scene(2, objects=5, frames=7, missed=0.0, false_positives=0, max_gap=1)
    truth = data.identity
    data.annotated = data.frame % 2 == 1
    data.identity = torch.where(data.annotated, truth, -1)
    near = -(data.pos[data.edge_index[0]] - data.pos[data.edge_index[1]]).norm(dim=1) / 50  # else all is symmetric
    logits = near.clone().requires_grad_()
    optimiser = torch.optim.Adam([logits], lr=0.3)
    for _ in range(150):
        optimiser.zero_grad()
        UniTrackLoss({"flow": 0, "spatial": 0, "temporal": 0, "conservation": 0, "path": 1}, preset="log")(
            logits, data
        ).total.backward()
        optimiser.step()
    flow = softmax_flows(logits.detach(), *data.edge_index, data.num_nodes)
    reach = log_reach(flow.log(), *data.edge_index, data.frame).exp()
    known = data.annotated.nonzero()[:, 0]
    same = truth[known][:, None] == truth[known]
    later = data.frame[known][:, None] < data.frame[known]
    assert float(reach[known][:, known][same & later].min()) > 0.9
    assert float(reach[known][:, known][~same & later].max()) < 0.1


def test_other_terms_refuse_sparse_labels(scene: Scene) -> None:
    data = scene(0)
    data.annotated = data.frame % 2 == 1
    logits = torch.zeros(data.edge_index.shape[1])
    for loss in (SoftmaxLinkLoss(), UniTrackLoss(), UniTrackLoss({"path": 1.0}, preset="log")):
        with pytest.raises(DataError, match="nodes are not annotated"):
            loss(logits, data)
    data.annotated = data.annotated.long()
    with pytest.raises(DataError, match="annotated is torch"):
        UniTrackLoss([PathTerm()])(logits, data)


def test_paths_pull_alike_in_both_precisions(gradients: Any) -> None:
    """Where 1 − f is below what float32 can tell from 0, the slope is neither 0 nor beyond all bounds."""
    slopes = []
    for dtype in (torch.float32, torch.float64):
        data, logits = gradients.swapped(20.0)
        logits = logits.detach().to(dtype).requires_grad_()
        UniTrackLoss([PathTerm()], weighting="fixed")(logits, data).total.backward()
        assert logits.grad is not None
        slopes.append(logits.grad.double())
    assert float(slopes[1].abs().max()) < 10
    torch.testing.assert_close(slopes[0], slopes[1], rtol=1e-4, atol=1e-6)
