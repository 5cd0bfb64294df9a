"""The graph of a whole video as a relinking network meets it: ends of tracklets against beginnings."""

from __future__ import annotations

import numpy as np
import torch
from torch_geometric.data import Data

from gnntrack.association.data import as_data
from gnntrack.association.histories import observations
from gnntrack.geometry.camera_motion import CameraMotion
from gnntrack.models.compiled_bundle import CompiledNetworks
from gnntrack.models.tracking_settings import TrackingSettings
from gnntrack.relinking.compiled_network import CompiledTrackletNetwork
from gnntrack.relinking.decision import open_ends
from gnntrack.relinking.graph import tracklet_graph
from gnntrack.relinking.scoring import mean_logits, weighed
from gnntrack.relinking.tracklets import Tracklets
from gnntrack.relinking.whole_video import tracklets_of_video
from gnntrack.sequence import View
from gnntrack.tracking.gap_closing import closed
from gnntrack.tracking.row_links import tracks_of_links
from gnntrack.tracking.seen_graph import ABOUT, NODES

_EDGES = ("edge_attr", "appearance", "logit", "score", "edge_label")


def crossings_graph(
    graph: Data,
    network: CompiledNetworks,
    relinking: CompiledTrackletNetwork,
    settings: TrackingSettings,
    embeddings: np.ndarray | None = None,
    camera: CameraMotion | None = None,
) -> Data:
    """The ends and the beginnings of the tracklets of a video, with what the relinking network saw of them offline.

    A past node is the last clear box of a tracklet, a future node is the first. Tracklets without candidates have no
    node.

    Args:
        graph: of a whole sequence; its boxes, frames and confidences are used.
        network: tracks it.
        relinking: scores the candidates.
        settings: how it tracks.
        embeddings: ``(N, D)``, one a box, if there are any and the network uses them.
        camera: its motion, if it is known.

    Returns:
        The fields of :func:`gnntrack.association.data.as_data`, those of boxes (``row`` of the detection, ``box``,
        ``frame`` …), ``track (N,)``, the track before identities are corrected, ``logit (E,)`` and ``score (E,)``, the
        probability; with ``identity`` also ``edge_label``: it is the next tracklet of the same object.
    """
    detections = observations(graph.box.double().numpy(), graph.conf.numpy(), graph.frame.numpy(), embeddings)
    view = View(graph.width, graph.height, graph.frame_rate)
    links, probability = closed(detections, view, network, settings, camera=camera)
    track = tracks_of_links(links)
    detections, tracklets = tracklets_of_video(detections, track, probability, camera)
    _, settled = open_ends(tracklets, detections, track, settings.relinking.crowd)
    shape = relinking.settings
    met, candidates = tracklet_graph(
        tracklets, view, shape.candidates, shape.reach.frames(view.frame_rate), settled, shape.appearance
    )
    data = as_data(met)
    ends, beginnings = (np.unique(side) for side in candidates)
    last, first = _boxes(tracklets)
    rows = np.concatenate([last[ends], first[beginnings]])
    for name in (*ABOUT, *NODES):
        if name in graph:
            data[name] = graph[name][rows] if name in NODES else graph[name]
    data.track = torch.from_numpy(tracklets.track[np.concatenate([ends, beginnings])])
    logit = mean_logits(relinking.members, weighed(relinking.members, met, relinking.usefulness()))
    data.logit = torch.from_numpy(logit).float()
    data.score = torch.sigmoid(data.logit)
    if "identity" in graph:
        data.edge_label = torch.from_numpy(_labels(data.edge_index.numpy(), data.identity.numpy(), data.frame.numpy()))
    return _by_time(data)


def _boxes(tracklets: Tracklets) -> tuple[np.ndarray, np.ndarray]:
    """The last box of each tracklet, and the first."""
    rows = np.flatnonzero(tracklets.of >= 0)
    last, first = np.zeros((2, len(tracklets)), dtype=np.int64)
    last[tracklets.of[rows]] = rows  # of several the last is kept
    first[tracklets.of[rows[::-1]]] = rows[::-1]
    return last, first


def _labels(edges: np.ndarray, identity: np.ndarray, frame: np.ndarray) -> np.ndarray:
    """1 for candidates ``(E,)`` that lead to the next beginning of the same object among those of their end."""
    source, target = edges
    same = (identity[source] == identity[target]) & (identity[source] >= 0)
    nearest = np.full(len(identity), np.inf)
    np.minimum.at(nearest, source[same], frame[target[same]])
    label: np.ndarray = (same & (frame[target] == nearest[source])).astype(np.float32)
    return label


def _by_time(data: Data) -> Data:
    """The same graph, its nodes in order of time and its edges in order of nodes, as graphs of sequences have them."""
    order = torch.argsort(data.frame, stable=True)
    place = torch.empty_like(order)
    place[order] = torch.arange(len(order))
    for name in ("x", "future", "track", *NODES):
        if name in data:
            data[name] = data[name][order]
    edges = place[data.edge_index]
    sorted_ = torch.from_numpy(np.lexsort(edges.numpy()[::-1]))
    data.edge_index = edges[:, sorted_]
    for name in _EDGES:
        if name in data:
            data[name] = data[name][sorted_]
    data.edge_row = torch.arange(len(sorted_))
    return data
