"""Errors are copied as they were: crossing onto crossing, calm onto calm; and made harder as asked for."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from gnntrack import Sequence
from gnntrack.datasets.synthetic import Hardness, SceneSettings, keep_errors, make_scene, simulate
from gnntrack.datasets.synthetic.copied_errors import for_one_video
from gnntrack.datasets.synthetic.copying import _faded
from gnntrack.datasets.synthetic.detector import steady
from gnntrack.datasets.synthetic.hardness import Drawn
from gnntrack.datasets.synthetic.writing import write_scenes
from gnntrack.geometry import iou, share_inside
from gnntrack.reading import read
from tests.datasets.synthetic.drawn import FRAMES, detected, halves, merged, two_cross

AS_MEASURED = Hardness.none()


def kept(change=None, hardness=AS_MEASURED, **wishes):
    truth = two_cross(**wishes)
    return keep_errors([(truth, detected(truth, change))], "one video", hardness)


def one_and_other(found):
    """The boxes of each frame, as lists."""
    return found.boxes.groupby("frame").size().reindex(range(1, FRAMES + 1), fill_value=0)


def test_a_perfect_detector_gives_the_annotations():
    truth = two_cross(name="other")
    found = simulate(truth, kept())
    np.testing.assert_allclose(found.xywh, truth.without_ids().xywh, atol=1e-9)
    assert set(found.boxes["conf"]) == {0.9}
    assert set(found.boxes["id"]) == {-1}


@pytest.mark.parametrize("turned", [False, True])
def test_a_box_that_grows_over_two_comes_along(turned):
    """In the middle of the crossing there is one box, which holds both people; also where b comes from the right.

    In the last two frames before both are apart again it shrinks.
    """
    truth = two_cross(turned, name="other")
    found = simulate(truth, kept(merged))
    count = one_and_other(found)
    assert (count.loc[14:28] == 1).all() and (count.drop(range(14, 29)) == 2).all()
    for frame in range(14, 27):
        (box,) = found.xywh[found.rows_of(frame)]
        both = truth.xywh[truth.rows_of(frame)]
        assert (share_inside(both, np.tile(box, (2, 1))) > 0.97).all()


def test_halves_come_along():
    """Two halves instead of a box: neither overlaps it by half, so they are false positives beside it."""
    truth = two_cross(name="other")
    errors = kept(halves)
    assert not errors.found[13:28].any() and len(errors.beside) == 2 * 15
    found = simulate(truth, errors)
    expected = detected(truth, halves)
    np.testing.assert_allclose(found.xywh, expected.xywh, atol=1e-9)
    np.testing.assert_allclose(np.sort(found.boxes["conf"]), np.sort(expected.boxes["conf"]))


def test_a_miss_lasts_as_long_as_the_crossing():
    """b is lost from frame 17 to 25; on a video where b is twice as fast, for about half as long."""

    def lost(table):
        return table[~(table["frame"].between(17, 25) & (table["id"] == 2))]

    truth = two_cross(name="other")
    count = one_and_other(simulate(truth, kept(lost)))
    assert count[count == 1].index.tolist() == list(range(17, 26))
    fast = truth.boxes[truth.boxes["frame"] % 2 == 1].assign(frame=lambda table: (table["frame"] + 1) // 2)
    found = simulate(Sequence("fast", fast, 640, 480, length=21), kept(lost))
    assert 4 <= (found.boxes.groupby("frame").size() == 1).sum() <= 5


def test_each_crossing_copies_one_like_it():
    """Of fourteen crossings, b is lost in the seven in which much of it is hidden, and found where two only touch.

    ┌──┬─┐       b is 60 px higher:  ┌────┐
    │a │b│                           └┬───┴┐
    └──┴─┘                            └────┘
    """

    def lost(table):
        return table[~((table["id"] == 2) & table["frame"].between(14, 28))]

    near = two_cross()
    far = replace(near, boxes=near.boxes.assign(y=near.boxes["y"] - 60 * (near.boxes["id"] == 2)))
    errors = keep_errors([(near, detected(near, lost)), (far, detected(far))] * 7, hardness=AS_MEASURED)
    errors = replace(errors, lengths=np.array([len(errors)]))  # as one video, so that all fourteen are at hand
    for truth, misses in ((near, 15), (far, 0)):
        assert len(truth) - len(simulate(truth, errors)) == misses


def test_donors_are_drawn_and_stay_whole():
    """Of five videos three; rows, stretches, crossings and false positives still belong together."""
    changes = [None, merged, halves, merged, halves]
    truth = two_cross()
    errors = keep_errors([(truth, detected(truth, change)) for change in changes], hardness=AS_MEASURED)
    assert errors.lengths.tolist() == [2 * FRAMES] * 5 and len(errors) == 10 * FRAMES
    seen = set()
    for seed in range(15):
        one = for_one_video(errors, np.random.default_rng(seed))
        assert one.lengths.tolist() == [2 * FRAMES] * 3
        assert len(one.crossings) == 3
        assert (one.crossings.first // (2 * FRAMES) == np.arange(3)[:, None]).all()
        lost = (~one.found).reshape(3, -1).sum(1)  # 15 in each kind but the first
        halved = np.bincount(one.beside // (2 * FRAMES), minlength=3)
        assert set(zip(lost.tolist(), halved.tolist(), strict=True)) <= {(0, 0), (15, 0), (15, 30)}
        assert (one.calm[:, 1] > one.calm[:, 0]).all() and one.calm.max() <= len(one)
        seen.add(tuple(halved))
    assert len(seen) > 2


def test_the_simulation_is_seeded_and_videos_differ():
    scene = make_scene(SceneSettings(objects=8, frames=80))
    errors = kept(merged, Hardness())
    first = simulate(scene, errors, 1)
    pd.testing.assert_frame_equal(first.boxes, simulate(scene, errors, 1).boxes)
    assert not first.boxes.equals(simulate(scene, errors, 2).boxes)


def shifted(table):
    """Every box a fifth of its width to the right, and 10 % wider."""
    return table.assign(x=table["x"] + 6.0, w=44.0)


def test_errors_grow_as_asked_for():
    truth = two_cross(apart=True, name="other")
    errors = kept(shifted, Hardness.always(Drawn(2.0, 1.0, 0.0)), apart=True)
    found = simulate(truth, errors)
    np.testing.assert_allclose(found.boxes["w"], 40 * 1.1**2)
    off = np.abs(found.xywh[:, 0] + found.xywh[:, 2] / 2 - truth.without_ids().xywh[:, 0] - 20)
    assert off.max() == pytest.approx(16)  # to the right, or mirrored; less where one goes over into the other
    assert np.mean(off > 15.99) > 0.7
    assert 0.8 < found.boxes["conf"].min() < found.boxes["conf"].max() < 0.9


def test_overlapping_boxes_are_suppressed_as_asked_for():
    truth = two_cross(name="other")
    found = simulate(truth, kept(hardness=Hardness.always(Drawn(1.0, 0.5, 0.0))))
    order = truth.boxes.sort_values(["id", "frame"])[["x", "y", "w", "h"]].to_numpy()
    close = iou(order[:FRAMES], order[FRAMES:]) > 0.5
    assert 3 < close.sum() < 20
    np.testing.assert_array_equal(one_and_other(found).to_numpy(), np.where(close, 1, 2))


def test_second_boxes_come_and_go_as_asked_for():
    """A third of 20 × 400 objects has a second box, in spells of ten frames, near it; not all of the time."""
    scene = make_scene(SceneSettings(objects=20, frames=400))
    plain = simulate(scene, kept(apart=True))
    found = simulate(scene, kept(apart=True, hardness=Hardness.always(Drawn(1.0, 1.0, 0.33))))
    share = (len(found) - len(plain)) / len(scene)
    assert share == pytest.approx(0.33, abs=0.06)


def test_hardness_is_drawn_for_each_video():
    rng = np.random.default_rng(0)
    drawn = [Hardness().draw(rng) for _ in range(2000)]
    scale, threshold, second = (np.array(column) for column in zip(*drawn, strict=True))
    assert 1 <= scale.min() < 1.01 and 2.4 < scale.max() < 2.47
    assert np.log(scale).mean() == pytest.approx(0.45, abs=0.02)
    assert 0.5 <= threshold.min() < 0.51 and 0.74 < threshold.max() <= 0.75
    assert np.mean(second > 0) == pytest.approx(0.2, abs=0.03)
    assert second[second > 0].min() >= 0.05 and second.max() <= 0.5


def test_a_range_is_given_the_right_way_round():
    with pytest.raises(ValueError, match=r"a range from 0\.9 to 0\.1: give the smaller number first"):
        Hardness(suppression=(0.9, 0.1))


def test_errors_fade_at_a_seam():
    """Two rows before a seam go over into the row after it: a third, then two thirds; not across tracks or misses.

    track   0 0 0 0 0 │ 1 1 1 1
    piece   0 0 0 1 1 │ 2 2 3 3
    error   0 0 0 9 9 │ 9 9 0 0     the last 9 of piece 2 is missed
    """
    track, piece = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1]), np.array([0, 0, 0, 1, 1, 2, 2, 3, 3])
    error = np.array([0.0, 0, 0, 9, 9, 9, 9, 0, 0])
    found = np.array([1, 1, 1, 1, 1, 1, 0, 1, 1], dtype=bool)
    faded = _faded(np.tile(error[:, None], (1, 4)), found, piece, track)
    np.testing.assert_allclose(faded[:, 0], [0, 3, 6, 9, 9, 6, 9, 0, 0])


def test_few_boxes_are_enough():
    """Donors without a crossing, in crowds only, or of single frames; videos of one box or none."""
    calm, crowd = kept(apart=True), kept()
    flash = two_cross().take(np.arange(2 * FRAMES) < 1)
    single = keep_errors([(flash, detected(flash))], hardness=AS_MEASURED)
    truth = two_cross(name="other")
    for errors in (calm, crowd, single):
        assert len(errors.calm)
        np.testing.assert_allclose(simulate(truth, errors).xywh, truth.without_ids().xywh, atol=1e-9)
    assert len(simulate(truth.take(np.arange(len(truth)) < 1), crowd)) == 1
    assert len(simulate(truth.take(np.zeros(len(truth), dtype=bool)), crowd)) == 0


def test_false_positives_of_the_background_come_as_often():
    """A box in a corner in every frame of the donor, and of no object."""

    def corner(table):
        spare = pd.DataFrame({"frame": np.arange(1, FRAMES + 1), "id": 9, "x": 5.0, "y": 5.0, "w": 20.0, "h": 20.0})
        return pd.concat([table, spare.assign(conf=0.3)], ignore_index=True)

    scene = make_scene(SceneSettings(objects=1, frames=1500))
    found = simulate(scene, kept(corner))
    spare = found.boxes["conf"] == 0.3
    assert spare.sum() == pytest.approx(1500, rel=0.4)
    assert found.boxes[spare]["x"].max() < 100


def test_embeddings_are_of_the_object_or_half_of_it():
    scene = make_scene(SceneSettings(objects=6, frames=40, embedding_dimension=32, separability=5.0))
    hard = Hardness.always(Drawn(1.0, 1.0, 0.5))
    found, plain = simulate(scene, kept(halves, hard)), simulate(replace(scene, embeddings=None), kept(halves, hard))
    pd.testing.assert_frame_equal(found.boxes, plain.boxes)
    likeness = (found.embeddings @ scene.embeddings.T).max(1)
    sure = found.boxes["conf"].to_numpy() == 0.9
    assert np.mean(likeness[sure] > 0.99) > 0.9
    assert (likeness[~sure] < 0.95).all() and len(likeness[~sure]) > 20


def test_a_long_scene_is_as_hard_in_every_piece(tmp_path):
    """Scenes are written a thousand frames at a time: errors are as large in all of them."""
    errors = kept(shifted, Hardness(error_scale=(0.5, 3.0), suppression=(1.0, 1.0), doubled=0.0), apart=True)
    write_scenes(tmp_path / "out", SceneSettings(objects=1, frames=1200), 1, errors)
    found = read(tmp_path / "out" / "synthetic-0001", "detections")[0]
    truth = read(tmp_path / "out" / "synthetic-0001", "annotations")[0]
    both = truth.boxes.merge(found.boxes, on="frame", suffixes=("", "_found"))
    wider = np.log(both["w_found"] / both["w"])
    assert wider.to_numpy() == pytest.approx(wider.iloc[0], abs=1e-3)
    one = steady(errors, 7)
    assert steady(one, 8).hardness.error_scale == pytest.approx(one.hardness.error_scale)
