"""A graph in figures: how large, how connected, how much of the truth it keeps, how hard its choices are."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from torch_geometric.data import Data

from gnntrack.geometry import centres
from gnntrack.graphs import slice_window
from gnntrack.graphs.labels import kept_links, true_links
from gnntrack.inspection.spectrum import frame_connectivity, frame_eigenvalues, spectrum

#: A link is ambiguous where its best rival lies within this much of it: of probability, or of a box height.
MARGIN = 0.1
#: A box whose links sum to more than this on one side gives, or takes, more than itself; a little is rounding.
_FULL = 1.05


def graph_statistics(
    graph: Data, window: int = 16, max_gap: int | None = None, margin: float = MARGIN
) -> dict[str, Any]:
    """Figures of a whole sequence's graph, or of one window's.

    Args:
        graph: from :func:`gnntrack.graphs.build_graph`; with ``edge_label`` there is a recall, with ``score`` there are
            conservation residuals.
        window: frames in each of the windows, laid end to end, whose spectra are computed.
        max_gap: longest gap of a link that counts for the recall; default: the longest among the candidates.
        margin: see :data:`MARGIN`.

    Returns:
        A dictionary that JSON can hold: ``nodes, frames, links`` (by gap), ``neighbours, degrees, components, truth``
        (None without labels), ``ambiguity, conservation`` (None without scores), ``windows`` (spectra).

    Example:
        >>> from gnntrack.datasets.sample import sample
        >>> from gnntrack.graphs import build_graph
        >>> figures = graph_statistics(build_graph(sample("TUD-Campus", "detections")))
        >>> figures["nodes"], figures["links"]["by_gap"]["1"]
        (222, 439)
    """
    frame, links = graph.frame.numpy(), graph.edge_index.numpy()
    neighbours = graph.spatial_edge_index.numpy()
    count = len(frame)
    gap = frame[links[1]] - frame[links[0]]
    gaps, found = np.unique(gap, return_counts=True)
    return {
        "name": graph.name if "name" in graph else "",
        "nodes": count,
        "frames": len(np.unique(frame)),
        "links": {"count": links.shape[1], "by_gap": {str(key): int(n) for key, n in zip(gaps, found, strict=True)}},
        "neighbours": neighbours.shape[1],
        "degrees": {
            "out": _degrees(links[0], count),
            "in": _degrees(links[1], count),
            "neighbours": _degrees(neighbours[0], count),
        },
        "components": {"temporal": _components(links, count), "spatial": _components(neighbours, count)},
        "truth": _truth(graph, frame, max_gap or int(gap.max(initial=1))),
        "ambiguity": _ambiguity(graph, links, gap, margin),
        "conservation": _conservation(graph, links),
        "windows": window_spectra(graph, window),
    }


def window_spectra(graph: Data, window: int) -> list[dict[str, Any]]:
    """Spectra of the windows of ``window`` frames, end to end: a row a window that has boxes.

    ``temporal`` and ``spatial`` hold ``components`` and ``connectivity`` (σ₂; of the spatial graph the mean over the
    frames with at least two boxes), ``temporal`` also the ``smallest`` eigenvalues and the ``largest``, ``spatial``
    the ``quartiles`` (0, 25, 50, 75 and 100 %) of all its eigenvalues, of which as many as it has components are 0.
    """
    rows = []
    numbers = np.unique(graph.frame.numpy())
    base = int(numbers[0]) if len(numbers) else 0
    for start in np.unique((numbers - base) // window).tolist():
        first = base + start * window
        part = slice_window(graph, first, first + window - 1)
        frame, neighbours = part.frame.numpy(), part.spatial_edge_index.numpy()
        through_time = spectrum(part.edge_index.numpy(), len(frame))
        in_frames = frame_connectivity(neighbours, frame)
        rows.append(
            {
                "first": first,
                "last": first + window - 1,
                "nodes": len(frame),
                "links": int(part.edge_index.shape[1]),
                "temporal": {
                    "components": through_time.components,
                    "connectivity": through_time.connectivity,
                    "smallest": through_time.smallest,
                    "largest": through_time.largest,
                },
                "spatial": {
                    "components": _components(neighbours, len(frame)),
                    "connectivity": float(in_frames.mean()) if len(in_frames) else 0.0,
                    "connected_frames": int((in_frames > 0).sum()),
                    "frames": len(in_frames),
                    "quartiles": _quartiles(frame_eigenvalues(neighbours, frame)),
                },
            }
        )
    return rows


def _quartiles(values: np.ndarray) -> list[float]:
    result: list[float] = np.quantile(values, [0, 0.25, 0.5, 0.75, 1]).tolist()
    return result


def _degrees(ends: np.ndarray, count: int) -> dict[str, Any]:
    degree = np.bincount(ends, minlength=count) if count else np.zeros(0, dtype=int)
    if not len(degree):
        return {"mean": 0.0, "median": 0.0, "largest": 0, "none": 0, "histogram": []}
    return {
        "mean": float(degree.mean()),
        "median": float(np.median(degree)),
        "largest": int(degree.max()),
        "none": int((degree == 0).sum()),
        "histogram": np.bincount(degree).tolist(),
    }


def _components(edges: np.ndarray, count: int) -> int:
    graph = csr_array((np.ones(edges.shape[1]), (edges[0], edges[1])), (count, count))
    return int(connected_components(graph, directed=False)[0]) if count else 0


def _truth(graph: Data, frame: np.ndarray, max_gap: int) -> dict[str, Any] | None:
    """How many true links are candidates: the recall that a perfect scorer would reach."""
    if "identity" not in graph or "edge_label" not in graph:
        return None
    truth = true_links(graph.identity.numpy(), frame)
    kept, possible = kept_links(graph.edge_label.numpy(), truth, frame, max_gap)
    return {
        "kept": kept,
        "within_gap": possible,
        "all": truth.shape[1],
        "oracle_recall": kept / possible if possible else None,
        "oracle_recall_any_gap": kept / truth.shape[1] if truth.shape[1] else None,
        "false_positive_boxes": int((graph.identity.numpy() < 0).sum()),
    }


def _ambiguity(graph: Data, links: np.ndarray, gap: np.ndarray, margin: float) -> dict[str, Any]:
    """The share of boxes whose best link has a rival close behind: by score, else by distance into the next frame."""
    if "score" in graph:
        worth, used, by = graph.score.numpy().astype(float), np.arange(links.shape[1]), "score"
    else:
        box = graph.box.numpy().astype(float)
        centre, (*_, height) = centres(box), box.T
        earlier, later = links
        usual = np.maximum((height[earlier] + height[later]) / 2, 1e-6)
        worth = -np.hypot(*(centre[later] - centre[earlier]).T) / usual
        used, by = np.flatnonzero(gap == 1), "distance"
    result: dict[str, Any] = {"by": by, "margin": margin}
    for side, ends in (("out", links[0]), ("in", links[1])):
        result[side] = _close_rivals(ends[used], worth[used], margin)
    return result


def _close_rivals(ends: np.ndarray, worth: np.ndarray, margin: float) -> dict[str, Any]:
    """Of the boxes with a link: how many have two within the margin."""
    order = np.lexsort([-worth, ends])
    node, value = ends[order], worth[order]
    first = np.ones(len(node), dtype=bool)
    first[1:] = node[1:] != node[:-1]
    second = ~first & np.concatenate([[False], first[:-1]]) if len(node) else first
    close = int((value[np.flatnonzero(second) - 1] - value[second] < margin).sum())
    boxes = int(first.sum())
    return {"boxes": boxes, "ambiguous": close, "share": close / boxes if boxes else None}


def _conservation(graph: Data, links: np.ndarray) -> dict[str, Any] | None:
    """How far scores are from a flow: |Σ out − Σ in − b| with the balance b that fits best, and sums above 1."""
    if "score" not in graph:
        return None
    count = len(graph.frame)
    score = graph.score.numpy().astype(float)
    out, into = (np.bincount(ends, weights=score, minlength=count) for ends in links)
    difference = out - into
    residual = np.abs(difference - np.clip(np.round(difference), -1, 1))
    return {
        "mean": float(residual.mean()) if count else 0.0,
        "p95": float(np.quantile(residual, 0.95)) if count else 0.0,
        "largest": float(residual.max(initial=0.0)),
        "overfull": int(((out > _FULL) | (into > _FULL)).sum()),
    }
