"""Laplacians and algebraic connectivity against networkx."""

from __future__ import annotations

import networkx
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from gnntrack.losses.weighting.connectivity import algebraic_connectivity, components
from gnntrack.losses.weighting.laplacian import LaplacianKind, laplacian

KINDS = pytest.mark.parametrize("kind", ["combinatorial", "normalised"])


def random_graph(seed: int, nodes: int, density: float) -> tuple[Tensor, Tensor, networkx.Graph]:
    """Every pair once, with a weight."""
    rng = np.random.default_rng(seed)
    pairs = [(a, b) for a in range(nodes) for b in range(a + 1, nodes) if rng.random() < density]
    weights = rng.uniform(0.1, 3, len(pairs))
    graph = networkx.Graph()
    graph.add_nodes_from(range(nodes))
    graph.add_weighted_edges_from((a, b, weight) for (a, b), weight in zip(pairs, weights, strict=True))
    return torch.tensor(pairs, dtype=torch.int64).reshape(-1, 2).T, torch.from_numpy(weights), graph


def reference(graph: networkx.Graph, kind: LaplacianKind) -> float:
    """networkx's own value; it calls a lone node an error, we call it 0."""
    normalised = kind == "normalised"
    return float(networkx.algebraic_connectivity(graph, normalized=normalised, tol=1e-11, method="tracemin_lu"))


@KINDS
@settings(derandomize=True, deadline=None, max_examples=25)
@given(seed=st.integers(0, 999), nodes=st.integers(1, 12), density=st.sampled_from([0.1, 0.4, 0.9]))
def test_laplacian_equals_networkx(kind: LaplacianKind, seed: int, nodes: int, density: float) -> None:
    edges, weight, graph = random_graph(seed, nodes, density)
    matrix = networkx.laplacian_matrix if kind == "combinatorial" else networkx.normalized_laplacian_matrix
    expected = torch.from_numpy(np.asarray(matrix(graph).toarray(), dtype=np.float64))
    found = laplacian(edges, weight, nodes, kind)
    torch.testing.assert_close(found.dense(), expected, rtol=0, atol=1e-6)
    vector = torch.linspace(-1, 2, nodes, dtype=torch.float64)
    torch.testing.assert_close(found.times(vector), expected @ vector)
    torch.testing.assert_close(found.times(found.null), torch.zeros(nodes, dtype=torch.float64), rtol=0, atol=1e-12)


def test_pairs_listed_twice_add_up_and_loops_do_not_count() -> None:
    edges = torch.tensor([[0, 1, 1], [1, 0, 1]])
    found = laplacian(edges, torch.tensor([1.0, 2.0, 5.0]), 2)
    assert found.dense().tolist() == [[3.0, -3.0], [-3.0, 3.0]]


@KINDS
def test_laplacian_is_differentiable_in_the_weights(kind: LaplacianKind) -> None:
    edges, weight, _ = random_graph(0, 5, 0.7)
    weight.requires_grad_()
    assert torch.autograd.gradcheck(lambda w: laplacian(edges, w, 5, kind).dense(), weight)


@KINDS
@pytest.mark.parametrize("dense_nodes", [64, 1])
@settings(derandomize=True, deadline=None, max_examples=25)
@given(seed=st.integers(0, 999), nodes=st.integers(2, 14), density=st.sampled_from([0.15, 0.4, 0.9]))
def test_connectivity_equals_networkx(
    kind: LaplacianKind, dense_nodes: int, seed: int, nodes: int, density: float
) -> None:
    edges, weight, graph = random_graph(seed, nodes, density)
    found = algebraic_connectivity(
        edges, weight, torch.zeros(nodes, dtype=torch.int64), 1, kind=kind, dense_nodes=dense_nodes
    )
    assert float(found) == pytest.approx(reference(graph, kind), abs=1e-6)
    if not networkx.is_connected(graph):
        assert float(found) == 0.0


@KINDS
def test_large_graph_by_lanczos_equals_networkx(kind: LaplacianKind) -> None:
    """A ring of 300 nodes with chords: σ₂ is small beside the largest eigenvalue."""
    ring = torch.arange(300)
    edges = torch.stack([torch.cat([ring, ring[::3]]), torch.cat([(ring + 1) % 300, (ring[::3] + 7) % 300])])
    weight = 0.5 + torch.rand(edges.shape[1], dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    graph = networkx.Graph()
    for (a, b), value in zip(edges.T.tolist(), weight.tolist(), strict=True):
        graph.add_edge(a, b, weight=value + graph.get_edge_data(a, b, {"weight": 0.0})["weight"])
    found = algebraic_connectivity(edges, weight, torch.zeros(300, dtype=torch.int64), 1, kind=kind)
    assert float(found) == pytest.approx(reference(graph, kind), rel=1e-6)


@KINDS
@pytest.mark.parametrize("dense_nodes", [64, 1])
def test_a_batch_equals_its_graphs(kind: LaplacianKind, dense_nodes: int) -> None:
    """Connected, disconnected, single-node and empty graphs side by side."""
    parts = [random_graph(seed, nodes, 0.5) for seed, nodes in ((0, 6), (1, 9), (2, 1), (3, 12))]
    parts.insert(2, random_graph(5, 8, 0.05))
    edges, weights, owner, expected, offset = [], [], [], [], 0
    for number, (pairs, weight, graph) in enumerate(parts):
        edges.append(pairs + offset)
        weights.append(weight)
        owner += [number] * len(graph)
        offset += len(graph)
        expected.append(reference(graph, kind) if len(graph) > 1 else 0.0)
    found = algebraic_connectivity(
        torch.cat(edges, 1), torch.cat(weights), torch.tensor(owner), len(parts) + 1, kind=kind, dense_nodes=dense_nodes
    )
    torch.testing.assert_close(found, torch.tensor([*expected, 0.0], dtype=torch.float64), rtol=0, atol=1e-8)
    assert float(found[2]) == float(found[3]) == float(found[5]) == 0.0


@pytest.mark.parametrize("nodes", [20, 400])
def test_a_disconnected_graph_has_exactly_zero(nodes: int) -> None:
    """Two complete halves: Krylov methods alone report a positive value here."""
    half = nodes // 2
    pairs = torch.combinations(torch.arange(half)).T
    edges = torch.cat([pairs, pairs + half], 1)
    owner = torch.zeros(nodes, dtype=torch.int64)
    assert float(algebraic_connectivity(edges, torch.ones(edges.shape[1]), owner, 1)) == 0.0


def test_edges_of_weight_zero_are_no_edges() -> None:
    edges, owner = torch.tensor([[0, 1], [1, 2]]), torch.zeros(3, dtype=torch.int64)
    assert float(algebraic_connectivity(edges, torch.tensor([1.0, 0.0]), owner, 1)) == 0.0


def test_weak_ties_give_a_small_value_and_not_a_large_one() -> None:
    """Forty chains of five, tied by flows of 1e-7: what a trained model's temporal graph looks like."""
    nodes = torch.arange(200)
    chain = nodes[nodes % 5 != 4]
    edges = torch.cat([torch.stack([chain, chain + 1]), torch.stack([nodes[:-5], nodes[5:]])], 1)
    weight = torch.cat([torch.ones(len(chain)), torch.full((195,), 1e-7)])
    owner = torch.zeros(200, dtype=torch.int64)
    found = algebraic_connectivity(edges, weight, owner, 1, relative=0.1, absolute=0.01)
    assert 0 <= float(found) < 1e-3


def test_components_of_a_long_path() -> None:
    order = torch.randperm(500, generator=torch.Generator().manual_seed(0))
    edges = torch.stack([order[:-1], order[1:]])
    assert components(edges, 500).tolist() == [0] * 500
    assert components(edges[:, :0], 3).tolist() == [0, 1, 2]


def test_what_is_found_roughly_does_not_depend_on_the_batch() -> None:
    """A path that takes many iterations beside graphs that take few; with a tolerance, each stops by itself."""
    path = torch.stack([torch.arange(199), torch.arange(1, 200)])
    graphs = [(path, torch.ones(199), 200)]
    for seed in range(3):
        edges, weight, _ = random_graph(seed, 80, 0.2)
        graphs.append((edges, weight, 80))
    generator, starts = torch.Generator().manual_seed(0), []
    alone = []
    for edges, weight, nodes in graphs:
        starts.append(torch.randn(nodes, dtype=torch.float64, generator=generator))
        block = torch.zeros(nodes, dtype=torch.int64)
        found = algebraic_connectivity(edges, weight, block, 1, relative=0.3, absolute=0.01, start=starts[-1])
        alone.append(float(found))
    shift = np.cumsum([0, *(nodes for _, _, nodes in graphs)])
    together = algebraic_connectivity(
        torch.cat([edges + int(first) for (edges, _, _), first in zip(graphs, shift, strict=False)], 1),
        torch.cat([weight for _, weight, _ in graphs]),
        torch.repeat_interleave(torch.arange(4), torch.tensor([nodes for _, _, nodes in graphs])),
        4,
        relative=0.3,
        absolute=0.01,
        start=torch.cat(starts),
    )
    assert together.tolist() == pytest.approx(alone, rel=1e-9)
