"""Frames of several rollouts as one batch, and the window graphs that several frames of a rollout make."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch_geometric.data import Data

from gnntrack.association.histories import BOX, FRAME
from gnntrack.geometry import CENTRE, cxcywh_to_xywh
from gnntrack.training.rollout import Rollout

#: Fields of a graph that are joined as they are, and those that name nodes.
_ROWS, _INDICES = ("edge_attr", "appearance", "spatial_edge_attr"), ("edge_index", "spatial_edge_index")


def frame_batch(rollouts: list[Rollout]) -> Data:
    """The frames that the rollouts stand at, side by side in one bipartite graph: tracks and detections.

    Arrays are joined before they become tensors: PyG's ``Batch`` of many small graphs took a tenth of a step.
    """
    graphs = [rollout.graph for rollout in rollouts]
    sizes = [(len(graph.past), len(graph.future)) for graph in graphs]
    starts = np.cumsum([0, *map(sum, sizes)])
    x = np.zeros((starts[-1], max(graphs[0].past.shape[1], graphs[0].future.shape[1])), dtype=np.float32)
    future = np.zeros(starts[-1], dtype=bool)
    for graph, start, (past, _), stop in zip(graphs, starts, sizes, starts[1:], strict=False):
        x[start : start + past, : graph.past.shape[1]] = graph.past
        x[start + past : stop, : graph.future.shape[1]] = graph.future
        future[start + past : stop] = True
    arrays = {name: np.concatenate([getattr(graph, name) for graph in graphs]) for name in _ROWS} | {
        name: np.concatenate([getattr(graph, name) + start for graph, start in zip(graphs, starts, strict=False)], 1)
        for name in _INDICES
    }
    boxes = [rows for one in rollouts for rows in (one.pool.histories.newest, one.detections)]
    pos = np.concatenate([rows[:, CENTRE] for rows in boxes])
    label = np.concatenate([rollout.label for rollout in rollouts])
    return Data(
        x=torch.from_numpy(x),
        future=torch.from_numpy(future),
        pos=torch.from_numpy(pos).float(),
        frame=torch.from_numpy(future.astype(np.int64)),
        time=torch.from_numpy(future.astype(np.float32)),
        edge_label=torch.from_numpy(label).float(),
        **{name: torch.from_numpy(array) for name, array in arrays.items()},
    )


def as_one(batch: Data) -> Data:
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
