"""How many links are wrong: by hand."""

from __future__ import annotations

import pytest
import torch
from torch_geometric.data import Data

from gnntrack.losses import FlowTerm, LinkGraph, link_graph
from gnntrack.losses.terms.counts import count_links

#: Four links, the first two true.
WINDOW = Data(
    edge_index=torch.tensor([[0, 1, 0, 1], [2, 3, 3, 2]]),
    pos=torch.zeros(4, 2),
    time=torch.tensor([0.0, 0.0, 0.1, 0.1]),
    edge_label=torch.tensor([1.0, 1.0, 0.0, 0.0]),
)


@pytest.fixture
def graph() -> LinkGraph:
    return link_graph(torch.zeros(4), WINDOW)


@pytest.mark.parametrize(
    ("flow", "false_positives", "false_negatives"),
    [
        ([0.51, 0.51, 0.49, 0.49], 0, 0),
        ([0.49, 0.51, 0.51, 0.49], 1, 1),
        ([0.4, 0.4, 0.4, 0.4], 0, 2),
        ([0.5, 0.5, 0.5, 0.5], 0, 2),
        ([0.6, 0.6, 0.6, 0.6], 2, 0),
    ],
)
def test_a_link_is_predicted_from_one_half_on(
    graph: LinkGraph, flow: list[float], false_positives: int, false_negatives: int
) -> None:
    """Above one half a node can have but one such link a side."""
    counts = count_links(graph, torch.tensor(flow), "hard")
    assert counts.false_positives.item() == false_positives
    assert counts.false_negatives.item() == false_negatives
    assert counts.true.item() == 2
    assert counts.predicted.item() == sum(value > 0.5 for value in flow)


def test_soft_counts_are_sums_of_flows(graph: LinkGraph) -> None:
    counts = count_links(graph, torch.tensor([0.9, 0.2, 0.3, 0.4]), "soft")
    assert [round(value.item(), 5) for value in counts] == [0.7, 0.9, 1.8, 2.0]
    assert counts.error().item() == pytest.approx(0.7 / 1.8 + 0.9 / 2)


def test_few_predictions_divide_as_one(graph: LinkGraph) -> None:
    counts = count_links(graph, torch.tensor([0.1, 0.1, 0.2, 0.1]), "soft")
    assert counts.error().item() == pytest.approx(0.3 / 1 + 1.8 / 2)


@pytest.mark.parametrize(("counting", "error"), [("hard", 1 / 2 + 1 / 2), ("soft", 0.8 / 2.0 + 0.8 / 2)])
def test_the_flow_term_by_hand(graph: LinkGraph, counting: str, error: float) -> None:
    """Two true links with flows .9 and .3, two wrong ones with .6 and .2; α is 0.9."""
    flow, strength = torch.tensor([0.9, 0.3, 0.6, 0.2]), torch.tensor([0.5, 1.0, 1.0, 1.0])
    factor = torch.tensor(-0.9 * error).exp().item()
    expected = (1 - 0.9 * 0.5 * factor) + (1 - 0.3 * factor)
    term = FlowTerm(counts=counting)  # type: ignore[arg-type]
    assert term(graph, flow, strength, "sum").item() == pytest.approx(expected)
    assert term(graph, flow, strength, "mean").item() == pytest.approx(expected / 2)
    literal = FlowTerm(counts=counting, literal=True)(graph, flow, strength, "sum")  # type: ignore[arg-type]
    assert literal.item() == pytest.approx(-factor * (0.45 + 0.3 + 0.6 + 0.2))
