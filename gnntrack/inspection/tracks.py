"""Tracking results as networkx graphs (one path an identity) and as lineage tables."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pandas as pd
from torch_geometric.data import Data

from gnntrack.datasets.matching import match_frame
from gnntrack.geometry import centres
from gnntrack.inspection.convert import COMMITTED
from gnntrack.sequence import DETECTION, Sequence


def track_steps(tracks: Sequence) -> np.ndarray:
    """Rows of consecutive boxes of each identity, ``(L, 2)``, sorted by the earlier row; −1 has none."""
    identity = tracks.boxes["id"].to_numpy()
    order = np.lexsort([tracks.frames, identity])
    earlier, later = order[:-1], order[1:]
    kept = (identity[earlier] == identity[later]) & (identity[earlier] >= 0)
    earlier, later = earlier[kept], later[kept]
    return np.stack([earlier, later], 1)[np.argsort(earlier, kind="stable")]


def nodes_of(tracks: Sequence, graph: Data | None) -> np.ndarray:
    """The graph node of every box ``(N,)``, −1 where there is none: by the detection it came from, else by overlap."""
    if graph is None:
        return np.full(len(tracks), -1)
    row = graph.row.numpy()
    if DETECTION in tracks.boxes:
        order = np.argsort(row, kind="stable")
        wanted = tracks.boxes[DETECTION].to_numpy()
        place = np.searchsorted(row[order], wanted).clip(max=max(len(row) - 1, 0))
        found = row[order][place] == wanted if len(row) else np.zeros(len(wanted), dtype=bool)
        return np.where(found, order[place] if len(row) else -1, -1)
    nodes = np.full(len(tracks), -1)
    frame, box, xywh = graph.frame.numpy(), graph.box.numpy().astype(float), tracks.xywh
    for number, rows in tracks.by_frame():
        low, high = np.searchsorted(frame, [number, number + 1])
        mine, theirs = match_frame(xywh[rows], box[low:high])
        nodes[rows.start + mine] = low + theirs
    return nodes


def chosen_links(tracks: Sequence, graph: Data) -> tuple[np.ndarray, np.ndarray]:
    """What a tracker made of a graph.

    Returns:
        The track of every node ``(N,)``, −1 for none, and which candidate links ``(E,)`` bool the tracker chose:
        those between consecutive detections of a track, across boxes that were interpolated.
    """
    count, edges = len(graph.frame), graph.edge_index.numpy()
    node = nodes_of(tracks, graph)
    track = np.full(count, -1, dtype=np.int64)
    track[node[node >= 0]] = tracks.boxes["id"].to_numpy()[node >= 0]
    detected = tracks.take(node >= 0)
    earlier, later = nodes_of(detected, graph)[track_steps(detected)].T
    source, target = edges
    return track, np.isin(source * count + target, earlier * count + later)


def tracks_to_networkx(tracks: Sequence) -> nx.DiGraph:
    """Tracks, or annotations, as a graph in which every identity is one path through time.

    Nodes are rows of the table, with ``frame``, ``time`` (s), ``box``, ``position``, ``confidence``, ``identity``,
    ``class_id``, ``visibility`` and, in tracks, ``detection``. Edges are ``committed`` links with their ``gap``.
    :func:`gnntrack.inspection.convert.from_networkx` and :func:`gnntrack.inspection.export.write_graph` take it.

    Example:
        >>> table = pd.DataFrame({"frame": [1, 2, 4], "id": [7, 7, 7], "x": 0.0, "y": 0.0, "w": 4.0, "h": 8.0})
        >>> graph = tracks_to_networkx(Sequence("street", table, width=64, height=48))
        >>> [(source, target, values["gap"]) for source, target, values in graph.edges(data=True)]
        [(0, 1, 1), (1, 2, 2)]
    """
    table = tracks.boxes
    columns = {
        "frame": tracks.frames.tolist(),
        "time": ((tracks.frames - 1) / tracks.frame_rate).tolist(),
        "box": [tuple(box) for box in tracks.xywh.tolist()],
        "position": [tuple(point) for point in centres(tracks.xywh).tolist()],
        "confidence": table["conf"].tolist(),
        "identity": table["id"].tolist(),
        "class_id": table["class_id"].tolist(),
        "visibility": table["visibility"].tolist(),
    }
    if DETECTION in table:
        columns[DETECTION] = table[DETECTION].tolist()
    graph = nx.DiGraph(name=tracks.name, frame_rate=tracks.frame_rate, width=tracks.width, height=tracks.height)
    rows = zip(*columns.values(), strict=True)
    graph.add_nodes_from((row, dict(zip(columns, values, strict=True))) for row, values in enumerate(rows))
    for source, target in track_steps(tracks).tolist():
        gap = columns["frame"][target] - columns["frame"][source]
        graph.add_edge(source, target, kind=COMMITTED, gap=gap)
    return graph


def lineage(tracks: Sequence) -> pd.DataFrame:
    """The tracks in the manner of the Cell Tracking Challenge: ``label, begin, end, parent``, frames from 0.

    There a track has no gaps: an identity that is away for some frames comes back as a child with a new label.
    Writing the table with ``to_csv(path, sep=" ", header=False, index=False)`` gives ``res_track.txt``.

    Example:
        >>> table = pd.DataFrame({"frame": [1, 2, 4], "id": [7, 7, 7], "x": 0.0, "y": 0.0, "w": 4.0, "h": 8.0})
        >>> lineage(Sequence("street", table, width=64, height=48)).to_numpy().tolist()
        [[1, 0, 1, 0], [2, 3, 3, 1]]
    """
    known = tracks.boxes[tracks.boxes["id"] >= 0].sort_values(["id", "frame"], kind="stable")
    identity, frame = known["id"].to_numpy(), known["frame"].to_numpy()
    new_identity = np.diff(identity, prepend=-1) != 0
    starts = np.flatnonzero(new_identity | (np.diff(frame, prepend=0) != 1))
    ends = np.append(starts[1:], len(known))[: len(starts)] - 1
    label = np.arange(1, len(starts) + 1)
    parent = np.where(new_identity[starts], 0, label - 1)
    return pd.DataFrame({"label": label, "begin": frame[starts] - 1, "end": frame[ends] - 1, "parent": parent})
