from __future__ import annotations

import json

import networkx as nx
import numpy as np
import pytest
import torch
from torch_geometric.data import Data

from gnntrack.graphs import slice_window
from gnntrack.inspection.convert import to_networkx
from gnntrack.inspection.spectrum import spectrum
from gnntrack.inspection.statistics import graph_statistics


def test_figures_agree_with_networkx(campus: Data) -> None:
    figures, graph = graph_statistics(campus), to_networkx(campus)
    links = nx.DiGraph((s, t) for s, t, v in graph.edges(data=True) if v["kind"] == "temporal")
    links.add_nodes_from(graph)
    assert figures["nodes"] == graph.number_of_nodes()
    assert figures["links"]["count"] == links.number_of_edges()
    assert figures["components"]["temporal"] == nx.number_weakly_connected_components(links)
    assert figures["degrees"]["out"]["largest"] == max(degree for _, degree in links.out_degree)
    assert sum(figures["degrees"]["in"]["histogram"]) == 222
    gaps = [values["gap"] for *_, values in graph.edges(data=True) if "gap" in values]
    assert figures["links"]["by_gap"] == {str(gap): gaps.count(gap) for gap in sorted(set(gaps))}
    json.dumps(figures, allow_nan=False)


def test_windows_lie_end_to_end_with_their_spectra(campus: Data) -> None:
    windows = graph_statistics(campus, window=10)["windows"]
    assert [(row["first"], row["last"]) for row in windows] == [(f, f + 9) for f in range(1, 72, 10)]
    assert sum(row["nodes"] for row in windows) == 222
    part = slice_window(campus, 11, 20)
    expected = spectrum(part.edge_index.numpy(), len(part.frame))
    assert windows[1]["temporal"]["connectivity"] == expected.connectivity
    assert windows[1]["temporal"]["smallest"] == expected.smallest


def test_recall_counts_true_links_that_are_candidates(campus: Data) -> None:
    truth = graph_statistics(campus)["truth"]
    assert truth["kept"] == int(campus.edge_label.sum())
    assert truth["oracle_recall"] == truth["kept"] / truth["within_gap"]
    assert truth["within_gap"] <= truth["all"]


def test_without_labels_nothing_is_claimed() -> None:
    data = toy_scores([0.9, 0.2])
    assert graph_statistics(data)["truth"] is None


def toy_scores(scores: list[float]) -> Data:
    """One box in frame 1, two in frame 2: a link to each.

    a ──► b
      ╲─► c
    """
    return Data(
        frame=torch.tensor([1, 2, 2]),
        box=torch.tensor([[0.0, 0, 10, 10], [0, 0, 10, 10], [40, 0, 10, 10]]),
        edge_index=torch.tensor([[0, 0], [1, 2]]),
        edge_attr=torch.zeros(2, 1),
        spatial_edge_index=torch.tensor([[1, 2], [2, 1]]),
        spatial_edge_attr=torch.zeros(2, 1),
        score=torch.tensor(scores),
        pos=torch.zeros(3, 2),
        time=torch.tensor([0.0, 0.1, 0.1]),
        name="toy",
        frame_rate=10.0,
        width=100,
        height=100,
    )


@pytest.mark.parametrize(("scores", "ambiguous"), [([0.9, 0.85], 1), ([0.9, 0.2], 0)])
def test_ambiguity_by_score(scores: list[float], ambiguous: int) -> None:
    figures = graph_statistics(toy_scores(scores))["ambiguity"]
    assert figures["by"] == "score"
    assert figures["out"] == {"boxes": 1, "ambiguous": ambiguous, "share": float(ambiguous)}
    assert figures["in"] == {"boxes": 2, "ambiguous": 0, "share": 0.0}


def test_ambiguity_by_distance_without_scores() -> None:
    data = toy_scores([0.5, 0.5])
    del data.score
    figures = graph_statistics(data)["ambiguity"]
    assert (figures["by"], figures["out"]["ambiguous"]) == ("distance", 0)
    data.box[2, 0] = 0.5  # a twentieth of a box height beside the other
    assert graph_statistics(data)["ambiguity"]["out"]["ambiguous"] == 1


def test_conservation_of_scores() -> None:
    """Scores 1 and 0 are a flow. With 1 and 1 a box gives two units away: residual 1, and overfull."""
    assert graph_statistics(toy_scores([1.0, 0.0]))["conservation"] == {
        "mean": 0.0,
        "p95": 0.0,
        "largest": 0.0,
        "overfull": 0,
    }
    double = graph_statistics(toy_scores([1.0, 1.0]))["conservation"]
    assert double["largest"] == 1.0
    assert double["overfull"] == 1


@pytest.mark.parametrize("frames", [(30, 30), (9000, 9001)])
def test_one_frame_and_no_frame(campus: Data, frames: tuple[int, int]) -> None:
    figures = graph_statistics(slice_window(campus, *frames))
    assert figures["links"]["count"] == 0
    assert len(figures["windows"]) == (1 if frames == (30, 30) else 0)
    assert np.isfinite(figures["degrees"]["out"]["mean"])
