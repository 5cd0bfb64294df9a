"""What scoring the links of several cameras in one call would spare."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from pool_cameras import WARM, Cameras, Result, updates

from gnntrack.association import linker
from gnntrack.models import load_for_tracking


def batches(cameras: Cameras) -> Result:
    """How much of the time goes into scoring, and what one call for several cameras would spare at most.

    The graphs of several frames are joined beforehand: the time for that is not counted. For this part alone, frames
    go through the linker call by call, so that scoring can be seen.
    """
    graphs, spent, score = [], [], linker.fast_associate

    def watched(weights: Any, graph: Any, *more: Any, **others: Any) -> Any:
        start = time.perf_counter()
        result = score(weights, graph, *more, **others)
        spent.append(time.perf_counter() - start)
        graphs.append(graph)
        return result

    names = cameras.names(slice(0, 40))
    update = updates("pool", names)
    plain = linker.AssociationLinker._are_plain
    linker.fast_associate = watched
    linker.AssociationLinker._are_plain = lambda *_: False
    try:
        for step in range(WARM):
            for name in names:
                update(name, cameras.at(name, step))
        graphs.clear()
        spent.clear()
        start = time.perf_counter()
        for step in range(WARM, cameras.steps):
            for name in names:
                update(name, cameras.at(name, step))
        whole = time.perf_counter() - start
    finally:
        linker.fast_associate, linker.AssociationLinker._are_plain = score, plain
    weights = load_for_tracking("default")[0].weights
    result: Result = {
        "share of scoring": round(sum(spent) / whole, 3),
        "microseconds a frame, on the clock": round(whole / len(spent) * 1e6, 1),
    }
    kept = graphs[: len(graphs) // 40 * 40]
    for size in (1, 4, 10, 40):
        joined = [join(kept[start : start + size]) for start in range(0, len(kept), size)]
        best = min(_seconds(score, weights, joined) for _ in range(3))
        result[f"microseconds of scoring a frame, {size} at a time"] = round(best / len(kept) * 1e6, 1)
    alone = np.concatenate([score(weights, graph).probability for graph in kept[:400]])
    together = np.concatenate(
        [score(weights, join(kept[start : start + 10])).probability for start in range(0, 400, 10)]
    )
    result["same bytes"] = alone.tobytes() == together.tobytes()
    return result


def _seconds(score: Callable[[Any, Any], Any], weights: Any, graphs: list[Any]) -> float:
    start = time.process_time()
    for graph in graphs:
        score(weights, graph)
    return time.process_time() - start


def join(graphs: list[Any]) -> Any:
    """Several graphs as one, whose parts know nothing of each other."""
    past = np.cumsum([0] + [len(graph.past) for graph in graphs])
    future = past[-1] + np.cumsum([0] + [len(graph.future) for graph in graphs])

    def moved(edges: np.ndarray, number: int) -> np.ndarray:
        count = len(graphs[number].past)
        return np.where(edges < count, edges + past[number], edges - count + future[number])

    numbers = range(len(graphs))
    return type(graphs[0])(
        past=np.concatenate([graph.past for graph in graphs]),
        future=np.concatenate([graph.future for graph in graphs]),
        edge_index=np.ascontiguousarray(np.concatenate([moved(graphs[n].edge_index, n) for n in numbers], axis=1)),
        edge_attr=np.concatenate([graph.edge_attr for graph in graphs]),
        spatial_edge_index=np.ascontiguousarray(
            np.concatenate([moved(graphs[n].spatial_edge_index, n) for n in numbers], axis=1)
        ),
        spatial_edge_attr=np.concatenate([graph.spatial_edge_attr for graph in graphs]),
        appearance=np.concatenate([graph.appearance for graph in graphs]),
    )
