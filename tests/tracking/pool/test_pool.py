"""A pool's streams are as single trackers, whatever happens to the others."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from gnntrack import Tracker, TrackerPool
from gnntrack.errors import DataError
from gnntrack.models import (
    AssociationNetwork,
    AssociationNetworkSettings,
    MessagePassing,
    MessagePassingSettings,
    ModelRecipe,
    load_for_tracking,
)
from tests.tracking.pool.scenes import PAN, frames

SETTINGS = {
    "gate": {"width": 640, "height": 480, "frame_rate": 25},
    "yard": {"frame_rate": 12.5, "lag": 5},
    3: {"width": 1920, "height": 1080, "classes": "separate", "memory": 0.5},
    ("lane", 1): {"frame_rate": 50, "classes": [[0, 1]]},
}


@pytest.fixture
def pool():
    pool = TrackerPool.from_pretrained("default")
    for name, settings in SETTINGS.items():
        pool.add(name, **settings)
    return pool


def single(name):
    return Tracker.from_pretrained("default", **SETTINGS[name])


def test_streams_are_byte_for_byte_as_single_trackers(pool):
    alone = {name: single(name) for name in SETTINGS}
    boxes = {name: frames(seed) for seed, name in enumerate(SETTINGS)}
    cameras = {"gate": PAN}
    vectors = {"yard": np.eye(4)}
    for step in range(40):
        now = {name: boxes[name][step] for name in SETTINGS if name != 3 or step % 2}
        looks = {name: each[: len(now[name])] for name, each in vectors.items()}
        results = pool.update(now, looks, cameras=cameras)
        assert results.keys() == now.keys()
        for name, found in now.items():
            expected = alone[name].update(found, looks.get(name), camera=cameras.get(name))
            assert results[name].tobytes() == expected.tobytes()
    for name, tracker in alone.items():
        assert pool[name].tracks == tracker.tracks
        assert [rows.tobytes() for rows in pool.flush(name)] == [rows.tobytes() for rows in tracker.flush()]


def test_streams_come_and_go(pool):
    gate, late = single("gate"), single("gate")
    for step, found in enumerate(frames(0, 12)):
        if step == 4:
            taken_out = pool.remove("yard")
            pool.add("late", **SETTINGS["gate"])
        if step >= 4:
            assert pool.update_one("late", found).tobytes() == late.update(found).tobytes()
        assert pool.update_one("gate", found, lost=True).tobytes() == gate.update(found, lost=True).tobytes()
    assert list(pool) == ["gate", 3, ("lane", 1), "late"]
    assert (len(pool), "yard" in pool, "late" in pool) == (4, False, True)
    assert taken_out.lag == 5
    pool.add("yard")  # another of this name
    assert pool["yard"].lag == 0


def test_one_set_of_weights():
    network = AssociationNetwork(AssociationNetworkSettings(hidden=8, rounds=1)).eval()
    pool = TrackerPool(network, ModelRecipe(architecture=network.settings))
    for name in range(3):
        pool.add(name)
    assert len({id(pool[name]._model.model) for name in pool}) == 1


def test_models_of_window_graphs():
    model = MessagePassing(MessagePassingSettings(hidden=8, rounds=1)).eval()
    pool, alone = TrackerPool(model, ModelRecipe()), Tracker(model, ModelRecipe(), rounding="greedy")
    pool.add("a", rounding="greedy")
    for found in frames(0, 5):
        assert pool.update_one("a", found).tobytes() == alone.update(found).tobytes()


def test_what_is_wrong_with_one_is_reported_for_it_alone(pool):
    gate, yard = single("gate"), single("yard")
    bad = [[np.nan, 0, 1, 1, 1, 0]]
    for step, found in enumerate(frames(0, 12)):
        results = pool.update({"gate": found, "yard": bad if step == 6 else found})
        assert results["gate"].tobytes() == gate.update(found).tobytes()
        if step == 6:  # as with a single tracker, the frame does not count
            assert list(results) == ["gate"]
            assert list(results.errors) == ["yard"]
            with pytest.raises(DataError, match="detection 0 is not finite"):
                results["yard"]
            with pytest.raises(KeyError):
                results["lane"]
        else:
            assert results["yard"].tobytes() == yard.update(found).tobytes()
            assert not results.errors


def test_names_that_are_none(pool):
    before = pool["gate"].tracks
    for call in (
        lambda: pool.update({"gate": [], "Gate": []}),
        lambda: pool.update_one("Gate", []),
        lambda: pool.remove("Gate"),
        lambda: pool.flush("Gate"),
        lambda: pool["Gate"],
    ):
        with pytest.raises(DataError, match="no stream 'Gate'; add it to the pool"):
            call()
    with pytest.raises(DataError, match="no stream \\['gate'\\]"):
        pool.update_one(["gate"], [])
    with pytest.raises(DataError, match="there is a stream 'gate' already; remove it"):
        pool.add("gate")
    with pytest.raises(DataError, match="embeddings for 'yard', and no detections"):
        pool.update({"gate": []}, {"yard": np.ones((1, 4))})
    with pytest.raises(DataError, match="a camera's motion for 'yard', and no detections"):
        pool.update({"gate": []}, cameras={"yard": PAN})
    assert pool["gate"].tracks == before


def test_what_comes_without_names(pool):
    before = pool["gate"].tracks
    for what, given in (
        ("detections", (None,)),
        ("detections", ("gate",)),
        ("detections", (np.zeros((1, 6)),)),
        ("embeddings", ({"gate": []}, np.ones((1, 4)))),
        ("embeddings", ({"gate": []}, [])),
    ):
        with pytest.raises(DataError, match=f"{what} are .*, without names; give them by the names of streams"):
            pool.update(*given)
    with pytest.raises(DataError, match=r"cameras are .*, without names"):
        pool.update({"gate": []}, cameras=PAN)
    assert pool["gate"].tracks == before


def test_what_can_be_no_name(pool, tmp_path):
    for name in (["gate"], {}, ("gate", [])):
        with pytest.raises(DataError, match="cannot be the name of a stream"):
            pool.add(name)
        assert name not in pool
    pool.add("\ud800")
    for name in list(pool):
        if not isinstance(name, str):
            pool.remove(name)
    with pytest.raises(DataError, match="of a stream cannot be written"):
        pool.save(tmp_path / "pool")
    assert not list(tmp_path.iterdir())


def test_settings_of_all_streams_and_of_one():
    pool = TrackerPool.from_pretrained("default", memory=3.0)
    pool.add("usual")
    pool.add("own", memory=1.0)
    assert pool["usual"].recipe.tracking.links.memory.amount == 3.0
    assert pool["own"].recipe.tracking.links.memory.amount == 1.0
    for settings, problem in (
        ({"max_age": 3}, "no setting 'max_age'"),
        ({"lag": -1}, "lag -1"),
        ({"frame_rate": 0}, "frame rate 0"),
        ({"interpolate": 1.0}, "does nothing online"),
    ):
        with pytest.raises(DataError, match=problem):
            pool.add("wrong", **settings)
    assert "wrong" not in pool


def test_settings_of_a_pool_do_something_with_or_without_a_lag():
    nothing = "boxes.interpolate does nothing online without a lag or online with a lag; .* for tracking offline"
    with pytest.raises(DataError, match=nothing):
        TrackerPool.from_pretrained("default", interpolate=1.0)
    for settings in ({"crowd": 0}, {"crowd_online": 0}, {"memory": 3.0}):
        TrackerPool.from_pretrained("default", **settings)


def test_threads_do_not_disturb_each_other():
    pool = TrackerPool.from_pretrained("default")
    boxes = {name: frames(name, 15) for name in range(8)}
    start = threading.Barrier(4)

    def watch(names):
        start.wait()
        rows = {name: [] for name in names}
        for name in names:
            pool.add(name, width=640, height=480)
        for step in range(15):
            for name in names:
                rows[name].append(pool.update_one(name, boxes[name][step]).tobytes())
        for name in names:
            pool.remove(name)
        return rows

    with ThreadPoolExecutor(4) as threads:
        found = {}
        for rows in threads.map(watch, np.arange(8).reshape(4, 2).tolist()):
            found |= rows
    assert len(pool) == 0
    for name, rows in found.items():
        alone = Tracker.from_pretrained("default", width=640, height=480)
        assert rows == [alone.update(each).tobytes() for each in boxes[name]]


def test_a_saved_pool_goes_on_bit_for_bit(tmp_path):
    folder, network = tmp_path / "streams", load_for_tracking("default")[0]
    names = [name for name in SETTINGS if not isinstance(name, tuple)]
    whole, cut = TrackerPool.from_pretrained("default", memory=2.0), TrackerPool.from_pretrained("default", memory=2.0)
    for name in names:
        whole.add(name, **SETTINGS[name])
        cut.add(name, **SETTINGS[name])
    cut.add("gone soon")
    boxes = {name: frames(seed) for seed, name in enumerate(names)}
    for step in range(30):
        if step in (8, 16):
            cut.save(folder)  # over that of before
            cut = TrackerPool.load(folder, None if step == 8 else network)
            assert cut.weights == ("default" if step == 8 else None)
            cut.remove("gone soon")
            cut.add("gone soon", memory=0.1)
            assert cut["gone soon"].recipe.tracking.links.memory.amount == 0.1
        now = {name: each[step] for name, each in boxes.items()}
        one, other = whole.update(now), cut.update(now)
        assert {name: rows.tobytes() for name, rows in one.items()} == {n: rows.tobytes() for n, rows in other.items()}
    assert list(cut) == [*names, "gone soon"]
    assert cut.recipe == whole.recipe
    cut.save(folder)
    alone = Tracker.load(folder / "00000.state", "default")  # one of its streams, by itself
    assert alone.tracks == whole["gate"].tracks


def test_folders_that_no_pool_wrote(pool, tmp_path):
    with pytest.raises(DataError, match=r"the name \('lane', 1\) of a stream cannot be written; name streams by texts"):
        pool.save(tmp_path / "streams")
    pool.remove(("lane", 1))
    assert not list(tmp_path.iterdir())
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "diary.txt").write_text("")
    with pytest.raises(DataError, match=r"holds diary.txt, which no earlier run wrote"):
        pool.save(tmp_path / "mine")
    with pytest.raises(DataError, match=r"no folder that TrackerPool\.save wrote"):
        TrackerPool.load(tmp_path / "mine")
    with pytest.raises(DataError, match=r"no folder that TrackerPool\.save wrote"):
        TrackerPool.load(tmp_path / "nowhere")
    pool.save(tmp_path / "streams")
    other = MessagePassing(MessagePassingSettings(hidden=8, rounds=1)).eval()
    with pytest.raises(DataError, match="tracked with other weights than these"):
        TrackerPool.load(tmp_path / "streams", other)
    index = tmp_path / "streams" / "streams.json"
    index.write_text(index.read_text().replace("yard", "Yard"))
    with pytest.raises(DataError, match=r"streams: streams.json was changed or deleted since it was written"):
        TrackerPool.load(tmp_path / "streams")


def test_weights_that_are_not_known(tmp_path):
    network, recipe = load_for_tracking("default")
    pool = TrackerPool(network, recipe)
    pool.add("gate")
    pool.save(tmp_path / "streams")
    with pytest.raises(DataError, match="does not say where its weights came from; pass weights"):
        TrackerPool.load(tmp_path / "streams")
    assert list(TrackerPool.load(tmp_path / "streams", "default")) == ["gate"]
