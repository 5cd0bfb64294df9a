"""The offline tracker: sees the whole sequence, rounds exactly, joins pieces, fills gaps, smooths boxes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gnntrack.association.histories import observed
from gnntrack.association.rounding import Rounding, identities_from_links, round_links
from gnntrack.graphs import build_graph
from gnntrack.models import AssociationNetwork, ModelRecipe
from gnntrack.sequence import DETECTION, Sequence, View
from gnntrack.smoothing.boxes import smooth
from gnntrack.tracking.gap_closing import chain
from gnntrack.tracking.interpolation import interpolate
from gnntrack.tracking.scoring import Encoder, window_probabilities


def track_offline(
    detections: Sequence, model: Encoder, recipe: ModelRecipe, rounding: Rounding | None = None
) -> Sequence:
    """Gives every detection of a sequence an identity.

    Args:
        detections: the boxes; their ids are not looked at.
        model: an :class:`gnntrack.models.AssociationNetwork`, or an encoder of window graphs.
        recipe: what the model was trained with: graphs, thresholds, shortest track, longest gap that is filled.
        rounding: ``exact`` or ``greedy``; None: exact.

    Returns:
        The tracks, with the column ``detection``: the row of ``detections`` that each box came from, −1 where it was
        interpolated. With weights that hold a smoothing network, boxes are moved a little (``smooth``).
    """
    association, rounding = recipe.association, rounding or "exact"
    rows = np.flatnonzero(detections.boxes["conf"].to_numpy() >= association.minimum_confidence)
    used = detections.take(rows)
    if not len(used):
        return replace(used, boxes=used.boxes.assign(**{DETECTION: rows}))
    if isinstance(model, AssociationNetwork):
        seen = observed(used, model.settings.appearance)
        view = View(used.width, used.height, used.frame_rate)
        links = chain(seen, view, model, association, rounding)
    else:
        graph = build_graph(used, recipe.graph)
        probability = window_probabilities(graph, model, recipe.graph)
        edges = graph.edge_index.numpy()
        links = edges[:, round_links(edges, probability, association.link_threshold, rounding)]
    identity = identities_from_links(links, len(used))
    confident = np.zeros(identity.max() + 1, dtype=bool)
    confident[identity[used.boxes["conf"].to_numpy() >= association.birth_confidence]] = True
    kept = (np.bincount(identity) >= association.minimum_length)[identity] & confident[identity]
    table = used.boxes.assign(id=identity, **{DETECTION: rows})[kept]
    tracks = interpolate(replace(used, boxes=table, embeddings=None), association.interpolate)
    if association.smooth and isinstance(model, AssociationNetwork) and model.smoothing is not None:
        return smooth(tracks, model.smoothing.offline)
    return tracks
