"""Every feature of a small association graph, by name, against plain arithmetic that is written down here again.

Three tracks, seven detections, 640 × 480 at 25 frames a second, in frame 13::

    track 0    frames 1 to 12, walks right and grows      ● ● ● … ●        13   detection 0: its next box
    track 1    frame 10 alone                                   ●               detection 1: near both
    track 2    shrinks and leaves, 220 frames ago                               detection 2 to 6: far from both
"""

from __future__ import annotations

from math import asinh, hypot, log

import numpy as np
import pytest

from gnntrack.association.feature_columns import (
    APPEARANCE_NAMES,
    DETECTION_NAMES,
    NEIGHBOUR_NAMES,
    PAIR_NAMES,
    TRACK_NAMES,
)
from gnntrack.association.graph import BipartiteGraph, association_graph
from gnntrack.association.histories import Histories
from gnntrack.sequence import View

WIDTH, HEIGHT, RATE, NOW = 640.0, 480.0, 25.0, 13
CAMERA_THEN, CAMERA_NOW = np.array([[1.0, 2.0], [-3.0, 0.5], [0.0, 9.0]]), np.array([4.0, -1.0])
Box = tuple[float, float, float, float, float, float]
#: centre x, centre y, width, height, frame, confidence; newest first
WALK: list[Box] = [
    (
        100.0 + 5.0 * frame + (frame % 3),
        200.0 - 1.5 * frame,
        30.0 + 0.5 * frame,
        60.0 + 1.0 * frame,
        frame,
        0.5 + 0.03 * frame,
    )
    for frame in range(12, 0, -1)
]
ALONE: list[Box] = [(210.0, 150.0, 28.0, 80.0, 10.0, 0.55)]
LOST: list[Box] = [
    (300.0 - 9 * frame, 30.0 + 2 * frame, 60.0 - 4 * frame, 90.0 - 6 * frame, frame - 213, 0.8)
    for frame in range(6, 0, -1)
]
TRACKS = [WALK, ALONE, LOST]
SEEN: list[Box] = [
    (168.0, 182.0, 35.0, 74.0, NOW, 0.9),
    (190.0, 170.0, 40.0, 70.0, NOW, 0.58),
    (600.0, 400.0, 30.0, 50.0, NOW, 0.7),
    (602.0, 405.0, 32.0, 50.0, NOW, 0.7),
    (20.0, 460.0, 30.0, 90.0, NOW, 0.6),
    (630.0, 20.0, 30.0, 72.0, NOW, 0.61),
    (330.0, 440.0, 36.0, 65.0, NOW, 0.3),
]
PREDICTION_ERROR = [0.125, 0.0, 1.5]


@pytest.fixture(scope="module")
def histories() -> Histories:
    """The tracks of the scene."""
    histories = Histories()
    for number, track in enumerate(TRACKS):
        histories.add(np.array([track[-1]]), CAMERA_THEN[number])
        for box in track[-2::-1]:
            histories.extend(np.array([number]), np.array([box]), CAMERA_THEN[number])
    histories.prediction_error[:] = PREDICTION_ERROR
    return histories


@pytest.fixture(scope="module")
def graph(histories: Histories) -> BipartiteGraph:
    """What the code makes of the scene."""
    return association_graph(
        histories, np.array(SEEN), View(WIDTH, HEIGHT, RATE), CAMERA_NOW, candidates=7, neighbours=2
    )


def padded(track: list[Box], length: int = 32) -> list[Box]:
    """A track of fewer observations repeats its oldest one."""
    return track + [track[-1]] * (length - len(track))


def overlap(a: tuple[float, ...], b: tuple[float, ...]) -> tuple[float, float]:
    """IoU and generalised IoU of two centre boxes."""
    left, right = max(a[0] - a[2] / 2, b[0] - b[2] / 2), min(a[0] + a[2] / 2, b[0] + b[2] / 2)
    top, bottom = max(a[1] - a[3] / 2, b[1] - b[3] / 2), min(a[1] + a[3] / 2, b[1] + b[3] / 2)
    shared = max(right - left, 0.0) * max(bottom - top, 0.0)
    union = a[2] * a[3] + b[2] * b[3] - shared
    wide = max(a[0] + a[2] / 2, b[0] + b[2] / 2) - min(a[0] - a[2] / 2, b[0] - b[2] / 2)
    high = max(a[1] + a[3] / 2, b[1] + b[3] / 2) - min(a[1] - a[3] / 2, b[1] - b[3] / 2)
    return shared / union, shared / union - (wide * high - union) / (wide * high)


def on_line(track: list[Box], fitted: int, trust: float) -> list[float]:
    """Where the line through the last boxes is now: least squares about the mean, slopes pulled to 0."""
    boxes = track[:fitted]
    middle = sum(box[4] for box in boxes) / len(boxes)
    spread = sum((box[4] - middle) ** 2 for box in boxes) + 0.5
    ahead = min(NOW - track[0][4], trust)
    result = []
    for side in range(4):
        mean = sum(box[side] for box in boxes) / len(boxes)
        slope = sum((box[4] - middle) * (box[side] - mean) for box in boxes) / spread
        result.append(mean + slope * (track[0][4] - middle + ahead))
    return [*result[:2], *(max(result[side], 0.5 * track[0][side]) for side in (2, 3))]


def moved_on(track: list[Box]) -> list[float]:
    """The newest box moved on with the velocity since six observations ago."""
    newest, earlier = track[0], padded(track)[6]
    span, ahead = max(newest[4] - earlier[4], 1.0), min(NOW - newest[4], 15.0)
    result = [newest[side] + (newest[side] - earlier[side]) / span * ahead for side in range(4)]
    return [*result[:2], *(max(result[side], 0.5 * newest[side]) for side in (2, 3))]


LINES = {
    count: [on_line(track, count, trust) for track in TRACKS] for count, trust in ((5, 5.0), (12, 15.0), (32, 30.0))
}


def distance(track: int, detection: int) -> float:
    """In heights, from where the track was or should be by the middle line; lost tracks have slack."""
    newest, detections = TRACKS[track][0], SEEN[detection]
    slack = newest[3] * (1.0 + 0.1 * (NOW - newest[4] - 1.0))
    places = (newest, LINES[12][track])
    return min(hypot(place[0] - detections[0], place[1] - detections[1]) for place in places) / slack


DISTANCE = [[distance(track, detection) for detection in range(7)] for track in range(3)]


def surroundings(box: tuple[float, ...], others: list[tuple[float, ...]]) -> dict[str, float]:
    overlaps = [overlap(box, other)[0] for other in others]
    x, y, w, h = box[:4]
    return {
        "from left border": min(max((x - w / 2) / h, -1.0), 1.0),
        "from upper border": min(max((y - h / 2) / h, -1.0), 1.0),
        "from right border": min(max((WIDTH - x - w / 2) / h, -1.0), 1.0),
        "from lower border": min(max((HEIGHT - y - h / 2) / h, -1.0), 1.0),
        "log height in image": log(h / HEIGHT),
        "log aspect": log(w / h),
        "largest overlap": max(overlaps, default=0.0),
        "sum of overlaps": min(sum(overlaps), 3.0),
    }


def near(boxes: list[tuple[float, ...]], here: int, count: int) -> list[int]:
    others = [row for row in range(len(boxes)) if row != here]
    return sorted(others, key=lambda row: hypot(boxes[row][0] - boxes[here][0], boxes[row][1] - boxes[here][1]))[:count]


def same(found: np.ndarray, names: tuple[str, ...], expected: dict[str, float]) -> None:
    """Feature by feature, so that a failure says its name."""
    assert list(expected) == list(names)
    assert dict(zip(names, found.tolist(), strict=True)) == pytest.approx(expected, rel=1e-5, abs=1e-6)


def test_every_column_has_a_name_of_its_own() -> None:
    assert (len(TRACK_NAMES), len(set(TRACK_NAMES))) == (98, 98)
    assert (len(DETECTION_NAMES), len(set(DETECTION_NAMES))) == (13, 13)
    assert (len(PAIR_NAMES), len(set(PAIR_NAMES))) == (42, 42)
    assert len(NEIGHBOUR_NAMES) == 5 and len(APPEARANCE_NAMES) == 4


def test_candidates_are_the_nearest_of_every_track_and_detection(graph: BipartiteGraph) -> None:
    assert graph.ends.T.tolist() == [[track, detection] for track in range(3) for detection in range(7)]


def test_fewer_candidates_are_those_that_are_nearest_on_either_side(histories: Histories) -> None:
    few = association_graph(histories, np.array(SEEN), View(WIDTH, HEIGHT, RATE), CAMERA_NOW, candidates=1)
    rank_track = np.array([ranks(row) for row in DISTANCE])
    rank_detection = np.array([ranks([row[detection] for row in DISTANCE]) for detection in range(7)]).T
    near = [[t, d] for t in range(3) for d in range(7) if rank_track[t, d] == 0 or rank_detection[t, d] == 0]
    assert few.ends.T.tolist() == near


def ranks(distances: list[float]) -> list[int]:
    return [sum(other < here for other in distances) for here in distances]


@pytest.mark.parametrize("link", range(21))
def test_pairs(graph: BipartiteGraph, link: int) -> None:
    track, detection = graph.ends[:, link].tolist()
    newest, detections, gap = TRACKS[track][0], SEEN[detection], NOW - TRACKS[track][0][4]
    height = newest[3]
    short, middle, long = (LINES[count][track] for count in (5, 12, 32))
    recent = moved_on(TRACKS[track])
    right, down = (detections[0] - newest[0]) / height, (detections[1] - newest[1]) / height
    pan = (CAMERA_NOW - CAMERA_THEN[track]) / height
    rank_track = ranks(DISTANCE[track])[detection]
    rank_detection = ranks([row[detection] for row in DISTANCE])[track]
    here = DISTANCE[track][detection]
    nearest_other = min(DISTANCE[track][other] for other in range(7) if other != detection)
    other_track = min(DISTANCE[other][detection] for other in range(3) if other != track)

    def less(line: list[float]) -> tuple[float, float, float]:
        across, along = (detections[0] - line[0]) / height, (detections[1] - line[1]) / height
        return asinh(2 * across), asinh(2 * along), log(hypot(across, along) + 0.02)

    expected = {
        "right": asinh(2 * right),
        "down": asinh(2 * down),
        "right a frame": asinh(10 * right / gap),
        "down a frame": asinh(10 * down / gap),
        "right, less the line over 5": less(short)[0],
        "down, less the line over 5": less(short)[1],
        "right, less the line over 12": less(middle)[0],
        "down, less the line over 12": less(middle)[1],
        "right, less the line over 32": less(long)[0],
        "down, less the line over 32": less(long)[1],
        "log distance from the line over 5": less(short)[2],
        "log distance from the line over 12": less(middle)[2],
        "log distance from the line over 32": less(long)[2],
        "right, less the camera": asinh(2 * (right - pan[0])),
        "down, less the camera": asinh(2 * (down - pan[1])),
        "log distance, less the camera": log(hypot(right - pan[0], down - pan[1]) + 0.02),
        "log distance": log(hypot(right, down) + 0.02),
        "IoU": overlap(newest, detections)[0],
        "GIoU": overlap(newest, detections)[1],
        "IoU with the line over 5": overlap(tuple(short), detections)[0],
        "GIoU with the line over 5": overlap(tuple(short), detections)[1],
        "IoU with the line over 12": overlap(tuple(middle), detections)[0],
        "GIoU with the line over 12": overlap(tuple(middle), detections)[1],
        "log width ratio": log(detections[2] / newest[2]),
        "log height ratio": log(detections[3] / newest[3]),
        "change of size": abs(log(detections[2] / newest[2])) + abs(log(detections[3] / newest[3])),
        "log width ratio to the line over 12": log(detections[2] / middle[2]),
        "log height ratio to the line over 12": log(detections[3] / middle[3]),
        "confidence": detections[5],
        "confidence of the newest": newest[5],
        "log frames": 0.5 * log(gap),
        "seconds": min(gap / 25.0, 4.0),
        "rank among the track's candidates": 0.2 * min(rank_track, 5),
        "rank among the detection's candidates": 0.2 * rank_detection,
        "farther than the track's nearest other": min(max(here - nearest_other, -2.0), 2.0),
        "farther than the detection's nearest other": min(max(here - other_track, -2.0), 2.0),
        "prediction error": PREDICTION_ERROR[track],
        "right, less the recent velocity": less(recent)[0],
        "down, less the recent velocity": less(recent)[1],
        "log distance from the recent velocity": less(recent)[2],
        "log width ratio to the line over 32": log(detections[2] / long[2]),
        "log height ratio to the line over 32": log(detections[3] / long[3]),
    }
    same(graph.edge_attr[link], PAIR_NAMES, expected)


@pytest.mark.parametrize("track", range(3))
def test_tracks(graph: BipartiteGraph, track: int) -> None:
    """The neighbours of a track are looked for where the middle lines are now."""
    boxes, newest, gap = padded(TRACKS[track]), TRACKS[track][0], NOW - TRACKS[track][0][4]
    expected = {
        "log observations": 0.25 * log(len(TRACKS[track])),
        "log frames since the newest": 0.5 * log(gap),
        "seconds since the newest": min(gap / 25.0, 4.0),
        "mean confidence": sum(box[5] for box in boxes[:8]) / 8,
        "newest confidence": newest[5],
        "prediction error": PREDICTION_ERROR[track],
    }
    around = surroundings(newest, [])
    shared = [overlap(tuple(LINES[12][track]), tuple(LINES[12][other]))[0] for other in range(3) if other != track]
    expected |= around | {"largest overlap": max(shared), "sum of overlaps": sum(shared)}
    for back in (1, 2, 3, 4, 6, 8, 10, 13, 16, 20, 25, 31):
        earlier = boxes[back]
        span = max(newest[4] - earlier[4], 1.0)
        right, down = (newest[0] - earlier[0]) / newest[3], (newest[1] - earlier[1]) / newest[3]
        expected |= {
            f"right, {back} back": asinh(right),
            f"down, {back} back": asinh(down),
            f"right a frame, {back} back": asinh(10 * right / span),
            f"down a frame, {back} back": asinh(10 * down / span),
            f"log width ratio, {back} back": log(earlier[2] / newest[2]),
            f"log height ratio, {back} back": log(earlier[3] / newest[3]),
            f"log frames, {back} back": 0.25 * log(span),
        }
    same(graph.past[track], TRACK_NAMES, expected)


@pytest.mark.parametrize("detection", range(7))
def test_detections(graph: BipartiteGraph, detection: int) -> None:
    detections = SEEN[detection]
    others = [SEEN[other] for other in near([tuple(box) for box in SEEN], detection, 2)]
    surer = [overlap(detections, other)[0] for other in others if other[5] > detections[5]]
    expected = {"confidence": detections[5]} | surroundings(detections, list(others))
    expected |= {
        "log height / frame's median": log(detections[3] / sorted(box[3] for box in SEEN)[3]),
        "log boxes in frame": 0.25 * log(7),
        "largest overlap with a surer one": max(surer, default=0.0),
        "sure": 1.0 if detections[5] > 0.6 else 0.0,
    }
    same(graph.future[detection], DETECTION_NAMES, expected)


def test_neighbours(graph: BipartiteGraph) -> None:
    """Two of every detection and of every track; first the nearest."""
    expected: list[tuple[int, int, tuple[float, ...], tuple[float, ...]]] = []
    for nodes, boxes in ((0, [tuple(line) for line in LINES[12]]), (3, [tuple(box) for box in SEEN])):
        for here in range(len(boxes)):
            for there in near(boxes, here, 2):
                expected.append((nodes + there, nodes + here, boxes[there], boxes[here]))
    assert graph.spatial_edge_index.T.tolist() == [[there, here] for there, here, _, _ in expected]
    for row, (_, _, there, here) in enumerate(expected):
        same(
            graph.spatial_edge_attr[row],
            NEIGHBOUR_NAMES,
            {
                "right": asinh(2 * (there[0] - here[0]) / here[3]),
                "down": asinh(2 * (there[1] - here[1]) / here[3]),
                "log width ratio": log(there[2] / here[2]),
                "log height ratio": log(there[3] / here[3]),
                "IoU": overlap(here, there)[0],
            },
        )


def test_prediction_error_is_a_running_mean_of_a_tenth() -> None:
    """Twelve boxes on a straight line, then a jump of half a height: a tenth of it, not more, nor less."""
    histories = Histories()
    histories.add(np.array([[0.0, 0, 20, 40, 1, 1.0]]), np.zeros(2))
    for frame in range(2, 13):
        histories.extend(np.array([0]), np.array([[4.0 * (frame - 1), 0, 20, 40, frame, 1.0]]), np.zeros(2))
    first = 4.0 / 40  # the second box: nothing was known of the motion
    expected = first
    for count in range(2, 12):  # all others were where they should be
        expected -= max(0.1, 1.0 / count) * expected
    assert histories.prediction_error[0] == pytest.approx(expected)
    before = histories.prediction_error[0]
    histories.extend(np.array([0]), np.array([[4.0 * 12 + 12, 8, 20, 40, 13, 1.0]]), np.zeros(2))
    assert histories.prediction_error[0] == pytest.approx(before + 0.1 * (20 / 40 - before))


def test_prediction_error_has_bounds() -> None:
    """A jump across the picture counts as two heights; motion is trusted for ten frames."""
    histories = Histories()
    for frame in range(1, 7):
        box = np.array([[10.0 * frame, 0, 20, 40, frame, 1.0]])
        if frame == 1:
            histories.add(box, np.zeros(2))
        else:
            histories.extend(np.array([0]), box, np.zeros(2))
    before = histories.prediction_error[0]
    histories.extend(np.array([0]), np.array([[60.0 + 100 + 20, 0, 20, 40, 36, 1.0]]), np.zeros(2))
    assert histories.prediction_error[0] == pytest.approx(before + (1 / 6) * (20 / 40 - before))
    before = histories.prediction_error[0]
    histories.extend(np.array([0]), np.array([[9000.0, 0, 20, 40, 37, 1.0]]), np.zeros(2))
    assert histories.prediction_error[0] == pytest.approx(before + (1 / 7) * (2.0 - before))


def test_appearance_fades_by_a_tenth() -> None:
    histories = Histories()
    histories.add(np.array([[0.0, 0, 20, 40, 1, 0.5, 1.0, 0.0]]), np.zeros(2))
    histories.extend(np.array([0]), np.array([[0.0, 0, 20, 40, 2, 0.8, 0.0, 1.0]]), np.zeros(2))
    assert histories.appearance[0].tolist() == pytest.approx([0.9 * 0.5, 0.8])
