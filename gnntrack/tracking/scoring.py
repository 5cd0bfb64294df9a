"""Link probabilities of window graphs."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from itertools import islice

import numpy as np
import torch
from torch import Tensor
from torch_geometric.data import Batch, Data

from gnntrack.graphs import GraphSettings, windows
from gnntrack.models import MessagePassing

#: Anything that turns a graph into one logit a temporal edge.
LinkScorer = Callable[[Data], Tensor]


def in_single_precision(scorer: LinkScorer) -> LinkScorer:
    """The scorer, or a float32 copy of message passing whose weights are of another type: graphs are float32."""
    if isinstance(scorer, MessagePassing) and {weight.dtype for weight in scorer.parameters()} != {torch.float32}:
        return copy.deepcopy(scorer).float()
    return scorer


@torch.no_grad()
def probabilities(scorer: LinkScorer, graph: Data) -> Tensor:
    """Probability ``(E,)`` float32 of every temporal edge of a graph, the same for every number of threads.

    Threads share the work out by their number, and the last digits depend on where a share ends.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return torch.sigmoid(scorer(graph).float()).cpu()
    finally:
        torch.set_num_threads(threads)


def window_probabilities(
    graph: Data, scorer: LinkScorer, settings: GraphSettings, edges_per_batch: int = 200_000
) -> np.ndarray:
    """Probability of every temporal edge of a sequence's graph, averaged over the windows that saw it: ``(E,)``.

    Args:
        graph: of the whole sequence, from :func:`gnntrack.graphs.build_graph`.
        scorer: scores the links of a window graph.
        settings: window and stride.
        edges_per_batch: windows are scored together up to this many edges; bounds the memory.
    """
    scorer = in_single_precision(scorer)
    total = torch.zeros(graph.num_edges, dtype=torch.float64)
    counts = torch.zeros(graph.num_edges, dtype=torch.float64)
    for batch in _batches(windows(graph, settings), edges_per_batch):
        probability = probabilities(scorer, batch).double()
        total.index_add_(0, batch.edge_row, probability)
        counts.index_add_(0, batch.edge_row, torch.ones_like(probability))
    return (total / counts.clamp(min=1)).numpy()


def _batches(graphs: Iterator[Data], edges_per_batch: int) -> Iterator[Data]:
    first = next(graphs, None)
    while first is not None:
        count = max(1, edges_per_batch // max(1, first.num_edges))
        yield Batch.from_data_list([first, *islice(graphs, count - 1)])
        first = next(graphs, None)
