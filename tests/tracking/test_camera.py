"""A camera whose motion is known: all is seen as by a camera that stands still."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gnntrack.association.histories import observations
from gnntrack.association.life_cycle import TrackPool
from gnntrack.association.settings import BirthSettings, LinkNetworkSettings, LinkSettings
from gnntrack.errors import DataError
from gnntrack.geometry import xywh_to_xyxy
from gnntrack.geometry.camera_motion import STILL, CameraMotion, followed, moved_xywh, undone
from gnntrack.inspection.sources import Source, scored_graph
from gnntrack.models import ModelRecipe, build_model, load_for_tracking, load_weights
from gnntrack.relinking.moving_camera import in_first_image, surroundings
from gnntrack.relinking.surroundings import find_surroundings, unseen
from gnntrack.relinking.tracklets import find_tracklets
from gnntrack.sequence import Sequence, View
from gnntrack.smoothing.boxes import versions_of
from gnntrack.tracking import Tracker, track_offline, track_online
from gnntrack.tracking.interpolation import interpolate
from tests.conftest import make_sequence

FRAMES, PEOPLE = 40, 6
#: Seed of a scene in which some people hide others.
CROSSING = 35


@pytest.fixture(scope="module")
def default():
    return load_for_tracking("default")


def world(seed: int = 0) -> Sequence:
    """People who walk across a square that a still camera sees; each is hidden for some frames."""
    rng = np.random.default_rng(seed)
    start, speed = rng.uniform(150, 500, (PEOPLE, 2)), rng.uniform(-4, 4, (PEOPLE, 2))
    rows = []
    for frame in range(1, FRAMES + 1):
        for person in range(PEOPLE):
            if not 15 <= frame - person < 20:
                x, y = start[person] + frame * speed[person] + rng.normal(0, 0.3, 2)
                rows.append((frame, person + 1, x, y, 30.0 + person, 70.0 + person))
    return make_sequence(rows, length=FRAMES)


def through(scene: Sequence, zoom: float = 0.01, pan: float = 60.0, seed: int = 1) -> Sequence:
    """The same scene through a camera that pans, shakes and zooms, with its motion."""
    rng = np.random.default_rng(seed)
    steps = np.tile(STILL, (scene.length, 1, 1))
    steps[1:, :, :2] *= np.exp(rng.normal(0, zoom, scene.length - 1))[:, None, None]
    steps[1:, :, 2] = rng.normal(0, pan, (scene.length - 1, 2))
    seen = undone(CameraMotion(steps).to_first())
    box = moved_xywh(scene.xywh, seen[scene.frames - 1])
    return replace(scene, boxes=scene.boxes.assign(**dict(zip("xywh", box.T, strict=True))), camera=steps)


def exchanged(tracks: Sequence, truth: Sequence) -> int:
    """How often a person's track is another than before."""
    person = truth.boxes["id"].to_numpy()[tracks.boxes["detection"].to_numpy()]
    return sum(int((np.diff(tracks.boxes["id"].to_numpy()[person == one]) != 0).sum()) for one in np.unique(person))


def pool_graphs(sequence: Sequence) -> list[tuple[np.ndarray, ...]]:
    """What a network sees in each frame, if the links are the true ones."""
    pool = TrackPool(BirthSettings(), LinkSettings(), View(640, 480, 25.0), LinkNetworkSettings())
    person, graphs = sequence.boxes["id"].to_numpy(), []
    owner = np.zeros(PEOPLE + 1, dtype=int)
    for frame, rows in sequence.by_frame():
        if sequence.camera is not None:
            pool.move(sequence.camera[frame - 1])
        here = observations(sequence.xywh[rows], np.ones(rows.stop - rows.start), frame)
        graph = pool.graph(here)
        if graph is not None:
            graphs.append((graph.edge_index, graph.edge_attr, graph.spatial_edge_attr))
        known = np.flatnonzero(owner[person[rows]] > 0)
        tracks = np.searchsorted(pool.ids, owner[person[rows][known]])
        born = np.flatnonzero(owner[person[rows]] == 0)
        owner[person[rows]] = pool.commit(frame, here, np.arange(len(here)), tracks, known, born)
    return graphs


def test_the_network_sees_what_it_sees_through_a_still_camera():
    scene = world()
    still, moving, unknown = (
        pool_graphs(sequence) for sequence in (scene, through(scene), replace(through(scene), camera=None))
    )
    assert len(still) == FRAMES - 1
    for one, other in zip(still, moving, strict=True):
        np.testing.assert_array_equal(one[0], other[0])
        for place in (1, 2):
            np.testing.assert_allclose(one[place], other[place], atol=2e-4)
    assert any(
        len(one[1]) != len(other[1]) or (one[1] != other[1]).any() for one, other in zip(still, unknown, strict=True)
    )


def test_relinking_sees_what_it_sees_through_a_still_camera():
    scene = world()
    track = scene.boxes["id"].to_numpy()
    found = []
    for sequence in (scene, through(scene)):
        detections = observations(sequence.xywh, np.ones(len(sequence)), sequence.frames)
        around = None
        if sequence.camera is not None:
            around = surroundings(detections, track, CameraMotion(sequence.camera))
            detections = in_first_image(detections, CameraMotion(sequence.camera))
        found.append(find_tracklets(detections, track, np.ones(len(track)), around))
    one, other = found
    np.testing.assert_array_equal(one.of, other.of)
    for end in ("head", "tail"):
        for name, values in getattr(one, end)._asdict().items():
            np.testing.assert_allclose(values, getattr(other, end)._asdict()[name], atol=1e-6, err_msg=name)


def test_surroundings_frame_by_frame_are_those_of_the_whole_video():
    scene = world(CROSSING)
    detections = observations(scene.xywh, np.ones(len(scene)), scene.frames)
    track = scene.boxes["id"].to_numpy() - 1  # the first person has no track
    tracked = np.flatnonzero(track > 0)
    starts = np.append(np.flatnonzero(np.diff(scene.frames[tracked], prepend=-1)), len(tracked))
    whole = find_surroundings(detections, tracked, starts, track[tracked], *unseen(PEOPLE), 5)
    parts = surroundings(detections, track, CameraMotion(np.tile(STILL, (FRAMES, 1, 1))))
    assert not whole.clear.all()
    np.testing.assert_array_equal(parts.clear, whole.clear)
    np.testing.assert_allclose(parts.relative, whole.relative)


@pytest.mark.parametrize("mode", ["online", "lag", "offline"])
def test_identities_hold_where_the_camera_jerks(default, mode):
    scene = through(world(), pan=120.0)

    def tracks(sequence: Sequence) -> Sequence:
        if mode == "offline":
            return track_offline(sequence, *default)
        return track_online(sequence, *default, lag=10 if mode == "lag" else 0)

    known, unknown = tracks(scene), tracks(replace(scene, camera=None))
    detected = known.take(known.boxes["detection"].to_numpy() >= 0)
    assert exchanged(detected, scene) <= 1
    unknown = unknown.take(unknown.boxes["detection"].to_numpy() >= 0)
    assert exchanged(unknown, scene) > 20


def test_a_sequence_is_tracked_as_update_tracks_it(default):
    scene = through(world())
    tracks = track_online(scene, *default)
    tracker = Tracker(*default, width=640, height=480, frame_rate=25.0)
    corners = np.column_stack([xywh_to_xyxy(scene.xywh), np.ones(len(scene)), np.ones(len(scene))])
    ids = []
    for frame in range(1, FRAMES + 1):
        rows = tracker.update(corners[scene.rows_of(frame)], camera=scene.camera[frame - 1])
        ids += rows[np.argsort(rows[:, 7]), 4].astype(int).tolist()
    by_detection = tracks.boxes.sort_values("detection")
    assert by_detection["id"].tolist() == ids


def test_empty_frames_have_their_motion_too(default):
    scene = through(world())
    seen = (scene.frames < 28) | (scene.frames > 33)
    tracks = track_online(scene.take(seen), *default)
    person = scene.boxes["id"].to_numpy()[seen][tracks.boxes["detection"].to_numpy()]
    frame, identity = tracks.frames, tracks.boxes["id"].to_numpy()
    before, after = (
        {(p, i) for p, i in zip(person[part], identity[part], strict=True)} for part in (frame == 27, frame == 34)
    )
    assert len(before & after) >= PEOPLE - 2


def test_lost_tracks_move_along(default):
    tracker = Tracker(*default, width=640, height=480)
    for _ in range(6):
        tracker.update([[300, 200, 340, 300, 0.9, 1], [500, 200, 540, 300, 0.9, 1]])
    right = [[1, 0, 50], [0, 1, -10]]
    rows = tracker.update([[550, 190, 590, 290, 0.9, 1]], camera=right, lost=True)
    lost = rows[rows[:, 7] == -1]
    np.testing.assert_allclose(lost[:, :4], [[350, 190, 390, 290]], atol=1.5)
    track = next(track for track in tracker.tracks if track.state == "lost")
    np.testing.assert_allclose(track.box, [350, 190, 390, 290], atol=1.5)
    np.testing.assert_allclose(track.velocity, [0, 0], atol=0.5)


def test_a_saved_tracker_goes_on_bit_for_bit(default, tmp_path):
    scene = through(world())
    corners = np.column_stack([xywh_to_xyxy(scene.xywh), np.full(len(scene), 0.9), np.ones(len(scene))])
    tracker = Tracker.from_pretrained("default", width=640, height=480, frame_rate=25.0)
    for frame in range(1, FRAMES + 1):
        if frame == 20:
            tracker.save(tmp_path / "state")
            later = Tracker.load(tmp_path / "state")
        here = corners[scene.rows_of(frame)], scene.camera[frame - 1]
        rows = tracker.update(here[0], camera=here[1])
        if frame >= 20:
            np.testing.assert_array_equal(later.update(here[0], camera=here[1]), rows)


def test_the_first_matrix_and_a_still_camera_change_nothing(default):
    scene = world()
    camera = np.tile(STILL, (FRAMES, 1, 1))
    one = track_online(replace(scene, camera=camera), *default)
    camera[0] = [[1.1, 0.0, 90], [0.0, 1.1, 3]]
    pd_equal = one.boxes.equals(track_online(replace(scene, camera=camera), *default).boxes)
    assert pd_equal


def test_gaps_are_filled_on_a_line_of_the_scene():
    scene = world()
    quiet = replace(scene, boxes=scene.boxes.assign(x=100.0 + 3 * scene.frames + 40 * scene.boxes["id"], y=100.0))
    seen = through(quiet)
    filled, truth = interpolate(seen, 10), through(interpolate(quiet, 10))
    assert len(filled) == FRAMES * PEOPLE
    np.testing.assert_allclose(filled.xywh, truth.xywh, atol=1e-6)


def test_boxes_are_smoothed_on_lines_of_the_scene():
    scene = world()
    order, versions, features = versions_of(scene)
    moving_order, moving_versions, moving_features = versions_of(through(scene))
    np.testing.assert_array_equal(order, moving_order)
    np.testing.assert_allclose(moving_features, features, atol=1e-3)
    to_first = CameraMotion(through(scene).camera).to_first()[scene.frames[order] - 1]
    back = followed(to_first, STILL)[:, None, :, :2] @ moving_versions[..., :2, None]
    np.testing.assert_allclose(back[..., 0] + to_first[:, None, :, 2], versions[..., :2], atol=1e-6)
    np.testing.assert_allclose(moving_versions[:, 0, 2:], through(scene).xywh[order][:, 2:])


@pytest.mark.parametrize(
    ("camera", "problem"),
    [
        (np.eye(3), "camera of shape (3, 3); give a 2×3 matrix of pixels, previous frame to this frame"),
        ([[1, 0, np.nan], [0, 1, 0]], "camera: the matrix 1 0 nan 0 1 0 is not finite; give a 2×3 matrix"),
        (np.zeros((2, 3)), "camera: the matrix 0 0 0 0 0 0 cannot be undone; give a 2×3 matrix"),
        ("still", "camera"),
        ([[1, 0, 0], [0, 1]], "camera"),
    ],
)
def test_a_frame_with_a_wrong_matrix_does_not_count(default, camera, problem):
    tracker, box = Tracker(*default, width=640, height=480), [[300, 200, 340, 300, 0.9, 1]]
    first = tracker.update(box, camera=STILL)
    with pytest.raises(DataError) as caught:
        tracker.update(box, camera=camera)
    assert str(caught.value).startswith(problem) and "\n" not in str(caught.value)
    assert [(track.age, track.hits) for track in tracker.tracks] == [(1, 1)] and len(first) == 1


def test_the_callers_matrix_is_not_changed(default):
    tracker, matrix = Tracker(*default, width=640, height=480), np.array([[1.0, 0, 5], [0, 1, 0]])
    for _ in range(3):
        tracker.update([[300, 200, 340, 300, 0.9, 1]], camera=matrix)
    assert matrix.tolist() == [[1, 0, 5], [0, 1, 0]]


def test_models_that_do_not_use_it_say_so():
    recipe = ModelRecipe()
    tracker = Tracker(build_model(recipe), recipe, width=640, height=480)
    problem = "camera: models of kind message_passing do not use its motion; leave it out, or use weights of kind assoc"
    with pytest.raises(DataError, match=problem):
        tracker.update([[300, 200, 340, 300, 0.9, 1]], camera=STILL)


@pytest.mark.parametrize("network", ["association", "relinking"])
def test_what_is_inspected_is_what_was_seen(network):
    model, recipe = load_weights("default")
    scene = world(CROSSING)
    still, moving, unknown = (
        scored_graph(Source(sequence), model, recipe, network)
        for sequence in (scene, through(scene), replace(through(scene), camera=None))
    )
    assert still.edge_index.shape == moving.edge_index.shape and still.edge_index.shape[1] > 3
    assert np.isclose(still.edge_attr, moving.edge_attr, atol=1e-3).mean() > 0.99
    other = unknown.edge_attr.shape != still.edge_attr.shape or not np.isclose(unknown.edge_attr, still.edge_attr).all()
    assert other
