"""λ: fixed, learned, and from the Laplacians of the current graph."""

from __future__ import annotations

import math
from collections.abc import Callable

import networkx
import pytest
import torch
from torch_geometric.data import Batch, Data

from gnntrack.errors import DataError
from gnntrack.losses import UniTrackLoss, link_graph, softmax_flows
from gnntrack.losses.graph import LinkGraph
from gnntrack.losses.weighting.weights import FixedWeighting, LaplacianWeighting, LearnedWeighting

Scene = Callable[..., Data]


def flows_of(data: Data, scale: float = 1.0) -> tuple[LinkGraph, torch.Tensor]:
    count = data.edge_index.shape[1]
    logits = scale * torch.randn(count, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    graph = link_graph(logits, data)
    return graph, softmax_flows(logits, graph.source, graph.target, graph.nodes)


def test_connectivity_of_both_graphs_equals_networkx(scene: Scene) -> None:
    data = scene(0, objects=8, frames=3, neighbours=6, missed=0.05)
    graph, flow = flows_of(data)
    spatial, temporal = LaplacianWeighting(kind="combinatorial").connectivity(graph, flow)
    whole = networkx.Graph()
    whole.add_nodes_from(range(graph.nodes))
    whole.add_weighted_edges_from(
        (int(a), int(b), float(w)) for a, b, w in zip(graph.source, graph.target, flow, strict=True)
    )
    assert float(temporal) == pytest.approx(networkx.algebraic_connectivity(whole, tol=1e-10), abs=1e-8)
    frames = []
    for frame in data.frame.unique().tolist():
        image = networkx.Graph()
        image.add_nodes_from((data.frame == frame).nonzero()[:, 0].tolist())
        image.add_edges_from((a, b) for a, b in data.spatial_edge_index.T.tolist() if a in image and b in image)
        frames += [networkx.algebraic_connectivity(image, tol=1e-10)] if len(image) >= 2 else []
    assert float(spatial) == pytest.approx(sum(frames) / len(frames), abs=1e-8)


def test_shares_follow_the_equation(scene: Scene) -> None:
    graph, flow = flows_of(scene(0, objects=8))
    weighting = LaplacianWeighting(floor=0.05)
    shares = weighting(graph, flow)
    inverse_s = 1 / (shares.figures["connectivity_spatial"] + 0.05)
    inverse_t = 1 / (shares.figures["connectivity_temporal"] + 0.05)
    torch.testing.assert_close(shares.spatial, inverse_s / (inverse_s + inverse_t))
    torch.testing.assert_close(shares.spatial + shares.temporal, torch.ones(1, dtype=torch.float64))
    assert not shares.spatial.requires_grad


def test_a_perfect_association_leaves_one_component_a_track(scene: Scene) -> None:
    """σ₂ of the temporal graph falls to 0 as tracks come apart, so λ moves to the temporal term."""
    data = scene(0, objects=8, missed=0.0)
    weighting = LaplacianWeighting()
    graph, unsure = flows_of(data, 0.0)
    sure = softmax_flows(1000 * (2 * graph.label - 1), graph.source, graph.target, graph.nodes)
    assert float(weighting(graph, sure).figures["connectivity_temporal"]) == 0.0
    assert float(weighting(graph, sure).temporal) > float(weighting(graph, unsure).temporal)


def test_one_node_a_frame_and_empty_graphs_have_shares() -> None:
    lonely = Data(
        edge_index=torch.tensor([[0], [1]]),
        pos=torch.rand(2, 2),
        time=torch.tensor([0.0, 0.1]),
        frame=torch.tensor([1, 2]),
        identity=torch.tensor([1, 1]),
    )
    for logits, data in (
        (torch.zeros(1), lonely),
        (
            torch.zeros(0),
            Data(
                edge_index=torch.zeros(2, 0, dtype=torch.int64),
                pos=torch.zeros(0, 2),
                time=torch.zeros(0),
                identity=torch.zeros(0, dtype=torch.int64),
                frame=torch.zeros(0, dtype=torch.int64),
            ),
        ),
    ):
        shares = LaplacianWeighting()(link_graph(logits, data), logits.sigmoid())
        assert 0 < float(shares.spatial) < 1 and 0 < float(shares.temporal) < 1


def test_smoothing_is_a_running_mean_in_training_only(scene: Scene) -> None:
    weighting = LaplacianWeighting(smoothing=0.75)
    first, second = flows_of(scene(0, objects=8)), flows_of(scene(1, objects=8), 4.0)
    plain = LaplacianWeighting()
    old, new = float(plain(*first).spatial), float(plain(*second).spatial)
    assert float(weighting(*first).spatial) == pytest.approx(old)
    weighting.eval()
    assert float(weighting(*second).spatial) == pytest.approx(0.75 * old + 0.25 * new)
    assert float(weighting.running) == pytest.approx(old)


def test_learned_shares_get_a_gradient_and_sum_to_one(scene: Scene) -> None:
    loss = UniTrackLoss(weighting="learned")
    assert [name for name, _ in loss.named_parameters()] == ["weighting.preference"]
    data = scene(2)
    output = loss(torch.randn(data.edge_index.shape[1], dtype=torch.float64), data)
    output.total.backward()
    weighting = loss.weighting
    assert isinstance(weighting, LearnedWeighting) and weighting.preference.grad is not None
    assert bool((weighting.preference.grad != 0).all())
    assert output.parts["lambda_spatial"] + output.parts["lambda_temporal"] == pytest.approx(1)


def test_fixed_shares_and_unknown_names(scene: Scene) -> None:
    graph, flow = flows_of(scene(0))
    assert float(FixedWeighting(0.2, 0.8)(graph, flow).temporal) == 0.8
    with pytest.raises(DataError, match="no weighting 'laplace'"):
        UniTrackLoss(weighting="laplace")  # type: ignore[arg-type]


def test_shares_of_a_batch_are_those_of_its_graphs(scene: Scene) -> None:
    parts = [scene(seed, objects=6, missed=0.05) for seed in range(3)]
    graph, flow = flows_of(Batch.from_data_list(parts), 0.0)
    together = LaplacianWeighting()(graph, flow).spatial
    alone = torch.cat([LaplacianWeighting()(*flows_of(part, 0.0)).spatial for part in parts])
    torch.testing.assert_close(together, alone, rtol=0, atol=1e-12)


def test_between_two_computations_the_mean_is_held(scene: Scene) -> None:
    """Of six training calls the first and the fourth compute λ; the others hold it; evaluation always computes."""
    weighting = LaplacianWeighting(every=3)
    graph, sure = flows_of(scene(0), scale=8.0)
    _, unsure = flows_of(scene(0), scale=0.5)
    fresh = [LaplacianWeighting()(graph, flow).spatial for flow in (sure, unsure)]
    seen = [weighting(graph, flow).spatial for flow in (unsure, sure, sure, sure, unsure, unsure)]
    expected = [fresh[1].mean()] * 3 + [fresh[0].mean()] * 3
    for share, mean in zip(seen, expected, strict=True):
        torch.testing.assert_close(share.mean(), mean)
    weighting.eval()
    torch.testing.assert_close(weighting(graph, unsure).spatial, fresh[1])
    again = LaplacianWeighting(every=3)
    again.load_state_dict(weighting.state_dict())
    torch.testing.assert_close(again.train()(graph, unsure).spatial.mean(), fresh[1].mean())


def test_learned_shares_are_those_of_their_terms(scene: Scene) -> None:
    """The first preference is the spatial term's: three to one here."""
    data = scene(0)
    graph = link_graph(torch.zeros(data.edge_index.shape[1], dtype=torch.float64), data)
    weighting = LearnedWeighting()
    with torch.no_grad():
        weighting.preference[0] = torch.tensor(3.0).log()
    shares = weighting(graph, graph.label)
    assert shares.spatial.tolist() == pytest.approx([0.75]) and shares.temporal.tolist() == pytest.approx([0.25])


def test_parts_are_compared_where_tracks_come_apart(scene: Scene) -> None:
    """Sure and right: every track is a part of its own; σ₂ is theirs, and the floor moves λ by little."""
    data = scene(0, objects=6, frames=6, missed=0.0, false_positives=0)
    graph = link_graph(torch.zeros(data.edge_index.shape[1], dtype=torch.float64), data)
    flow = graph.label
    shares = [LaplacianWeighting(floor=floor, parts=True)(graph, flow) for floor in (0.1, 0.001)]
    path = 1 - math.cos(math.pi / 5)  # six detections in a row
    for share in shares:
        assert float(share.figures["connectivity_temporal"]) == pytest.approx(path)
    assert abs(float(shares[0].spatial - shares[1].spatial)) < 0.1
    whole = [LaplacianWeighting(floor=floor)(graph, flow) for floor in (0.1, 0.001)]
    assert float(whole[0].figures["connectivity_temporal"]) == 0


def test_a_graph_in_one_part_has_the_connectivity_of_the_whole(scene: Scene) -> None:
    data = scene(1)
    graph = link_graph(torch.zeros(data.edge_index.shape[1], dtype=torch.float64), data)
    flow = torch.ones_like(graph.label)
    whole, parts = (LaplacianWeighting(parts=parts)(graph, flow) for parts in (False, True))
    expected = float(whole.figures["connectivity_temporal"])
    assert expected > 0 and float(parts.figures["connectivity_temporal"]) == pytest.approx(expected, rel=0.1)
