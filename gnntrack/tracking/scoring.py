"""Link probabilities of a whole sequence."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from itertools import islice

import numpy as np
import torch
from torch import Tensor
from torch_geometric.data import Batch, Data

from gnntrack.association.histories import observations
from gnntrack.graphs import GraphSettings, windows
from gnntrack.models import AssociationNetwork, MessagePassing, ModelRecipe
from gnntrack.sequence import View
from gnntrack.tracking.replay import find_links, seen_links

#: Anything that turns a graph into one logit a temporal edge.
Encoder = Callable[[Data], Tensor]


def link_probabilities(graph: Data, model: Encoder, recipe: ModelRecipe) -> np.ndarray:
    """Probability of every temporal edge of a sequence's graph: ``(E,)``.

    Args:
        graph: of the whole sequence, from :func:`gnntrack.graphs.build_graph`.
        model: an :class:`gnntrack.models.AssociationNetwork` (edges that its tracks never came to see have 0), or an
            encoder of window graphs.
        recipe: what the model was trained with.
    """
    if not isinstance(model, AssociationNetwork):
        return window_probabilities(graph, model, recipe.graph)
    scored = find_links(*_video(graph), model, recipe.association)
    result: np.ndarray = _of_edges(graph, scored.links, scored.probability, 0.0)
    return result


def judge_links(graph: Data, model: Encoder, recipe: ModelRecipe) -> None:
    """Adds to a sequence's graph the probability of every temporal edge, and the features by which it was judged.

    An encoder of window graphs judges by ``edge_attr``. An association network never sees that: what it saw becomes
    ``link_features (E, F)``, nan for edges that its tracks never came to see, with ``link_feature_names``.

    Args:
        graph: of the whole sequence; gets ``score``.
        model: see :func:`link_probabilities`.
        recipe: what the model was trained with.
    """
    if not isinstance(model, AssociationNetwork):
        graph.score = torch.from_numpy(window_probabilities(graph, model, recipe.graph)).float()
        return
    seen = seen_links(*_video(graph), model, recipe.association)
    graph.score = torch.from_numpy(_of_edges(graph, seen.links, seen.probability, 0.0)).float()
    graph.link_features = torch.from_numpy(_of_edges(graph, seen.links, seen.features, np.nan))
    graph.link_feature_names = seen.names


def _video(graph: Data) -> tuple[np.ndarray, View]:
    """The boxes of a sequence's graph as observations, and what is known of the video."""
    seen = observations(graph.box.double().numpy(), graph.conf.numpy(), graph.frame.numpy())
    return seen, View(graph.width, graph.height, graph.frame_rate)


def _of_edges(graph: Data, links: np.ndarray, values: np.ndarray, missing: float) -> np.ndarray:
    """The values ``(M, ...)`` of ``links (2, M)`` by temporal edge; ``missing`` where there is none."""
    order = np.lexsort(links[::-1])
    links, values = links[:, order], values[order]
    count, edges = graph.num_nodes, graph.edge_index.numpy()
    known, wanted = links[0] * count + links[1], edges[0] * count + edges[1]
    result = np.full((len(wanted), *values.shape[1:]), missing, dtype=values.dtype)
    if len(known):
        place = np.searchsorted(known, wanted).clip(max=len(known) - 1)
        found = known[place] == wanted
        result[found] = values[place[found]]
    return result


def in_single_precision(encoder: Encoder) -> Encoder:
    """The encoder, or a float32 copy of message passing whose weights are of another type: graphs are float32."""
    if isinstance(encoder, MessagePassing) and {weight.dtype for weight in encoder.parameters()} != {torch.float32}:
        return copy.deepcopy(encoder).float()
    return encoder


@torch.no_grad()
def probabilities(encoder: Encoder, graph: Data) -> Tensor:
    """Probability ``(E,)`` float32 of every temporal edge of a graph, the same for every number of threads.

    Threads share the work out by their number, and the last digits depend on where a share ends.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return torch.sigmoid(encoder(graph).float()).cpu()
    finally:
        torch.set_num_threads(threads)


def window_probabilities(
    graph: Data, encoder: Encoder, settings: GraphSettings, edges_per_batch: int = 200_000
) -> np.ndarray:
    """Probability of every temporal edge of a sequence's graph, averaged over the windows that saw it: ``(E,)``.

    Args:
        graph: of the whole sequence, from :func:`gnntrack.graphs.build_graph`.
        encoder: scores the links of a window graph.
        settings: window and stride.
        edges_per_batch: windows are scored together up to this many edges; bounds the memory.
    """
    encoder = in_single_precision(encoder)
    total = torch.zeros(graph.num_edges, dtype=torch.float64)
    seen = torch.zeros(graph.num_edges, dtype=torch.float64)
    for batch in _batches(windows(graph, settings), edges_per_batch):
        probability = probabilities(encoder, batch).double()
        total.index_add_(0, batch.edge_row, probability)
        seen.index_add_(0, batch.edge_row, torch.ones_like(probability))
    return (total / seen.clamp(min=1)).numpy()


def _batches(graphs: Iterator[Data], edges_per_batch: int) -> Iterator[Data]:
    first = next(graphs, None)
    while first is not None:
        count = max(1, edges_per_batch // max(1, first.num_edges))
        yield Batch.from_data_list([first, *islice(graphs, count - 1)])
        first = next(graphs, None)
