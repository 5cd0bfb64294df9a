"""The graph of a whole video as an association network met it, frame by frame."""

from __future__ import annotations

import numpy as np
import torch
from torch_geometric.data import Data

from gnntrack.association.feature_columns import (
    APPEARANCE_FEATURES,
    DETECTION_FEATURES,
    NEIGHBOUR_FEATURES,
    PAIR_FEATURES,
)
from gnntrack.association.histories import observations
from gnntrack.association.neighbours import neighbours
from gnntrack.association.node_features import detection_features
from gnntrack.association.step import Step
from gnntrack.geometry.camera_motion import CameraMotion
from gnntrack.graphs.labels import edge_labels, true_links
from gnntrack.models.compiled_bundle import CompiledNetworks
from gnntrack.models.tracking_settings import TrackingSettings
from gnntrack.sequence import View
from gnntrack.tracking.replay import steps

#: Fields of nodes that do not depend on the network.
NODES = ("pos", "box", "frame", "time", "conf", "row", "identity")
ABOUT = ("name", "frame_rate", "width", "height")


def seen_graph(
    graph: Data,
    network: CompiledNetworks,
    settings: TrackingSettings,
    embeddings: np.ndarray | None = None,
    camera: CameraMotion | None = None,
) -> Data:
    """The boxes of a graph with the links, the neighbours and the features that the network saw while tracking online.

    A link leads from the newest detection of a track to a detection of the frame in which the two were compared, so it
    stands for the whole track.

    Args:
        graph: of a whole sequence; its boxes, frames and confidences are used.
        network: tracks it.
        settings: how it tracks.
        embeddings: ``(N, D)``, one a box, if there are any and the network uses them.
        camera: its motion, if it is known.

    Returns:
        The fields of a window graph: ``x (N, DETECTION_FEATURES)``, ``edge_index (2, E)``, sorted, with ``edge_attr
        (E, PAIR_FEATURES)``, which ends with the features of appearance for a network with an appearance branch;
        ``spatial_edge_index``, ``spatial_edge_attr``; ``logit (E,)`` and ``score (E,)``, the probability; with
        ``identity`` also ``edge_label``.
    """
    detections = observations(graph.box.double().numpy(), graph.conf.numpy(), graph.frame.numpy(), embeddings)
    view = View(graph.width, graph.height, graph.frame_rate)
    met = _Met(network.settings.neighbours, network.settings.appearance, view)
    for first, stop, step in steps(detections, network.linker(settings, view), camera=camera):
        met.add(first, detections[first:stop], step)
    result = Data(**{name: graph[name] for name in (*ABOUT, *NODES) if name in graph})
    for name, values in met.fields().items():
        result[name] = torch.from_numpy(values)
    edges = result.edge_index.numpy()
    result.edge_row = torch.arange(edges.shape[1])
    if "identity" in graph:
        truth = true_links(graph.identity.numpy(), graph.frame.numpy())
        result.edge_label = torch.from_numpy(edge_labels(edges, truth, len(detections)))
    return result


class _Met:
    """Collects what the network saw, frame by frame.

    Args:
        nearest: neighbours of a detection that the network uses.
        appearance: whether links get appearance features.
        view: of the video.
    """

    def __init__(self, nearest: int, appearance: bool, view: View) -> None:
        self.nearest, self.view = nearest, view.in_floats()
        columns = PAIR_FEATURES + (APPEARANCE_FEATURES if appearance else 0)
        self.links, self.near = [np.zeros((2, 0), dtype=np.int64)], [np.zeros((2, 0), dtype=np.int64)]
        self.nodes = [np.zeros((0, DETECTION_FEATURES), dtype=np.float32)]
        self.edge_attr = [np.zeros((0, columns), dtype=np.float32)]
        self.relations = [np.zeros((0, NEIGHBOUR_FEATURES), dtype=np.float32)]
        self.logit, self.score = [np.zeros(0)], [np.zeros(0)]

    def add(self, first: int, detections: np.ndarray, step: Step) -> None:
        """A frame of detections ``detections``, the first of which is number ``first``."""
        near, relations = neighbours(detections, self.nearest)
        self.nodes.append(detection_features(detections, near, relations, self.view))
        self.near.append(near + first)
        self.relations.append(relations)
        if step.graph is not None:
            self.links.append(step.candidates)
            self.edge_attr.append(np.concatenate([step.graph.edge_attr, step.graph.appearance], axis=1))
            self.logit.append(step.logit)
            self.score.append(step.probability)

    def fields(self) -> dict[str, np.ndarray]:
        """Of all frames, edges sorted by source and target."""
        links, near = np.concatenate(self.links, axis=1), np.concatenate(self.near, axis=1)
        order, spatial = np.lexsort(links[::-1]), np.lexsort(near[::-1])
        return {
            "x": np.concatenate(self.nodes),
            "edge_index": links[:, order],
            "edge_attr": np.concatenate(self.edge_attr)[order],
            "logit": np.concatenate(self.logit)[order].astype(np.float32),
            "score": np.concatenate(self.score)[order].astype(np.float32),
            "spatial_edge_index": near[:, spatial],
            "spatial_edge_attr": np.concatenate(self.relations)[spatial],
        }
