"""Synthetic scenes and the simulated detector: seeded, bounded, and as asked for."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gnntrack import DataError, Sequence
from gnntrack.datasets.matching import match_identities
from gnntrack.datasets.statistics import describe, detection_quality
from gnntrack.datasets.synthetic import (
    SceneSettings,
    find_detector,
    fit_detector,
    load_detector,
    make_scene,
    save_detector,
    scene_chunks,
    simulate,
)
from gnntrack.datasets.synthetic.occlusion import cover
from gnntrack.datasets.synthetic.quality import compare
from gnntrack.datasets.synthetic.scenes import _covered
from gnntrack.datasets.synthetic.writing import write_detections, write_scenes
from gnntrack.reading import read


def scene(**wishes):
    return make_scene(SceneSettings(**({"objects": 10, "frames": 200} | wishes)))


def test_the_same_seed_gives_the_same_scene_and_another_another():
    pd.testing.assert_frame_equal(scene(seed=3).boxes, scene(seed=3).boxes)
    assert not scene(seed=3).boxes.equals(scene(seed=4).boxes)


def test_pieces_do_not_change_a_scene():
    wishes = SceneSettings(objects=5, frames=60, embedding_dimension=4)
    whole, pieces = list(scene_chunks(wishes, 60)), list(scene_chunks(wishes, 7))
    pd.testing.assert_frame_equal(pd.concat([piece.boxes for piece in pieces], ignore_index=True), whole[0].boxes)
    np.testing.assert_array_equal(np.concatenate([piece.embeddings for piece in pieces]), whole[0].embeddings)


@settings(max_examples=12)
@given(
    st.integers(1, 60),
    st.integers(1, 40),
    st.floats(0, 1),
    st.floats(0, 0.9),
    st.floats(0, 5),
    st.integers(0, 100),
)
def test_every_scene_is_a_valid_sequence(objects, frames, dancers, pauses, turnover, seed):
    wishes = {"dancers": dancers, "pauses": pauses, "turnover": turnover, "seed": seed}
    result = make_scene(SceneSettings(objects=objects, frames=frames, **wishes))
    assert result.length == frames
    assert result.boxes.groupby("frame").size().max() <= objects


def test_a_thousand_objects():
    assert len(scene(objects=1000, frames=3)) > 2000


def test_turnover_brings_births_and_deaths():
    calm, busy = (describe(scene(dancers=1.0, turnover=rate))["identities"] for rate in (0.0, 1.0))
    assert calm == 10
    assert busy > 50


def test_walkers_cross_and_dancers_hide_each_other():
    """Walkers of both directions meet; a dancing group overlaps more than walkers of the same number."""
    walking, dancing = scene(dancers=0.0, frames=400), scene(dancers=1.0, frames=400)
    middle = walking.boxes["x"] + walking.boxes["w"] / 2
    steps = middle.groupby(walking.boxes["id"]).agg(lambda track: track.iloc[-1] - track.iloc[0])
    assert (steps > 100).any()
    assert (steps < -100).any()
    assert describe(dancing)["occluded"] > describe(walking)["occluded"] > 0


def test_pauses_and_camera():
    """Without camera and pauses walkers keep moving; with pauses many steps are short; a camera moves all alike."""

    def steps(**wishes):
        boxes = scene(dancers=0.0, turnover=0.0, **wishes).boxes
        return boxes.assign(step=boxes.groupby("id")["x"].diff()).dropna()

    still = [(steps(camera=0.0, pauses=share)["step"].abs() < 0.5).mean() for share in (0.0, 0.6)]
    assert still[1] > still[0] + 0.2
    moved = steps(camera=0.5, pauses=0.0)
    fixed = steps(camera=0.0, pauses=0.0)
    assert moved.groupby("frame")["step"].mean().std() > 3 * fixed.groupby("frame")["step"].mean().std()


def test_separability_decides_how_well_vectors_tell_identities_apart():
    def margin(separability):
        result = scene(embedding_dimension=32, separability=separability, frames=30)
        identity = result.boxes["id"].to_numpy()
        seen = result.boxes["visibility"].to_numpy() > 0.9
        likeness = result.embeddings[seen] @ result.embeddings[seen].T
        same = identity[seen][:, None] == identity[seen]
        np.fill_diagonal(same, False)
        return likeness[same].mean() - likeness[identity[seen][:, None] != identity[seen]].mean()

    assert abs(margin(0.0)) < 0.05
    assert 0.2 < margin(1.0) < margin(4.0)


def test_what_covers_what():
    """The box whose feet are lower stands in front; fast and plain ways agree.

    ┌────┐
    │ a┌─┼──┐
    └──┼─┘b │      b covers a quarter of a
       └────┘
    """
    boxes = np.array([[0.0, 0, 4, 4], [2.0, 2, 4, 4], [50.0, 0, 4, 4]])
    table = pd.DataFrame(boxes, columns=["x", "y", "w", "h"]).assign(frame=1, id=[0, 1, 2])
    np.testing.assert_allclose(cover(Sequence("a", table, 64, 48)), [0.25, 0, 0])
    np.testing.assert_allclose(_covered(boxes), [0.25, 0, 0])
    rng = scene(objects=40, frames=1)
    np.testing.assert_allclose(_covered(rng.xywh), cover(rng), atol=1e-9)


@pytest.fixture(scope="module")
def crowd():
    return make_scene(SceneSettings(objects=20, frames=600, dancers=0.7, seed=1))


def test_a_fit_to_simulated_detections_finds_the_detector_again(crowd):
    detector = find_detector("dancetrack-yolox")
    found = simulate(crowd, detector, seed=5)
    again = fit_detector([(crowd, found)])
    for key in ("recall", "precision", "mean_iou"):
        first, second = detection_quality(found, crowd), detection_quality(simulate(crowd, again, 6), crowd)
        assert abs(first[key] - second[key]) < 0.03
    assert again.background.rates[0] == pytest.approx(detector.background.rates[0], rel=0.6, abs=0.01)


def test_hidden_objects_are_missed_more_often_and_misses_last(crowd):
    found = simulate(crowd, find_detector("dancetrack-yolox"))
    figures = compare([(crowd, found)], find_detector("dancetrack-yolox"), seed=9)
    assert figures["mean_absolute_difference"]["recall"] < 0.03
    hidden = crowd.take(cover(crowd) > 0.8)
    open_ = crowd.take(cover(crowd) < 0.2)
    assert detection_quality(found, open_)["recall"] > detection_quality(found, hidden)["recall"] + 0.02
    real = figures["mean_real"]
    assert real["miss_follows_miss"] > 3 * (1 - real["recall"])  # far from independent


def test_the_simulation_is_seeded_and_forgets_identities(crowd):
    detector = find_detector("dancetrack-yolox")
    first = simulate(crowd, detector, 1)
    pd.testing.assert_frame_equal(first.boxes, simulate(crowd, detector, 1).boxes)
    assert not first.boxes.equals(simulate(crowd, detector, 2).boxes)
    assert set(first.boxes["id"]) == {-1}


def test_a_detector_survives_being_saved_and_a_broken_file_is_refused(tmp_path, crowd):
    detector = find_detector("dancetrack-yolox")
    save_detector(tmp_path / "a.json", detector)
    assert load_detector(tmp_path / "a.json") == detector
    for text, expected in {"[1]": "not a detector model", "{": "not JSON", '{"recal": 1}': "recal"}.items():
        (tmp_path / "b.json").write_text(text)
        with pytest.raises(DataError, match=expected):
            load_detector(tmp_path / "b.json")


def test_nothing_to_fit_is_an_error(crowd):
    nothing = crowd.without_ids().take(np.zeros(len(crowd), dtype=bool))
    with pytest.raises(DataError, match="no detection matches an annotation; give videos that have both"):
        fit_detector([(crowd, nothing)])


def test_scenes_are_written_with_detections_and_vectors(tmp_path):
    wishes = SceneSettings(objects=6, frames=1100, embedding_dimension=3)
    written = write_scenes(tmp_path / "out", wishes, 2, find_detector("dancetrack-yolox"))
    assert [scene.name for scene in written] == ["synthetic-0001", "synthetic-0002"]
    folder = tmp_path / "out" / "synthetic-0001"
    truth, found = read(folder, "annotations")[0], read(folder, "detections")[0]
    pd.testing.assert_frame_equal(truth.boxes, make_scene(wishes).boxes)
    np.testing.assert_array_equal(truth.embeddings, make_scene(wishes).embeddings)
    assert found.embeddings.shape == (len(found), 3)
    assert truth.length == found.length == 1100
    assert detection_quality(found, truth)["recall"] > 0.9
    assert detection_quality(found.take(found.frames > 1000), truth.take(truth.frames > 1000))["recall"] > 0.9
    with pytest.raises(DataError, match="output exists"):
        write_scenes(tmp_path / "out", wishes)


def test_detections_look_like_their_objects():
    """A detection has its object's vector; a false positive has not, and boxes are those of a scene without vectors."""
    truth = scene(embedding_dimension=64, separability=4.0, frames=80)
    detector = find_detector("dancetrack-yolox")
    found, plain = simulate(truth, detector, 1), simulate(replace(truth, embeddings=None), detector, 1)
    pd.testing.assert_frame_equal(found.boxes, plain.boxes)
    identity = match_identities(found, truth)
    where = {(frame, name): row for row, (frame, name) in enumerate(truth.boxes[["frame", "id"]].to_numpy())}
    real, false = np.flatnonzero(identity >= 0), np.flatnonzero(identity < 0)
    rows = np.array([where[found.frames[row], identity[row]] for row in real])
    likeness = (found.embeddings[real] * truth.embeddings[rows]).sum(1)
    assert np.mean(likeness > 0.99) > 0.9
    assert len(false) and (found.embeddings[false] @ truth.embeddings.T).max(1).mean() < 0.9


def test_annotated_videos_get_simulated_detections(tmp_path):
    write_scenes(tmp_path / "in", SceneSettings(objects=4, frames=30))
    ((truth, found),) = write_detections(tmp_path / "in", tmp_path / "out", find_detector("dancetrack-yolox"))
    pd.testing.assert_frame_equal(
        read(tmp_path / "out" / truth.name, "detections")[0].boxes, found.boxes, atol=1e-5, check_exact=False
    )
