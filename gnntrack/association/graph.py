"""The association graph: the tracks so far, the detections of a new frame, and the candidate links."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from gnntrack.association import node_features, pair_features
from gnntrack.association.appearance import appearance_features, nothing_known
from gnntrack.association.histories import COLUMNS, FRAME, NEWEST, Histories
from gnntrack.association.nearest import candidate_links
from gnntrack.association.neighbours import neighbours as find_neighbours
from gnntrack.association.predictions import MIDDLE, predictions
from gnntrack.compiled import compiled
from gnntrack.sequence import View

#: Nodes: some, or all.
Rows = np.ndarray | slice
#: Neighbours, their relations, and features of nodes.
_Nodes = tuple[np.ndarray, np.ndarray, np.ndarray]


class BipartiteGraph(NamedTuple):
    """T nodes that came before, D that may follow, E candidate links; float32 features, int64 indices.

    Tracks and the detections of a new frame, or ends of tracklets and beginnings. Nodes are numbered: first those that
    came before, then those that may follow. :func:`gnntrack.association.data.as_data` makes a PyG ``Data`` of it.

    Attributes:
        past: ``(T, ·)`` features of what came before.
        future: ``(D, ·)`` features of what may follow.
        edge_index: ``(2, E)`` the ends of each candidate, as nodes; sorted.
        edge_attr: ``(E, ·)`` features of the candidates.
        spatial_edge_index: ``(2, S)`` nodes close to others of their kind, from and to.
        spatial_edge_attr: ``(S, NEIGHBOUR_FEATURES)``.
        appearance: ``(E, APPEARANCE_FEATURES)`` for a network with an appearance branch, else ``(E, 0)``.
    """

    past: np.ndarray
    future: np.ndarray
    edge_index: np.ndarray
    edge_attr: np.ndarray
    spatial_edge_index: np.ndarray
    spatial_edge_attr: np.ndarray
    appearance: np.ndarray

    @property
    def ends(self) -> np.ndarray:
        """``(2, E)`` each candidate's ends, both counted from 0."""
        return self.edge_index - np.array([[0], [len(self.past)]])


def association_graph(
    histories: Histories,
    detections: np.ndarray,
    view: View,
    camera: np.ndarray,
    candidates: int = 6,
    neighbours: int = 3,
    appearance: bool = False,
    groups: tuple[np.ndarray, np.ndarray] | None = None,
) -> BipartiteGraph:
    """Builds the graph of one frame.

    Args:
        histories: the tracks.
        detections: ``(D, 6 + A)`` detections of the new frame, in the columns of an observation; D ≥ 1 and T ≥ 1.
        view: image size and frame rate.
        camera: ``(2,)`` position of the camera now (see :func:`gnntrack.geometry.camera.camera_step`).
        candidates: nearest partners kept of every track and of every detection.
        neighbours: neighbours kept of every track and detection within their own kind.
        appearance: whether links get appearance features.
        groups: ``(T,)`` and ``(D,)`` float64: tracks and detections of other groups are no candidates, no rivals and no
            neighbours: only the camera is what they share. None: all are of one group.
    """
    view = view.in_floats()
    if groups is not None:
        return _of_groups(histories, detections, view, camera, candidates, neighbours, appearance, groups)
    dimension = min(histories.appearance.shape[1], detections.shape[1] - COLUMNS)  # 0 where either has no embeddings
    embeddings = histories.appearance[:, :dimension], detections[:, COLUMNS : COLUMNS + dimension]
    seen = detections if detections.shape[1] == COLUMNS else detections[:, :COLUMNS]
    past, future, links, pairs, spatial, relations = built(
        histories.observations,
        histories.count,
        histories.prediction_error,
        histories.camera,
        np.ascontiguousarray(seen),
        view.width,
        view.height,
        view.frame_rate,
        camera,
        candidates,
        neighbours,
    )
    alike = appearance_features(*embeddings, links) if appearance else nothing_known(links)
    links[1] += len(past)
    return BipartiteGraph(past, future, links, pairs, spatial, relations, alike)


@compiled
def built(
    past: np.ndarray,
    count: np.ndarray,
    prediction_error: np.ndarray,
    cameras: np.ndarray,
    detections: np.ndarray,
    width: float,
    height: float,
    frame_rate: float,
    camera: np.ndarray,
    candidates: int,
    neighbours: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """All of a graph but appearance, in the order of :class:`BipartiteGraph`; links as track and detection.

    Compiled code is entered once a frame: plain arrays and numbers alone are quick to hand over.
    """
    view, newest = View(width, height, frame_rate), past[:, NEWEST].copy()
    gap = detections[0, FRAME] - newest[:, FRAME]
    predicted = predictions(past, count, gap)
    most = max(candidates, pair_features.LAST_RANK)
    no_groups = np.zeros(len(past)), np.zeros(len(detections))
    near = candidate_links(newest, predicted, gap, detections, no_groups, candidates, most)
    near_tracks, track_relations = find_neighbours(predicted[:, MIDDLE].copy(), neighbours)
    near_detections, detection_relations = find_neighbours(detections, neighbours)
    tracks = pair_features.Tracks(newest, predicted, camera - cameras, gap, prediction_error)
    return (
        node_features.track_features(past, count, prediction_error, gap, track_relations, view),
        node_features.detection_features(detections, near_detections, detection_relations, view),
        near.links,
        pair_features.pair_features(near, detections, tracks, frame_rate),
        np.concatenate((near_tracks, near_detections + len(newest)), axis=1),
        np.concatenate((track_relations, detection_relations)),
    )


def _of_groups(
    histories: Histories,
    detections: np.ndarray,
    view: View,
    camera: np.ndarray,
    candidates: int,
    neighbours: int,
    appearance: bool,
    groups: tuple[np.ndarray, np.ndarray],
) -> BipartiteGraph:
    """The graph where groups are apart; arguments are those of :func:`association_graph`."""
    past, newest = histories.observations, np.ascontiguousarray(histories.newest)
    gap = detections[0, FRAME] - newest[:, FRAME]
    predicted = predictions(past, histories.count, gap)
    most = max(candidates, pair_features.LAST_RANK)
    near = candidate_links(newest, predicted, gap, detections, groups, candidates, most)
    links = near.links

    def track_nodes(rows: Rows) -> _Nodes:
        pairs, relations = find_neighbours(np.ascontiguousarray(predicted[rows, MIDDLE]), neighbours)
        known = past[rows], histories.count[rows], histories.prediction_error[rows], gap[rows]
        return pairs, relations, node_features.track_features(*known, relations, view)

    def detection_nodes(rows: Rows) -> _Nodes:
        boxes = detections[rows]
        pairs, relations = find_neighbours(boxes, neighbours)
        return pairs, relations, node_features.detection_features(boxes, pairs, relations, view)

    near_tracks, track_relations, track_features = _by_group(track_nodes, groups[0])
    near_detections, detection_relations, detection_features = _by_group(detection_nodes, groups[1])
    tracks = pair_features.Tracks(newest, predicted, camera - histories.camera, gap, histories.prediction_error)
    known = min(histories.appearance.shape[1], detections.shape[1] - COLUMNS)  # 0 where either has no embeddings
    embeddings = histories.appearance[:, :known], detections[:, COLUMNS : COLUMNS + known]
    return BipartiteGraph(
        track_features,
        detection_features,
        links + np.array([[0], [len(newest)]]),
        pair_features.pair_features(near, detections, tracks, view.frame_rate),
        np.concatenate([near_tracks, near_detections + len(newest)], axis=1),
        np.concatenate([track_relations, detection_relations]),
        appearance_features(*embeddings, links) if appearance else nothing_known(links),
    )


def _by_group(nodes: Callable[[Rows], _Nodes], groups: np.ndarray) -> _Nodes:
    """Neighbours ``(2, S)``, their relations and the features of all nodes; those of each group as if it were alone.

    Args:
        nodes: gives these of some rows, neighbours counted among them.
        groups: ``(N,)`` of the rows.
    """
    if (groups == groups[0]).all():
        return nodes(slice(None))
    members = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    parts = [nodes(rows) for rows in members]
    pairs = np.concatenate([rows[near] for rows, (near, _, _) in zip(members, parts, strict=True)], axis=1)
    features = np.concatenate([part[2] for part in parts])[np.argsort(np.concatenate(members))]
    order = np.argsort(pairs[1], kind="stable")
    return np.ascontiguousarray(pairs[:, order]), np.concatenate([part[1] for part in parts])[order], features
