"""Chains of true links: which nodes are one object's, where labels of links are all that is known."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from gnntrack.losses.eager import eager
from gnntrack.losses.graph import LinkGraph
from gnntrack.losses.weighting.connectivity import components


@eager
def with_chains(graph: LinkGraph) -> LinkGraph:
    """The graph with :attr:`~gnntrack.losses.LinkGraph.chain`, for the terms that ask for it.

    Example:
        A track of two and a lone node; the link between both is not true::

            0 ==> 1 --> 2

        >>> from types import SimpleNamespace as Window
        >>> from gnntrack.losses import link_graph
        >>> window = Window(edge_index=torch.tensor([[0, 1], [1, 2]]), pos=torch.zeros(3, 2),
        ...                 time=torch.tensor([0.0, 0.1, 0.2]), edge_label=torch.tensor([1.0, 0.0]))
        >>> with_chains(link_graph(torch.zeros(2), window)).chain.tolist()
        [0, 0, 2]
    """
    if graph.chain is not None:
        return graph
    links = torch.stack([graph.source, graph.target])[:, graph.true]
    return replace(graph, chain=components(links, graph.nodes))


def chain_of(graph: LinkGraph) -> Tensor:
    """The chain of every node, ``(N,)``: the graph's own, or found here."""
    chain = graph.chain if graph.chain is not None else with_chains(graph).chain
    assert chain is not None  # with_chains sets it
    return chain
