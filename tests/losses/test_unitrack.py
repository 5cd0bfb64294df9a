"""The whole loss: invariances, batches, degenerate input, presets, diagnostics."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch_geometric.data import Batch, Data

from gnntrack.errors import DataError
from gnntrack.losses import FlowTerm, SoftmaxLinkLoss, SumLoss, Term, UniTrackLoss, build_loss, link_graph

Scene = Callable[..., Data]
LOSSES = {
    "default": UniTrackLoss(),
    "paper": UniTrackLoss(preset="paper"),
    "log": UniTrackLoss(preset="log"),
    "log with paths": UniTrackLoss({"path": 1.0}, preset="log"),
    "sinkhorn": UniTrackLoss(flows="sinkhorn", counts="hard"),
    "with link loss": SumLoss(SoftmaxLinkLoss(), UniTrackLoss(weighting="fixed")),
}
EACH = pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES.keys())
PROPERTY = settings(derandomize=True, deadline=None, max_examples=15)
SEEDS = st.integers(0, 9999)


def random_logits(data: Data, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return 2 * torch.randn(data.edge_index.shape[1], dtype=torch.float64, generator=generator)


def gradient(loss: nn.Module, logits: Tensor, data: Data) -> tuple[Tensor, Tensor]:
    logits = logits.clone().requires_grad_()
    total = loss(logits, data).total
    total.backward()
    assert logits.grad is not None
    return total.detach(), logits.grad


@EACH
@PROPERTY
@given(seed=SEEDS)
def test_order_of_links_and_nodes_does_not_matter(loss: nn.Module, seed: int, scene: Scene) -> None:
    data = scene(seed % 7)
    logits = random_logits(data, seed)
    generator = torch.Generator().manual_seed(seed)
    links = torch.randperm(len(logits), generator=generator)
    nodes = torch.randperm(data.num_nodes, generator=generator)
    place = torch.empty_like(nodes)
    place[nodes] = torch.arange(len(nodes))
    shuffled = data.clone()
    for key in ("pos", "box", "time", "frame", "identity"):
        shuffled[key] = data[key][nodes]
    shuffled.edge_index = place[data.edge_index[:, links]]
    shuffled.spatial_edge_index = place[data.spatial_edge_index]
    total, slope = gradient(loss, logits, data)
    other, other_slope = gradient(loss, logits[links], shuffled)
    torch.testing.assert_close(other, total, rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(other_slope, slope[links], rtol=1e-8, atol=1e-10)


def test_order_of_nodes_does_not_matter_on_large_graphs(scene: Scene) -> None:
    """More nodes than the dense solver takes: Lanczos starts from places, not from node numbers."""
    data = scene(0, objects=60, frames=4, neighbours=8)
    assert data.num_nodes > 150
    logits = random_logits(data)
    nodes = torch.randperm(data.num_nodes, generator=torch.Generator().manual_seed(0))
    place = torch.empty_like(nodes)
    place[nodes] = torch.arange(len(nodes))
    shuffled = data.clone()
    for key in ("pos", "box", "time", "frame", "identity"):
        shuffled[key] = data[key][nodes]
    shuffled.edge_index, shuffled.spatial_edge_index = place[data.edge_index], place[data.spatial_edge_index]
    loss = UniTrackLoss()
    torch.testing.assert_close(loss(logits, shuffled).total, loss(logits, data).total, rtol=1e-10, atol=1e-10)


@EACH
@PROPERTY
@given(seed=SEEDS)
def test_names_of_identities_do_not_matter(loss: nn.Module, seed: int, scene: Scene) -> None:
    data = scene(seed % 7)
    names = torch.randperm(100, generator=torch.Generator().manual_seed(seed))
    renamed = data.clone()
    renamed.identity = torch.where(data.identity >= 0, names[data.identity.clamp(min=0)], -1)
    logits = random_logits(data, seed)
    torch.testing.assert_close(loss(logits, renamed).total, loss(logits, data).total, rtol=1e-10, atol=1e-10)


@EACH
@PROPERTY
@given(seed=SEEDS, right=st.floats(-500, 500), down=st.floats(-500, 500), later=st.floats(-10, 10))
def test_place_and_start_of_the_scene_do_not_matter(
    loss: nn.Module, seed: int, right: float, down: float, later: float, scene: Scene
) -> None:
    data = scene(seed % 7)
    moved = data.clone()
    moved.pos = data.pos + torch.tensor([right, down], dtype=torch.float64)
    moved.box = data.box + torch.tensor([right, down, 0, 0], dtype=torch.float64)
    moved.time, moved.frame = data.time + later, data.frame + 40
    logits = random_logits(data, seed)
    torch.testing.assert_close(loss(logits, moved).total, loss(logits, data).total, rtol=1e-9, atol=1e-10)


def test_size_of_the_image_does_not_matter(scene: Scene) -> None:
    """Lengths are counted in box heights: the same scene at twice the resolution."""
    data = scene(1)
    large = data.clone()
    large.pos, large.box = 2 * data.pos, 2 * data.box
    logits = random_logits(data)
    torch.testing.assert_close(UniTrackLoss()(logits, large).total, UniTrackLoss()(logits, data).total)


@pytest.mark.parametrize("preset", ["default", "paper", "log"])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_a_batch_is_the_mean_or_the_sum_of_its_graphs(preset: str, reduction: str, scene: Scene) -> None:
    loss = UniTrackLoss(preset=preset, reduction=reduction)  # type: ignore[arg-type]
    parts = [scene(seed, objects=3 + seed, frames=3 + seed % 2) for seed in range(4)]
    logits = [random_logits(part, seed) for seed, part in enumerate(parts)]
    alone = torch.stack([loss(own, part).total for own, part in zip(logits, parts, strict=True)])
    together = loss(torch.cat(logits), Batch.from_data_list(parts)).total
    expected = alone.sum() if reduction == "sum" else alone.mean()
    torch.testing.assert_close(together, expected, rtol=1e-10, atol=1e-10)


def test_a_perfect_prediction_costs_nothing_and_two_crossing_tracks_too() -> None:
    """::

    A   0 \\   / 4        The published code gives 12 with zero gradient here.
            1=5
    B   3 /   \\ 2
    """
    data = Data(
        edge_index=torch.tensor([[0, 1, 3, 5, 0, 3, 1, 5], [1, 2, 5, 4, 5, 1, 4, 2]]),
        pos=torch.tensor([[0.0, 0], [10, 10], [20, 20], [0, 20], [20, 0], [10, 10]], dtype=torch.float64),
        box=torch.tensor([[0.0, 0, 5, 10]] * 6, dtype=torch.float64),
        time=torch.tensor([0, 0.1, 0.2, 0, 0.2, 0.1], dtype=torch.float64),
        frame=torch.tensor([1, 2, 3, 1, 3, 2]),
        identity=torch.tensor([1, 1, 1, 2, 2, 2]),
    )
    right = torch.tensor([20.0] * 4 + [-20.0] * 4, dtype=torch.float64)
    loss = UniTrackLoss()
    assert float(loss(right, data).total) == pytest.approx(0, abs=1e-6)
    swapped = torch.tensor([20.0, -20, 20, -20, -20, -20, 20, 20], dtype=torch.float64)
    total, _ = gradient(loss, swapped, data)
    assert float(total) > 0.5
    doubtful, slope = gradient(loss, torch.zeros(8, dtype=torch.float64), data)
    assert float(doubtful) > 0.5 and bool((slope[:4] < 0).all()) and bool((slope[4:] > 0).all())


@EACH
@pytest.mark.parametrize(
    "case",
    ["no nodes", "no links", "one node", "one frame", "nobody", "no area", "isolated", "same place", "certain"],
)
def test_degenerate_input_is_finite_and_has_a_gradient(loss: nn.Module, case: str, scene: Scene) -> None:
    data = scene(0)
    if case == "no nodes":
        data = scene(0, missed=1.1)
    elif case == "no links":
        data.edge_index = data.edge_index[:, :0]
    elif case == "one node":
        data = scene(0, objects=1, frames=1, missed=0.0)
    elif case == "one frame":
        data = scene(0, frames=1, missed=0.0)
    elif case == "nobody":
        data.identity = torch.full_like(data.identity, -1)
    elif case == "no area":
        data.box[:, 2:] = 0
    elif case == "isolated":
        data.edge_index = data.edge_index[:, :1]
        data.spatial_edge_index = data.spatial_edge_index[:, :0]
    elif case == "same place":
        data.pos = torch.zeros_like(data.pos)
        data.box = torch.zeros_like(data.box)
    logits = random_logits(data)
    if case == "certain":
        logits = 1000 * logits.sign()
    data.pos.requires_grad_()
    total, slope = gradient(loss, logits, data)
    assert bool(total.isfinite()) and bool(slope.isfinite().all())
    assert data.pos.grad is None or bool(data.pos.grad.isfinite().all())
    if case in ("no nodes", "no links", "one node", "one frame"):
        assert float(total) == 0


def test_empty_graph_backpropagates_into_a_model() -> None:
    """A window without a candidate link must not break a training step."""
    layer = nn.Linear(3, 1)
    data = Data(
        edge_index=torch.zeros(2, 0, dtype=torch.int64),
        pos=torch.zeros(2, 2),
        time=torch.zeros(2),
        frame=torch.ones(2, dtype=torch.int64),
        identity=torch.tensor([1, 2]),
    )
    build_loss("unitrack")(layer(torch.zeros(0, 3))[:, 0], data).total.backward()
    assert layer.weight.grad is not None and float(layer.weight.grad.abs().sum()) == 0


def test_gradcheck_of_the_sum_with_fixed_weights(scene: Scene) -> None:
    data = scene(4, objects=4)
    loss = UniTrackLoss(weighting="fixed")
    logits = random_logits(data).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: loss(x, data).total, logits)


def test_gradient_descent_finds_the_truth(scene: Scene) -> None:
    """From undecided logits, UniTrack alone leads to the right links."""
    data = scene(2, objects=6, frames=5)
    logits = torch.zeros(data.edge_index.shape[1], dtype=torch.float64, requires_grad=True)
    loss, optimiser = UniTrackLoss(), torch.optim.Adam([logits], lr=0.3)
    for _ in range(60):
        optimiser.zero_grad()
        loss(logits, data).total.backward()
        optimiser.step()
    graph = link_graph(logits.detach(), data)
    assert bool(((loss.flow(logits.detach(), graph) > 0.5) == (graph.label > 0.5)).all())


def test_paper_preset_is_the_literal_sum(scene: Scene) -> None:
    data = scene(5)
    logits = random_logits(data)
    parts = UniTrackLoss(preset="paper")(logits, data).parts
    total = (
        parts["flow"] + parts["lambda_spatial"] * parts["spatial"] + parts["lambda_temporal"] * parts["temporal"]
    ) * torch.log(torch.tensor(len(logits) + 1.0)).item()
    assert parts["unitrack"] == pytest.approx(total)


def test_parts_tell_everything(scene: Scene) -> None:
    data = scene(0)
    parts = build_loss("unitrack")(random_logits(data), data).parts
    assert set(parts) == {
        *("link", "unitrack", "flow", "spatial", "temporal", "conservation"),
        *("lambda_spatial", "lambda_temporal", "connectivity_spatial", "connectivity_temporal"),
        *("false_positives", "false_negatives", "false_positives_soft", "false_negatives_soft", "true_links"),
    }
    assert all(type(value) is float for value in parts.values())


def test_terms_compose_as_objects(scene: Scene) -> None:
    class FewLinks(Term):
        name = "few_links"

        def forward(self, graph, flow, strength, reduction="mean"):  # type: ignore[no-untyped-def]
            return graph.sum_links(flow) / graph.true_count

    data = scene(0)
    logits = random_logits(data)
    loss = UniTrackLoss(terms=[FlowTerm(2.0), FewLinks(0.5)], log_normalise=False)
    output = loss(logits, data)
    assert float(output.total) == pytest.approx(2 * output.parts["flow"] + 0.5 * output.parts["few_links"])


def test_terms_by_name_override_and_remove(scene: Scene) -> None:
    assert next(term.name for term in UniTrackLoss(terms={"spatial": 0.0, "flow": 3.0}).terms) == "flow"
    assert "spatial" not in UniTrackLoss(terms={"spatial": 0.0}).term_names
    with pytest.raises(DataError, match="no term 'temperal' in preset 'default'"):
        UniTrackLoss(terms={"temperal": 1.0})
    with pytest.raises(DataError, match="no preset"):
        UniTrackLoss(preset="best")  # type: ignore[arg-type]


def test_embeddings_become_the_association_strength(scene: Scene) -> None:
    data = scene(0)
    vectors = torch.randn(data.num_nodes, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    vectors.requires_grad_()
    UniTrackLoss()(random_logits(data), data, embeddings=vectors).total.backward()
    assert vectors.grad is not None and float(vectors.grad.abs().sum()) > 0
    with pytest.raises(DataError, match=r"embeddings have shape .* for 17 nodes"):
        UniTrackLoss()(random_logits(data), data, embeddings=vectors[1:])
    with pytest.raises(DataError, match="embedding of node 0 is not finite"):
        UniTrackLoss()(random_logits(data), data, embeddings=vectors.detach() * torch.nan)


def test_saved_and_loaded(scene: Scene) -> None:
    loss = UniTrackLoss(smoothing=0.5)
    data = scene(0)
    loss(random_logits(data), data)
    other = UniTrackLoss(smoothing=0.5)
    other.load_state_dict(loss.state_dict())
    assert "FlowTerm(weight=1.0, alpha=0.9" in repr(other)
    torch.testing.assert_close(other.weighting.running, loss.weighting.running)


@pytest.mark.parametrize("settings_name", ["default", "paper", "log"])
def test_it_ranks_errors(settings_name: str, benchmark: Callable[[str], object]) -> None:
    """800 corruptions of random crossing scenes; the 10,000 are in benchmarks/loss_ranking.py."""
    ranking = benchmark("loss_ranking")
    result = ranking.rank(UniTrackLoss(preset=settings_name), scenes=200, seed=7)  # type: ignore[attr-defined,arg-type]
    right, count = (sum(pair[place] for pair in result.values()) for place in (0, 1))
    assert count >= 780 and set(result) == {"swap", "cut", "spurious", "fragment"}
    assert right / count >= {"default": 0.99, "paper": 0.9, "log": 1.0}[settings_name]
