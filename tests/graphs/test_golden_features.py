"""Every feature of a small window graph, by name, against plain arithmetic that is written down here again.

Three people in five frames at 25 frames a second; the second is missed in frame 3::

    frame   1   2   3   4   5
    A       ●   ●   ●   ●   ●
    B       ●   ●       ●   ●
    C       ●   ●   ●   ●   ●
"""

from __future__ import annotations

from math import hypot, log
from statistics import median_high

import numpy as np
import pytest
from torch_geometric.data import Data

from gnntrack.graphs import GraphSettings, graph_from_boxes
from gnntrack.graphs.feature_columns import EDGE_FEATURES, NODE_FEATURES, SPATIAL_FEATURES
from gnntrack.sequence import View

RATE, WIDTH, HEIGHT = 25.0, 320, 240
Box = tuple[float, float, float, float]


def box(person: str, frame: int) -> Box:
    """Left, top, width, height."""
    bump = (3 * frame) % 4
    if person == "A":
        return 10.0 + 4 * frame + bump, 30.0 + frame, 20.0 + 0.5 * frame, 40.0 + frame
    if person == "B":
        return 60.0 - 3 * frame, 34.0 + 0.5 * bump, 18.0, 36.0 - 0.5 * frame
    return 280.0 + 2 * frame, 180.0 + bump, 30.0, 50.0 + 0.5 * bump


ROWS = [(person, frame) for frame in range(1, 6) for person in "ABC" if (person, frame) != ("B", 3)]
BOXES = [box(*row) for row in ROWS]
FRAMES = [frame for _, frame in ROWS]
CONFIDENCE = [0.5 + 0.03 * row for row in range(len(ROWS))]


@pytest.fixture(scope="module")
def graph() -> Data:
    """What the code makes of the scene."""
    return graph_from_boxes(
        np.array(BOXES),
        np.array(FRAMES),
        np.array(CONFIDENCE),
        GraphSettings(window=8, stride=2, max_gap=3, neighbours=3, reach=2.0, speed=10.0, spatial_reach=6.0),
        name="golden",
        view=View(WIDTH, HEIGHT, RATE),
    )


def centre(row: int) -> tuple[float, float]:
    x, y, w, h = BOXES[row]
    return x + w / 2, y + h / 2


def overlap(a: Box, b: Box) -> tuple[float, float]:
    """IoU and generalised IoU."""
    wide, high = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0]), min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    shared = max(wide, 0.0) * max(high, 0.0)
    union = a[2] * a[3] + b[2] * b[3] - shared
    hull = (max(a[0] + a[2], b[0] + b[2]) - min(a[0], b[0])) * (max(a[1] + a[3], b[1] + b[3]) - min(a[1], b[1]))
    return shared / union, shared / union - (hull - union) / hull


def apart(source: int, target: int) -> tuple[float, float, float]:
    """Right and down in mean heights, and the mean height."""
    scale = (BOXES[source][3] + BOXES[target][3]) / 2
    (x, y), (u, v) = centre(source), centre(target)
    return (u - x) / scale, (v - y) / scale, scale


#: All pairs within three frames that somebody could have walked; no box has more than three in a frame.
EDGES = [
    (source, target)
    for source in range(len(ROWS))
    for target in range(len(ROWS))
    for gap in [FRAMES[target] - FRAMES[source]]
    if 1 <= gap <= 3 and hypot(*apart(source, target)[:2]) <= 2.0 + 10.0 * gap / RATE
]
SPATIAL = [
    (row, other)
    for row in range(len(ROWS))
    for other in range(len(ROWS))
    if row != other and FRAMES[row] == FRAMES[other] and hypot(*apart(row, other)[:2]) <= 6.0
]


def rank(edge: tuple[int, int], end: int) -> int:
    """Among the edges of the node at one end into the other's frame, nearest first."""
    rivals = [o for o in EDGES if o[end] == edge[end] and FRAMES[o[1 - end]] == FRAMES[edge[1 - end]]]
    return sorted(rivals, key=lambda other: hypot(*apart(*other)[:2])).index(edge)


def drift(first: int, last: int, axis: int) -> float:
    """Median step in pixels of the mutual nearest between two frames (the upper one of two)."""
    between = [e for e in EDGES if (FRAMES[e[0]], FRAMES[e[1]]) == (first, last)]
    steps = [centre(e[1])[axis] - centre(e[0])[axis] for e in between if rank(e, 0) == rank(e, 1) == 0]
    return median_high(steps) if steps else 0.0


def evident() -> list[tuple[int, int]]:
    """Links to the next frame that overlap each other most, by 0.3 at least."""
    near = {e: overlap(BOXES[e[0]], BOXES[e[1]])[0] for e in EDGES if FRAMES[e[1]] - FRAMES[e[0]] == 1}
    near = {e: value for e, value in near.items() if value >= 0.3}
    return [e for e in near if all(near[e] >= near[o] for o in near if o[0] == e[0] or o[1] == e[1])]


def velocity(row: int, past: bool) -> tuple[float, float, int]:
    """Pixels a second over up to five evident links, and how many there were."""
    following = {e[1]: e[0] for e in evident()} if past else dict(evident())
    reached, detections = row, 0
    while detections < 5 and reached in following:
        reached, detections = following[reached], detections + 1
    seconds = (FRAMES[row] - FRAMES[reached]) / RATE
    (x, y), (u, v) = centre(row), centre(reached)
    return ((x - u) / seconds, (y - v) / seconds, detections) if detections else (0.0, 0.0, 0)


def same(values: list[float], names: tuple[str, ...], expected: dict[str, float]) -> None:
    """Feature by feature, so that a failure says its name."""
    assert list(expected) == list(names)
    assert dict(zip(names, values, strict=True)) == pytest.approx(expected, rel=1e-5, abs=1e-6)


def test_candidates(graph: Data) -> None:
    assert list(map(tuple, graph.edge_index.T.tolist())) == EDGES
    assert {ROWS[source][0] + ROWS[target][0] for source, target in EDGES} == {"AA", "AB", "BA", "BB", "CC"}
    assert list(map(tuple, graph.spatial_edge_index.T.tolist())) == SPATIAL
    assert len(SPATIAL) >= 8


@pytest.mark.parametrize("row", range(len(ROWS)))
def test_nodes(graph: Data, row: int) -> None:
    frame = FRAMES[row]
    together = [other for other in range(len(ROWS)) if FRAMES[other] == frame]
    x, y, w, h = BOXES[row]
    expected = {
        "confidence": CONFIDENCE[row],
        "log aspect": log(w / h),
        "log height / frame's median": log(h / median_high(BOXES[other][3] for other in together)),
        "log boxes in frame": log(len(together)) / 3,
        "largest overlap": max([overlap(BOXES[row], BOXES[o])[0] for o in together if o != row], default=0.0),
        "gap to left or right border": min(max(min(x, WIDTH - x - w) / h, -1.0), 2.0),
        "gap to upper or lower border": min(max(min(y, HEIGHT - y - h) / h, -1.0), 2.0),
    }
    same(graph.x[row].tolist(), NODE_FEATURES, expected)


@pytest.mark.parametrize("edge", range(len(EDGES)))
def test_edges(graph: Data, edge: int) -> None:
    source, target = EDGES[edge]
    right, down, scale = apart(source, target)
    gap = FRAMES[target] - FRAMES[source]
    seconds = gap / RATE
    before, after = velocity(source, True), velocity(target, False)
    pan = [drift(FRAMES[source], FRAMES[target], axis) / scale for axis in (0, 1)]
    expected = {
        "right": right,
        "down": down,
        "log width ratio": log(BOXES[target][2] / BOXES[source][2]),
        "log height ratio": log(BOXES[target][3] / BOXES[source][3]),
        "seconds": seconds,
        "log frames": log(gap),
        "IoU": overlap(BOXES[source], BOXES[target])[0],
        "GIoU": overlap(BOXES[source], BOXES[target])[1],
        "right per second": right / seconds / 4,
        "down per second": down / seconds / 4,
        "rank among successors": min(rank((source, target), 0), 4) / 4,
        "rank among predecessors": min(rank((source, target), 1), 4) / 4,
        "right, less the frame pair's median": right - pan[0],
        "down, less the frame pair's median": down - pan[1],
        "right, less the motion before": right - before[0] * seconds / scale,
        "down, less the motion before": down - before[1] * seconds / scale,
        "right, less the motion after": right - after[0] * seconds / scale,
        "down, less the motion after": down - after[1] * seconds / scale,
        "links seen before": before[2] / 5,
        "links seen after": after[2] / 5,
    }
    same(graph.edge_attr[edge].tolist(), EDGE_FEATURES, {k: min(max(v, -8.0), 8.0) for k, v in expected.items()})


def test_neighbours(graph: Data) -> None:
    for edge, (source, target) in enumerate(SPATIAL):
        right, down, _ = apart(source, target)
        values = {
            "right": right,
            "down": down,
            "log width ratio": log(BOXES[target][2] / BOXES[source][2]),
            "log height ratio": log(BOXES[target][3] / BOXES[source][3]),
            "IoU": overlap(BOXES[source], BOXES[target])[0],
        }
        same(graph.spatial_edge_attr[edge].tolist(), SPATIAL_FEATURES, values)


def test_far_away_is_all_the_same() -> None:
    """A link of a hundred heights has the features of one of eight, and borders count to two heights."""
    graph = graph_from_boxes(
        np.array([[0.0, 0, 4, 4], [500.0, 0, 4, 4]]),
        np.array([1, 2]),
        np.ones(2),
        GraphSettings(window=8, stride=2, max_gap=3, reach=1000.0),
        name="far",
        view=View(2000, 2000, RATE),
    )
    assert graph.edge_attr[0, 0] == 8 and graph.edge_attr[0, 8] == 8
    assert graph.x[:, 5].tolist() == [0, 2]


def test_borders_count_to_one_height_beyond() -> None:
    """A box two and a half heights outside to the left, and one above."""
    graph = graph_from_boxes(
        np.array([[-100.0, 500, 20, 40], [500.0, -90, 20, 40]]),
        np.array([1, 1]),
        np.ones(2),
        GraphSettings(),
        name="outside",
        view=View(2000, 2000, RATE),
    )
    assert graph.x[:, 5:].tolist() == [[-1, 2], [2, -1]]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_as_many_neighbours_as_are_asked_for(count: int) -> None:
    """Five boxes in a row, 10, 20, 30, 40 pixels apart; both directions are listed."""
    box = np.array([[float(x), 0, 10, 100] for x in (0, 10, 30, 60, 100)])
    graph = graph_from_boxes(
        box,
        np.ones(5, dtype=np.int64),
        np.ones(5),
        GraphSettings(spatial_neighbours=count, spatial_reach=50.0),
        name="row",
        view=View(2000, 2000, RATE),
    )
    place = box[:, 0]
    near = {
        (a, b) for a in range(5) for b in sorted(set(range(5)) - {a}, key=lambda b: abs(place[b] - place[a]))[:count]
    }
    assert set(map(tuple, graph.spatial_edge_index.T.tolist())) == near | {(b, a) for a, b in near}
