"""Overlaps are all there, bit for bit, whatever the blocks; selections keep what belongs together."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pandas as pd
import pytest

from gnntrack.evaluation import scene as module
from gnntrack.evaluation.matches import match
from gnntrack.evaluation.scene import Layout, Scene, find_overlaps
from gnntrack.evaluation.scores import Score
from gnntrack.geometry import iou_matrix
from gnntrack.sequence import Sequence
from tests.conftest import make_sequence


def crowd(seed, frames, most):
    rng = np.random.default_rng(seed)
    rows = []
    for frame in range(1, frames + 1):
        count = int(rng.integers(0, most))
        box = np.column_stack([rng.uniform(0, 80, (count, 2)), rng.uniform(1, 60, (count, 2))])
        rows += [(frame * 7, number, *box[number]) for number in range(count)]
    return make_sequence(rows)


@pytest.mark.parametrize("crowded", [1, 60, 1 << 12])
@pytest.mark.parametrize("block", [1, 50, 1 << 17])
def test_overlaps_are_those_of_the_matrices(monkeypatch, crowded, block):
    monkeypatch.setattr(module, "CROWDED", crowded)
    truth, tracks = crowd(1, 12, 12), crowd(2, 14, 12)
    found = find_overlaps(truth, tracks, block)
    expected = []
    for frame in np.union1d(truth.frames, tracks.frames).tolist():
        a, b = truth.rows_of(frame), tracks.rows_of(frame)
        overlap = iou_matrix(truth.xywh[a], tracks.xywh[b])
        rows, columns = np.nonzero(overlap)
        expected += zip((rows + a.start).tolist(), (columns + b.start).tolist(), overlap[rows, columns], strict=True)
    assert list(zip(found.truth.tolist(), found.track.tolist(), found.iou, strict=True)) == expected
    assert len(found) > 50


def test_nothing_overlaps():
    empty = make_sequence([])
    truth = make_sequence([(1, 1, 0.0, 0, 5, 5)])
    assert [len(find_overlaps(a, b)) for a, b in ((empty, truth), (truth, empty), (empty, empty))] == [0, 0, 0]
    assert len(find_overlaps(truth, make_sequence([(1, 1, 5.0, 0, 5, 5)]))) == 0  # they touch


def test_selections_keep_their_overlaps():
    truth, tracks = crowd(3, 8, 9), crowd(4, 8, 9)
    rng = np.random.default_rng(0)
    scene = Scene.of(truth, tracks).take(rng.random(len(truth)) < 0.6, rng.random(len(tracks)) < 0.6)
    again = find_overlaps(scene.truth, scene.tracks)
    for name in ("truth", "track", "iou"):
        np.testing.assert_array_equal(getattr(scene.overlaps, name), getattr(again, name))


def test_layout_has_every_frame():
    layout = Layout.of(
        make_sequence([(2, 1, 0.0, 0, 5, 5)]), make_sequence([(2, 1, 0.0, 0, 5, 5), (9, 1, 0.0, 0, 5, 5)])
    )
    assert layout.frames.tolist() == [2, 9]
    assert (layout.truth_counts.tolist(), layout.track_counts.tolist()) == ([1, 0], [1, 1])


def test_memory_is_a_small_share_of_a_box_and_blocks():
    """Twice the frames must not need more than twice the memory, and of that no more than a few columns a box."""

    def peak(frames):
        table = pd.DataFrame({"frame": np.repeat(np.arange(1, frames + 1), 4), "id": np.tile(np.arange(4), frames)})
        table = table.assign(x=table["id"] * 30.0 + table["frame"] % 7, y=0.0, w=40.0, h=20.0)
        boxes = Sequence("long", table, width=640, height=480)
        moved = Sequence("long", table.assign(x=table["x"] + 3), width=640, height=480)
        tracemalloc.start()
        score = Score.of(match(Scene.of(boxes, moved)))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert score.matched == 4 * frames
        return most / 2**20

    peak(100)
    small, large = peak(30_000), peak(60_000)
    a_box = (large - small) * 2**20 / (30_000 * 4)
    assert a_box < 400, "bytes a box, beside the two tables themselves"
