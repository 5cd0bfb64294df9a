"""What the page shows, as plain JSON: boxes, links and errors in columns."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pandas as pd
from torch_geometric.data import Data

from gnntrack.errors import DataError
from gnntrack.evaluation.errors import KINDS, count_errors
from gnntrack.inspection.feature_names import link_names
from gnntrack.inspection.tracks import chosen_links, nodes_of
from gnntrack.sequence import Sequence

#: Links kept for each box and direction.
RIVALS = 6
LONGEST = 200_000  # frames
#: Links up to which a page has the features of each: some tens of numbers a link.
MOST_DESCRIBED = 50_000


def scene(
    tracks: Sequence,
    truth: Sequence | None = None,
    other: Sequence | None = None,
    graph: Data | None = None,
    errors: pd.DataFrame | None = None,
    frame: int | None = None,
    images: dict[int, str] | None = None,
) -> dict[str, Any]:
    """Everything the page shows of a sequence; see :func:`gnntrack.inspection.view.write_page`."""
    sides = [("tracks", "result", tracks)]
    sides += [("truth", "ground truth", truth)] if truth is not None else []
    sides += [("other", "second result", other)] if other is not None else []
    filled = [side for _, _, side in sides if len(side)]
    frames = [int(side.frames[index]) for side in filled for index in (0, -1)]
    first, last = 1, max([side.length for _, _, side in sides] + frames + [1])
    if last - first >= LONGEST:
        first = min(frames)
    if last - first >= LONGEST:
        raise DataError(f"{last - first + 1} frames", remedy=f"a page holds at most {LONGEST}: cut the sequence")
    if frame is not None and not first <= frame <= last:
        raise DataError(f"no frame {frame}", remedy=f"give one from {first} to {last}")
    facts = []
    counts: dict[str, int] = {}
    if errors is not None:
        counts = count_errors(errors)
        totals = [("idsw", "switches"), ("misses", "misses"), ("false_positives", "false positives")]
        facts = [f"{counts[key]} {name}" for key, name in totals]
    return {
        "name": tracks.name,
        "width": tracks.width,
        "height": tracks.height,
        "rate": tracks.frame_rate,
        "first": first,
        "last": last,
        "start": first if frame is None else frame,
        "facts": facts,
        "panes": [_pane(role, title, side, graph, first, last) for role, title, side in sides],
        "graph": None if graph is None else _graph(graph, tracks, first, last),
        "kinds": list(KINDS),
        "counts": counts,
        "errors": [] if errors is None else _runs(errors),
        "images": None if not images else [images.get(number) for number in range(first, last + 1)],
    }


def _column(values: np.ndarray, kind: str) -> dict[str, str]:
    """A column of numbers as base64 of a little-endian array."""
    data = np.ascontiguousarray(values.astype(f"<{kind}")).tobytes()
    return {"type": kind, "data": base64.b64encode(data).decode("ascii")}


def _boxes(frame: np.ndarray, xywh: np.ndarray, first: int, last: int) -> dict[str, dict[str, str]]:
    """Boxes sorted by frame: frame ``f`` has the rows ``start[f − first]`` to ``start[f − first + 1]``."""
    start = np.searchsorted(frame, np.arange(first, last + 2))
    columns = {name: _column(xywh[:, index], "f4") for index, name in enumerate("xywh")}
    return columns | {"start": _column(start, "u4"), "frame": _column(frame, "i4")}


def _pane(role: str, title: str, side: Sequence, graph: Data | None, first: int, last: int) -> dict[str, Any]:
    identity = side.boxes["id"].to_numpy()
    boxes = _boxes(side.frames, side.xywh, first, last)
    boxes |= {"id": _column(identity, "f8"), "conf": _column(side.boxes["conf"].to_numpy(), "f4")}
    boxes["node"] = _column(nodes_of(side, graph), "i4")
    count = len(np.unique(identity[identity >= 0]))
    return {"role": role, "title": title, "note": f"{count} identities, {len(side)} boxes", "boxes": boxes}


def _graph(graph: Data, tracks: Sequence, first: int, last: int) -> dict[str, Any]:
    """Nodes, and the links that are shown: the strongest few into and out of each box, and the chosen ones."""
    track, chosen = chosen_links(tracks, graph)
    edges = graph.edge_index.numpy()
    scored = "score" in graph
    frame = graph.frame.numpy()
    score = graph.score.numpy() if scored else 1.0 / np.maximum(frame[edges[1]] - frame[edges[0]], 1)
    label = graph.edge_label.numpy() > 0.5 if "edge_label" in graph else np.zeros(len(chosen), dtype=bool)
    kept = chosen | label | (_rank(edges[0], score) < RIVALS) | (_rank(edges[1], score) < RIVALS)
    kept = np.flatnonzero(kept)[np.argsort(edges[1, kept], kind="stable")]
    node_columns = _boxes(frame, graph.box.numpy(), first, last)
    node_columns |= {"conf": _column(graph.conf.numpy(), "f4"), "track": _column(track, "f8")}
    links = {
        "source": _column(edges[0, kept], "u4"),
        "target": _column(edges[1, kept], "u4"),
        "score": _column(score[kept], "f4"),
        "flags": _column(chosen[kept] + 2 * label[kept], "u1"),
    }
    shown = {"nodes": node_columns, "links": links, "scored": scored, "labelled": "edge_label" in graph}
    if "edge_attr" in graph and len(kept) <= MOST_DESCRIBED:
        shown["features"] = {"names": link_names(graph), "values": _column(graph.edge_attr.numpy()[kept], "f4")}
    return shown


def _rank(node: np.ndarray, score: np.ndarray) -> np.ndarray:
    """Position of each link among those of its node, strongest first, from 0."""
    order = np.lexsort([-score, node])
    _, start, count = np.unique(node[order], return_index=True, return_counts=True)
    rank = np.zeros(len(node), dtype=np.int64)
    rank[order] = np.arange(len(node)) - np.repeat(start, count)
    return rank


def _runs(errors: pd.DataFrame) -> list[list[Any]]:
    """Errors as the page lists them: a run of misses of one object is one entry."""
    entries = errors.drop_duplicates(["kind", "object", "track", "first", "last"])
    number = {kind: index for index, kind in enumerate(KINDS)}
    columns = ["kind", "frame", "first", "last", "object", "track", "previous_track", "why"]
    return [[number[row[0]], *(int(value) for value in row[1:7]), str(row[7])] for row in entries[columns].to_numpy()]
