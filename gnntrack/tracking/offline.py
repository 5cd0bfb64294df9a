"""The offline tracker: sees the whole sequence, scores overlapping windows, rounds exactly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gnntrack.graphs import GraphSettings, build_graph
from gnntrack.models.settings import AssociationSettings
from gnntrack.sequence import DETECTION, Sequence
from gnntrack.tracking.interpolation import interpolate
from gnntrack.tracking.rounding import Rounding, identities_from_links, round_links
from gnntrack.tracking.scoring import Encoder, link_probabilities


def track_offline(
    detections: Sequence,
    encoder: Encoder,
    graph_settings: GraphSettings,
    association: AssociationSettings = AssociationSettings(),
    rounding: Rounding = "exact",
) -> Sequence:
    """Gives every detection of a sequence an identity.

    Args:
        detections: the boxes; their ids are not looked at.
        encoder: scores the links of a window graph.
        graph_settings: how the graph is built, the same as in training.
        association: thresholds, shortest track, longest gap that is filled.
        rounding: ``exact`` or ``greedy``.

    Returns:
        The tracks, with the column ``detection``: the row of ``detections`` that each box came from, −1 where it was
        interpolated.
    """
    rows = np.flatnonzero(detections.boxes["conf"].to_numpy() >= association.minimum_confidence)
    used = detections.take(rows)
    if not len(used):
        return replace(used, boxes=used.boxes.assign(**{DETECTION: rows}))
    graph = build_graph(used, graph_settings)
    probability = link_probabilities(graph, encoder, graph_settings)
    edges = graph.edge_index.numpy()
    chosen = round_links(edges, probability, association.link_threshold, rounding)
    identity = identities_from_links(edges[:, chosen], len(used))
    confident = np.zeros(identity.max() + 1, dtype=bool)
    confident[identity[used.boxes["conf"].to_numpy() >= association.birth_confidence]] = True
    kept = (np.bincount(identity) >= association.minimum_length)[identity] & confident[identity]
    table = used.boxes.assign(id=identity, **{DETECTION: rows})[kept]
    return interpolate(replace(used, boxes=table, embeddings=None), association.interpolate)
