"""Message passing (MPNTrack-like): a graph of all detections of a clip, and a network that scores its links.

Kept: links and nodes exchange messages, past and future apart; each link has a logit, trained with binary cross entropy
that weighs all true links as much as all wrong ones; a video is scored in overlapping clips, then rounded to tracks.
Left out: pictures; the loss after every round (only the last counts).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from clips import LENGTH, Clips, whole
from family import Family, Found, mlp
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from torch import Tensor, nn
from torch.nn import functional
from torch_geometric.data import Data
from videos import FEATURES, Video

from gnntrack.association.rounding import round_links
from gnntrack.losses.links.link_losses import bce_link_loss
from gnntrack.losses.plug_in.clips import ClipGraph, clip_graph
from gnntrack.losses.truth import true_links
from gnntrack.scatter import scatter_sum

WIDTH, ROUNDS = 32, 3
NEIGHBOURS, GAP = 5, 2
EDGE = 6


class Messages(Family):
    """A network of links and nodes."""

    def __init__(self, people: int) -> None:
        super().__init__()
        self.node, self.edge = mlp(FEATURES, WIDTH), mlp(EDGE, WIDTH, WIDTH)
        self.talk = mlp(3 * WIDTH, WIDTH, WIDTH)
        self.past, self.future = nn.Linear(2 * WIDTH, WIDTH), nn.Linear(2 * WIDTH, WIDTH)
        self.merge = nn.Linear(3 * WIDTH, WIDTH)
        self.head = mlp(WIDTH, WIDTH, 1)

    def graph(self, clips: Clips, known: bool) -> ClipGraph:
        """The nearest detections of the next frames are candidates; in training the true ones as well."""
        boxes = clips.boxes * clips.boxes.new_tensor([*clips.size, *clips.size])
        identity = clips.identity if known else torch.full_like(clips.identity, -1)
        time = torch.arange(boxes.shape[1]) * clips.seconds
        return clip_graph(boxes, time, identity, clips.there, neighbours=NEIGHBOURS, max_gap=GAP)

    def score(self, clips: Clips, graph: ClipGraph) -> Tensor:
        """Logits ``(E,)``."""
        data = graph.data
        looks = clips.features.flatten(0, 2)[graph.slot]
        source, target = data.edge_index
        node = self.node(looks)
        edge = self.edge(_edge_features(data, looks))
        for _ in range(ROUNDS):
            edge = edge + self.talk(torch.cat([node[source], node[target], edge], 1))
            back = functional.relu(self.past(torch.cat([node[source], edge], 1)))
            on = functional.relu(self.future(torch.cat([node[target], edge], 1)))
            count = len(node)
            heard = [node, scatter_sum(back, target, count), scatter_sum(on, source, count)]
            node = node + functional.relu(self.merge(torch.cat(heard, 1)))
        return self.head(edge)[:, 0]

    def found(self, clips: Clips) -> Found:
        graph = self.graph(clips, known=True)
        data, logits = graph.data, self.score(clips, graph)
        label = true_links(data.edge_index, data.identity, data.frame, data.batch).to(logits.dtype)
        balance = float((len(label) - label.sum()) / label.sum().clamp(min=1))
        link = torch.zeros_like(data.edge_index[0])
        return Found(bce_link_loss(logits, label, link, 1, positive_weight=balance).mean(), links=(logits, data))

    def prepared(self, video: Video) -> Any:
        count = len(video.boxes)
        total, times = csr_array((count, count)), csr_array((count, count))
        for first in range(0, max(1, len(video.grid) - LENGTH // 2), LENGTH // 2):
            clip = whole(video, first, min(LENGTH, len(video.grid) - first))
            graph = self.graph(clip, known=False)
            rows = video.grid[first : first + LENGTH, : clip.there.shape[2]].reshape(-1)[graph.slot.numpy()]
            edges = tuple(rows[graph.data.edge_index.numpy()])
            probability = self.score(clip, graph).sigmoid().numpy()
            total = total + csr_array((probability, edges), shape=total.shape)
            times = times + csr_array((np.ones(len(probability)), edges), shape=total.shape)
        links = times.tocoo()
        edges = np.stack([links.row, links.col])
        return edges, total[links.row, links.col] / links.data, count

    def track(self, prepared: Any, threshold: float) -> np.ndarray:
        edges, probability, count = prepared
        chosen = edges[:, round_links(edges, probability, threshold)]
        links = csr_array((np.ones(chosen.shape[1]), tuple(chosen)), shape=(count, count))
        return connected_components(links, directed=False)[1]


def _edge_features(data: Data, looks: Tensor) -> Tensor:
    source, target = data.edge_index
    size = data.box[:, 2:].clamp(min=1.0)
    step = (data.pos[target] - data.pos[source]) / size[source, 1:]
    gap = (data.frame[target] - data.frame[source])[:, None].to(step.dtype)
    alike = functional.cosine_similarity(looks[source], looks[target])[:, None]
    return torch.cat([step, step.norm(dim=1, keepdim=True), (size[target] / size[source]).log()[:, 1:], gap, alike], 1)
