"""Every feature of a small tracklet graph, by name, against plain arithmetic that is written down here again.

Two people pass twice, a third stands aside; the camera pans. Overlapping boxes belong to no tracklet::

    frame      1 … 8   9 10 11   12 … 28   29 30 31   32 … 40
    track 1    ●●●●●   ○  ○  ○   ●●●●●●●   ○  ○  ○    ●●●●●●     tracklets 0, 1, 2
    track 2    ●●●●●   ○  ○  ○   ●●●●●●●   ○  ○  ○    ●●●●●●     tracklets 3, 4, 5
    track 3    ●●●●●   ●  ●  ●   ●●●●●●●   ●  ●  ●    ●●●●●●     tracklet 6
"""

from __future__ import annotations

from math import asinh, exp, hypot, log, sqrt
from statistics import median

import numpy as np
import pytest

from gnntrack.relinking.feature_columns import TRACKLET_NAMES, TRACKLET_PAIR_NAMES
from gnntrack.relinking.graph import TrackletGraph, tracklet_graph
from gnntrack.relinking.tracklets import Tracklets, find_tracklets
from gnntrack.sequence import View

RATE = 25.0
FRAMES = range(1, 41)
SPANS = [(1, 8), (12, 28), (32, 40)]


def camera(frame: int) -> tuple[float, float]:
    return 2.0 * max(frame - 5, 0), 0.5 * frame - 0.5


def box(track: int, frame: int) -> tuple[float, float, float, float]:
    """Centre x, bottom y, width, height."""
    away = 6.0 * (10 - frame) if frame <= 20 else -60.0 + 6.0 * (frame - 20)
    pan, tilt = camera(frame)
    wobble = 0.05 * (frame % 3)
    if track == 1:
        return 300 - away + pan + wobble, 300 + tilt, 40 + 0.02 * frame, 81 + 0.05 * frame
    if track == 2:
        return 300 + away + pan - wobble, 301 + 0.05 * frame + tilt, 41 - 0.01 * frame, 82 + wobble
    return 600 + pan, 250 - 0.3 * frame + tilt, 50.0, 70.0


def confidence(track: int, frame: int) -> float:
    return 0.5 + 0.01 * frame - 0.03 * track


def probability(track: int, frame: int) -> float:
    return 0.99 - 0.01 * track - 0.013 * ((7 * frame) % 11)


ROWS = [(track, frame) for frame in FRAMES for track in (1, 2, 3)]
SEEN = np.array([(b[0], b[1] - b[3] / 2, b[2], b[3], f, confidence(t, f)) for t, f in ROWS for b in [box(t, f)]])
PIECES = [(track, *span) for track in (1, 2) for span in SPANS] + [(3, 1, 40)]


def frames_of(piece: int, tail: bool, most: int) -> list[int]:
    """The frames of a tracklet's boxes nearest to its end, or to its beginning."""
    _, first, last = PIECES[piece]
    own = list(range(first, last + 1))
    return own[-most:] if tail else own[:most]


def far_frames(piece: int, tail: bool) -> list[int]:
    """Those of the clear boxes of the whole track up to the end, or from the beginning on."""
    track, first, last = PIECES[piece]
    same = [other for other in PIECES if other[0] == track and (other[2] <= last if tail else other[1] >= first)]
    return [frame for _, begin, end in same for frame in range(begin, end + 1)]


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


def relative(track: int, frame: int, side: int) -> float:
    return log(box(track, frame)[side]) - median(log(box(other, frame)[side]) for other in (1, 2, 3))


@pytest.fixture(scope="module")
def tracklets() -> Tracklets:
    """What the code cuts the scene into."""
    detections = np.array(SEEN)
    return find_tracklets(detections, np.array([t for t, _ in ROWS]), np.array([probability(t, f) for t, f in ROWS]))


@pytest.fixture(scope="module")
def linked(tracklets: Tracklets) -> TrackletGraph:
    """And their graph."""
    return tracklet_graph(tracklets, View(1200, 700, RATE), 12, 120)


class End:
    """What is known of an end, plainly."""

    def __init__(self, piece: int, tail: bool) -> None:
        track = PIECES[piece][0]
        used, near, far = frames_of(piece, tail, 12), frames_of(piece, tail, 100), far_frames(piece, tail)
        self.frame = used[-1] if tail else used[0]
        self.box = box(track, self.frame)
        self.used, self.near = len(used), len(near)
        self.height = exp(mean([log(box(track, frame)[3]) for frame in used]))
        self.confidence = mean([confidence(track, frame) for frame in used])
        self.lines = {count: Line(track, frames_of(piece, tail, count), self.height) for count in (4, 12)}
        self.usual = [mean([relative(track, frame, side) for frame in near]) for side in (2, 3)]
        self.usual += [mean([relative(track, frame, side) for frame in far]) for side in (2, 3)]
        self.usual += [mean([log(box(track, frame)[side]) for frame in near]) for side in (2, 3)]
        self.camera = camera(self.frame)


class Line:
    """Least squares through boxes, slopes pulled to 0."""

    def __init__(self, track: int, frames: list[int], height: float) -> None:
        boxes = [box(track, frame) for frame in frames]
        self.middle = mean([float(frame) for frame in frames])
        self.mean = [mean([b[side] for b in boxes]) for side in range(4)]
        spread = 2.0 + sum((frame - self.middle) ** 2 for frame in frames)
        self.slope = [
            sum((frame - self.middle) * (b[side] - self.mean[side]) for frame, b in zip(frames, boxes, strict=True))
            / spread
            for side in range(4)
        ]
        off = [(b[side] - self.at(frame)[side]) ** 2 for frame, b in zip(frames, boxes, strict=True) for side in (0, 1)]
        self.off = sqrt(sum(off) / len(frames)) / height

    def at(self, frame: float) -> tuple[float, float]:
        x, y = (self.mean[side] + self.slope[side] * (frame - self.middle) for side in (0, 1))
        return x, y


TAILS, HEADS = [End(piece, True) for piece in range(7)], [End(piece, False) for piece in range(7)]
#: The least probable link from one tracklet to the next of its track, by the later one.
WEAKEST_LINK = [
    0.0 if first == 1 else min(probability(track, frame) for frame in range(first - 3, first + 1))
    for track, first, _ in PIECES
]
FOLLOWING = [1, 2, -1, 4, 5, -1, -1]
POSSIBLE = [(i, j) for i in range(7) for j in range(7) if HEADS[j].frame > TAILS[i].frame]


def distance(i: int, j: int) -> float:
    end, beginning = TAILS[i], HEADS[j]
    ahead = min(beginning.frame - end.frame, 20.0) / 2
    left, right = end.lines[4].at(end.frame + ahead), beginning.lines[4].at(beginning.frame - ahead)
    apart = hypot(left[0] - right[0], left[1] - right[1]) / min(end.height, beginning.height)
    return apart + 0.3 * abs(log(end.height / beginning.height))


LINKS = [pair for pair in POSSIBLE if distance(*pair) < 8.0]


def same(found: np.ndarray, names: tuple[str, ...], expected: dict[str, float]) -> None:
    """Feature by feature, so that a failure says its name."""
    assert list(expected) == list(names)
    assert dict(zip(names, found.tolist(), strict=True)) == pytest.approx(expected, rel=2e-5, abs=2e-6)


def test_every_column_has_a_name() -> None:
    assert (len(TRACKLET_NAMES), len(set(TRACKLET_NAMES))) == (10, 10)
    assert (len(TRACKLET_PAIR_NAMES), len(set(TRACKLET_PAIR_NAMES))) == (70, 70)


def test_the_scene_is_cut_as_it_is_drawn(tracklets: Tracklets, linked: TrackletGraph) -> None:
    assert tracklets.track.tolist() == [piece[0] for piece in PIECES]
    assert tracklets.head.frame.tolist() == [piece[1] for piece in PIECES]
    assert tracklets.tail.frame.tolist() == [piece[2] for piece in PIECES]
    assert tracklets.following.tolist() == FOLLOWING
    assert tracklets.weakest_link.tolist() == pytest.approx(WEAKEST_LINK)
    assert list(map(tuple, linked.links.T.tolist())) == LINKS
    assert len(LINKS) >= 8


@pytest.mark.parametrize("tail", [True, False])
def test_ends_and_beginnings(linked: TrackletGraph, tail: bool) -> None:
    which = sorted({pair[0 if tail else 1] for pair in LINKS})
    found = linked.graph.past if tail else linked.graph.future
    for row, piece in enumerate(which):
        end = (TAILS if tail else HEADS)[piece]
        expected = {
            "log boxes used": log(end.used) / 2,
            "log boxes near": log(end.near) / 3,
            "confidence": end.confidence,
            "log width / frame's median, near": end.usual[0],
            "log height / frame's median, near": end.usual[1],
            "log width / frame's median, far": end.usual[2],
            "log height / frame's median, far": end.usual[3],
            "distance from the line": asinh(5 * end.lines[12].off),
            "speed across": asinh(10 * abs(end.lines[12].slope[0]) / end.height),
            "speed along": asinh(10 * abs(end.lines[12].slope[1]) / end.height),
        }
        same(found[row], TRACKLET_NAMES, expected)


@pytest.mark.parametrize("link", range(len(LINKS)))
def test_pairs(linked: TrackletGraph, link: int) -> None:
    i, j = LINKS[link]
    end, beginning = TAILS[i], HEADS[j]
    height, gap = sqrt(end.height * beginning.height), beginning.frame - end.frame
    forward = -1.0 if beginning.box[0] < end.box[0] else 1.0
    turn = (forward, 1.0)
    expected: dict[str, float] = {}
    turned: dict[str, float] = {}
    for count in (4, 12):
        left, right, lines = end.lines[count], beginning.lines[count], f"lines over {count}"
        middle = 0.5 * (end.frame + beginning.frame)
        for place, frame in (
            ("in the middle", middle),
            ("at the end", end.frame),
            ("at the beginning", beginning.frame),
        ):
            for side, name in enumerate(("right", "down")):
                apart = 2 * (left.at(frame)[side] - right.at(frame)[side]) / height
                expected[f"apart {name} {place}, {lines}"] = asinh(abs(apart))
                if place == "in the middle":
                    turned[f"apart {name} in the middle, signed, {lines}"] = asinh(apart * turn[side])
        for side, name in enumerate(("right", "down")):
            change = 20 * (left.slope[side] - right.slope[side]) / height
            expected[f"change of speed {name}, {lines}"] = asinh(abs(change))
        expected[f"change of width, {lines}"] = asinh(abs(5 * log(left.mean[2] / right.mean[2])))
        expected[f"change of height, {lines}"] = asinh(abs(8 * log(left.mean[3] / right.mean[3])))
        expected[f"end's distance from its line, {lines}"] = asinh(5 * left.off)
        expected[f"beginning's distance from its line, {lines}"] = asinh(5 * right.off)
        for whose, line in (("end", left), ("beginning", right)):
            for side, name in enumerate(("right", "down")):
                turned[f"speed {name} of the {whose}, {lines}"] = asinh(20 / height * turn[side] * line.slope[side])
    moved = [(beginning.box[side] - end.box[side]) / height for side in (0, 1)]
    speed = [0.5 * (end.lines[12].slope[side] + beginning.lines[12].slope[side]) / height for side in (0, 1)]
    panned = [(beginning.camera[side] - end.camera[side]) / height for side in (0, 1)]
    for side, name in enumerate(("right", "down")):
        expected[f"moved {name}"] = asinh(abs(2 * moved[side]))
    for side, name in enumerate(("right", "down")):
        expected[f"moved {name}, less the mean speed"] = asinh(abs(2 * (moved[side] - speed[side] * gap)))
    for side, name in enumerate(("right", "down")):
        expected[f"moved {name}, less the camera"] = asinh(abs(2 * (moved[side] - panned[side])))
    sizes = [name.removeprefix("change of ") for name in TRACKLET_PAIR_NAMES[30:36]]
    for place, name in enumerate(sizes):
        expected[f"change of {name}"] = asinh(abs(10 * (end.usual[place] - beginning.usual[place])))
    surer = asinh(3 * (end.confidence - beginning.confidence))
    own = 1.0 if FOLLOWING[i] == j else 0.0
    after = WEAKEST_LINK[FOLLOWING[i]] if FOLLOWING[i] >= 0 else 0.0
    links = list(map(tuple, POSSIBLE))
    rank_end = sum(other[0] == i and distance(*other) < distance(i, j) for other in links)
    rank_beginning = sum(other[1] == j and distance(*other) < distance(i, j) for other in links)
    expected |= {"change of confidence": abs(surer), "moved down, signed": asinh(2 * moved[1])} | turned
    expected |= {
        "end surer than beginning": surer,
        "log frames": 0.5 * log(gap),
        "log frames at 30 a second": 0.5 * log(gap / RATE * 30),
        "the tracker's link": own,
        "the tracker's link, log frames": own * log(gap),
        "the tracker's link, its least probability": own * after,
        "the tracker's link, log(1 - its least probability)": own * log(1 - min(after, 0.999)) / 3,
        "least probability of the end's link": after,
        "least probability of the beginning's link": WEAKEST_LINK[j],
        "the end has a next tracklet": 1.0 if FOLLOWING[i] >= 0 else 0.0,
        "the beginning has a previous tracklet": 1.0 if j in FOLLOWING else 0.0,
        "log boxes used, end": log(end.used) / 3,
        "log boxes used, beginning": log(beginning.used) / 3,
        "log boxes, end": log(PIECES[i][2] - PIECES[i][1] + 1) / 3,
        "log boxes, beginning": log(PIECES[j][2] - PIECES[j][1] + 1) / 3,
        "confidence, end": end.confidence,
        "confidence, beginning": beginning.confidence,
        "rank among the end's candidates": min(rank_end, 5) / 5,
        "rank among the beginning's candidates": min(rank_beginning, 5) / 5,
        "distance": 0.5 * min(distance(i, j), 8.0),
    }
    same(linked.graph.edge_attr[link], TRACKLET_PAIR_NAMES, expected)
