from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from gnntrack.inspection.spectrum import frame_connectivity, frame_eigenvalues, spectrum


def edges_of(graph: nx.Graph) -> np.ndarray:
    return np.array(list(graph.edges), dtype=int).reshape(-1, 2).T


@pytest.mark.parametrize("nodes", [2, 7, 40, 300, 420])
@pytest.mark.parametrize("seed", [0, 1])
def test_spectrum_is_networkx_own(nodes: int, seed: int) -> None:
    """Both the dense road (up to 250 nodes) and Lanczos, components included."""
    graph = nx.gnp_random_graph(nodes, min(1.0, 4.0 / nodes), seed=seed)
    found = spectrum(edges_of(graph), nodes)
    truth = np.linalg.eigvalsh(nx.laplacian_matrix(graph).toarray().astype(float))
    assert found.components == nx.number_connected_components(graph)
    np.testing.assert_allclose(found.smallest, truth[: len(found.smallest)], atol=1e-6)
    assert found.largest == pytest.approx(truth[-1], abs=1e-6)
    expected = truth[1] if found.components == 1 else 0.0
    assert found.connectivity == pytest.approx(expected, abs=1e-6)


def test_algebraic_connectivity_is_networkx_own() -> None:
    graph = nx.connected_watts_strogatz_graph(300, 4, 0.3, seed=3)
    assert spectrum(edges_of(graph), 300).connectivity == pytest.approx(
        nx.algebraic_connectivity(graph, method="lanczos", seed=0, tol=1e-10), abs=1e-5
    )


def test_double_edges_count_once_and_directions_not_at_all() -> None:
    """0 ⇄ 1 is one edge: eigenvalues 0 and 2."""
    assert spectrum(np.array([[0, 1], [1, 0]]), 2).smallest == pytest.approx([0.0, 2.0])


def test_disconnected_graphs_have_connectivity_zero_exactly() -> None:
    two = nx.disjoint_union(nx.path_graph(200), nx.path_graph(200))
    assert spectrum(edges_of(two), 400).connectivity == 0.0


def test_small_graphs() -> None:
    none = np.zeros((2, 0), dtype=int)
    assert spectrum(none, 0).components == 0
    assert spectrum(none, 1) == spectrum(none, 1)
    assert spectrum(none, 1).connectivity == 0.0
    assert spectrum(none, 3).components == 3


def test_spatial_spectrum_is_that_of_the_whole_graph() -> None:
    frame = np.repeat([1, 2, 4], [5, 1, 8])
    graph = nx.disjoint_union_all([nx.cycle_graph(5), nx.empty_graph(1), nx.gnp_random_graph(8, 0.3, seed=1)])
    edges = np.concatenate([edges_of(graph), edges_of(graph)[::-1]], axis=1)
    truth = np.linalg.eigvalsh(nx.laplacian_matrix(graph).toarray().astype(float))
    np.testing.assert_allclose(frame_eigenvalues(edges, frame), truth, atol=1e-9)


def test_frames_are_looked_at_one_by_one() -> None:
    """Frame 1: two boxes joined (σ₂ = 2); frame 2: two apart (0); frame 3: one box, not counted."""
    frame = np.array([1, 1, 2, 2, 3])
    edges = np.array([[0, 1], [1, 0]])
    np.testing.assert_allclose(frame_connectivity(edges, frame), [2.0, 0.0])
