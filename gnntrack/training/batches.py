"""Frames of several rollouts as one batch, and the window graphs that several frames of a rollout make."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch_geometric.data import Batch, Data

from gnntrack.association.data import as_data
from gnntrack.association.histories import BOX, COLUMNS, FRAME
from gnntrack.geometry import CENTRE, cxcywh_to_xywh
from gnntrack.training.rollout import Rollout


def frame_batch(rollouts: list[Rollout]) -> Batch:
    """The frames that the rollouts stand at, as one batch of bipartite graphs: tracks and detections."""
    graphs = []
    for rollout in rollouts:
        data = as_data(rollout.graph, rollout.label)
        nodes = np.concatenate([rollout.pool.histories.newest, rollout.detections[:, :COLUMNS]])
        data.pos = torch.from_numpy(nodes[:, CENTRE]).float()
        data.frame = data.future.long()
        data.time = data.future.float()
        graphs.append(data)
    return Batch.from_data_list(graphs)


def as_one(batch: Batch) -> Data:
    """The fields that link losses need, as a single graph, so that all nodes have the same weight."""
    return Data(**{name: batch[name] for name in ("pos", "frame", "time", "edge_index", "edge_label")})


class WindowRecorder:
    """Gathers the frames that a rollout goes through into one window graph.

    Nodes are detections: those of the frames, and before them the newest of each track. A track is its newest
    detection, so the candidates of every frame are links between detections, and links of several frames compete,
    conserve flow and have velocities together::

        tracks so far      frame 1      frame 2
        ───── ■ ─────────────▶ ■ ─────────▶ ■      links into frame 2 start at detections of frame 1
        ───── ■ ──────────────────────────▶ ■      or, where a track was not continued, before it

    Args:
        rollout: what is followed, standing at its first frame.

    Attributes:
        logits: of the links of each frame.
    """

    def __init__(self, rollout: Rollout) -> None:
        self.clip = rollout.clip
        self.logits: list[Tensor] = []
        self._node_of = np.full(len(self.clip.detections), -1)
        self._rows: list[np.ndarray] = []
        self._count = 0
        self._edges: list[np.ndarray] = []
        self._labels: list[np.ndarray] = []
        self._spatial: list[np.ndarray] = []

    def add(self, rollout: Rollout, logits: Tensor) -> None:
        """Adds the frame that the rollout stands at, before its links are made, with their ``logits (E,)``."""
        last_detection = rollout.pool.last_detection
        node = np.concatenate([self._nodes(last_detection), self._nodes(rollout.rows)])
        self._edges.append(node[rollout.graph.edge_index])
        self._labels.append(rollout.label)
        near = rollout.graph.spatial_edge_index
        among = near[:, near[0] >= len(last_detection)]
        self._spatial.append(node[among])
        self.logits.append(logits)

    def _nodes(self, rows: np.ndarray) -> np.ndarray:
        """The node of each row of the clip; new ones for rows that are met for the first time."""
        fresh = rows[self._node_of[rows] < 0]
        self._node_of[fresh] = self._count + np.arange(len(fresh))
        self._count += len(fresh)
        self._rows.append(fresh)
        nodes: np.ndarray = self._node_of[rows]
        return nodes

    def data(self) -> Data:
        """The window graph; links in the order in which they were added."""
        rows = np.concatenate(self._rows)
        detections = self.clip.detections[rows]
        frame = detections[:, FRAME].astype(np.int64)
        view = self.clip.view
        time = (detections[:, FRAME] - detections[:, FRAME].min()) / view.frame_rate
        return Data(
            pos=torch.from_numpy(detections[:, CENTRE]).float(),
            box=torch.from_numpy(cxcywh_to_xywh(detections[:, BOX])).float(),
            frame=torch.from_numpy(frame),
            time=torch.from_numpy(time).float(),
            identity=torch.from_numpy(self.clip.identity[rows].astype(np.int64)),
            edge_index=torch.from_numpy(np.concatenate(self._edges, axis=1)),
            edge_label=torch.from_numpy(np.concatenate(self._labels)).float(),
            spatial_edge_index=torch.from_numpy(np.concatenate(self._spatial, axis=1)),
            width=view.width,
            height=view.height,
            frame_rate=view.frame_rate,
        )
