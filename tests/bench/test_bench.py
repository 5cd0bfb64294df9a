"""Trackers are compared on the same boxes: figures are those of eval, gains those of the figures."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest

from gnntrack.bench import PEERS, Asked, best_of, gain_of, measure, ours, peer
from gnntrack.bench.peers import LONGEST_PAUSE, chosen_peers, defaults
from gnntrack.bench.report import as_csv_text, as_json, as_markdown, blocks
from gnntrack.bench.runs import Tracked
from gnntrack.errors import DataError, DataWarning
from gnntrack.evaluation import evaluate
from gnntrack.evaluation.pair_types import Truth
from tests.bench.stand_in import Failing, Forgetful, trackers_module
from tests.conftest import make_sequence


def video(name, people, frames=8):
    """People who stand side by side; a detector that sees all of them."""
    rows = [(f, i, 60.0 * i, 100.0 + f, 40.0, 90.0) for f in range(1, frames + 1) for i in range(1, people + 1)]
    truth = make_sequence(rows, name=name, length=frames)
    return Truth(truth, np.unique(truth.frames), frames), truth.without_ids()


def perfect(detections):
    """The column in which a person stands is the identity."""
    ids = (detections.boxes["x"] // 60).astype(int)
    return Tracked(detections.with_ids(ids.to_numpy()), 0.5, detections.length)


def cut(every):
    """A tracker that begins anew every so many frames."""

    def run(detections):
        ids = detections.boxes["x"] // 60 + 100 * (detections.boxes["frame"] // every)
        return Tracked(detections.with_ids(ids.to_numpy().astype(int)), 0.25, detections.length)

    return run


COUNTS = {"a": 2, "b": 3, "c": 4, "d": 9, "e": 10, "f": 11}


@pytest.fixture(scope="module")
def asked():
    """Three videos with few people and three with more."""
    videos = {name: video(name, count) for name, count in COUNTS.items()}
    truths, boxes = ({name: pair[part] for name, pair in videos.items()} for part in (0, 1))
    trackers = {"new, online": perfect, "old, online": cut(4)}
    return Asked(truths, boxes, trackers, {"SORT": cut(2), "OC": cut(3)}, references={"new, online": "old, online"})


@pytest.fixture(scope="module")
def found(asked):
    return measure(asked)


def test_scores_are_those_of_eval(asked, found):
    pairs = {name: (asked.truths[name].boxes, cut(3)(asked.detections[name]).tracks) for name in COUNTS}
    rows = evaluate(pairs)
    assert list(found.scores) == ["SORT", "OC", "new, online", "old, online"]
    assert {name: score.metrics() for name, score in found.scores["OC"].items()} | {
        "COMBINED": found.combined("OC")
    } == rows
    assert found.metric("new, online", "hota").tolist() == [1.0] * 6
    assert found.speed["SORT"] == 8 * 6 / (0.25 * 6)
    assert (found.peers, found.rules, found.left_out) == (["SORT", "OC"], "custom", {})


def test_gains_are_over_the_best_peer_of_each_video(found):
    values = {name: 100 * found.metric(name, "hota") for name in found.scores}
    gains = found.gains()
    assert list(gains) == ["the best peer", "old"]
    best = np.maximum(values["SORT"], values["OC"])
    np.testing.assert_allclose(gains["the best peer"]["new, online"], values["new, online"] - best)
    assert gains["the best peer"]["OC"].max() == 0
    assert list(gains["old"]) == ["new, online"]
    np.testing.assert_allclose(gains["old"]["new, online"], values["new, online"] - values["old, online"])


def test_means_with_intervals():
    rng = np.random.default_rng(3)
    differences = rng.normal(2, 1, 12)
    gain = gain_of(differences)
    assert gain.mean == pytest.approx(differences.mean())
    half = 1.96 * differences.std() / np.sqrt(12)  # of a mean, where draws are many
    assert gain.low == pytest.approx(gain.mean - half, abs=0.1)
    assert gain.high == pytest.approx(gain.mean + half, abs=0.1)
    assert gain.sure and not gain_of(-differences).sure
    alone = gain_of(np.array([1.0]))
    assert (alone.low, alone.sure, str(alone)) == (None, False, "+1.0")
    assert best_of([np.array([1.0, 5]), np.array([2.0, 3])]).tolist() == [2, 5]


def test_tables(found):
    every, density, each = blocks(found)
    assert every.header[-3:] == ["frames/s", "gain on the best peer", "gain on old"]
    new = next(row for row in every.rows if row[0] == "new, online")
    assert new[1:7] == ["100.0", "100.0", "100.0", "100.0", "0", "16"]
    assert new[7] == str(gain_of(found.gains()["the best peer"]["new, online"]))
    assert [row[-1] for row in every.rows] == ["–", "–", str(gain_of(found.gains()["old"]["new, online"])), "–"]
    assert density.header == ["tracker", "up to 8 objects (3 videos)", "8 to 14 objects (3 videos)"]
    few = gain_of(found.gains()["the best peer"]["new, online"][:3])
    assert {row[0]: row[1] for row in density.rows}["new, online"] == str(few)
    assert each.header == ["video", "best peer", "new, online", "old, online"]
    assert each.rows[0][1].endswith(" OC")
    assert each.rows[0][2] == "100.0 (0)"


def test_text(found):
    content = json.loads(as_json(found, {"weights": ["old", "new"]}))
    assert list(content) == ["weights", "rules", "videos", "left_out", "trackers"]
    new = content["trackers"]["new, online"]
    assert (new["peer"], new["combined"]["hota"], new["videos"]["a"]["idsw"]) == (False, 100.0, 0)
    assert new["gain_on"]["the best peer"]["videos"] == 6
    assert content["videos"]["d"] == {"frames": 8, "density": "8 to 14 objects"}
    lines = as_csv_text(found).splitlines()
    assert len(lines) == 1 + 4 * 7
    assert lines[0].startswith("tracker,video,density,hota,deta,assa,")
    assert lines[7].startswith("SORT,COMBINED,,")
    assert as_markdown(found).count("\n|---") == 3


def test_what_cannot_be_measured_is_told_of(asked):
    truths, boxes = dict(asked.truths), dict(asked.detections)
    del truths["a"], boxes["b"]
    nothing = truths["c"].boxes.take(np.zeros(0, dtype=int))
    truths["c"] = Truth(nothing, np.zeros(0, dtype=int), 8)
    found = measure(Asked(truths, boxes, {"ours": perfect}))
    assert found.videos == ["d", "e", "f"]
    assert found.left_out == {"a": "no annotations", "b": "no detections", "c": "no annotation counts"}
    assert as_markdown(found).endswith(
        "Left out:\n\n- a: no annotations\n- b: no detections\n- c: no annotation counts\n"
    )
    assert found.gains() == {} and len(blocks(found)) == 2
    with pytest.raises(DataError, match="no video to measure on: a: no annotations; give annotations and detections"):
        measure(Asked({}, {"a": boxes["a"]}, {"ours": perfect}))


def test_a_peer_is_shown_every_frame_but_for_endless_pauses(monkeypatch):
    monkeypatch.setitem(sys.modules, "trackers", trackers_module())
    far = 40_000_000
    rows = [(3, -1, 10.0, 10.0, 20.0, 40.0, 0.9), (far, -1, 10.0, 10.0, 20.0, 40.0, 0.8)]
    boxes = make_sequence(rows, "frame id x y w h conf", length=2 * far)
    found = peer("sort")(boxes)
    assert found.frames == 2 + 1 + LONGEST_PAUSE + 1 + LONGEST_PAUSE
    assert found.tracks.boxes[["frame", "id", "x", "w", "conf"]].to_numpy().tolist() == [
        [3, 1, 10, 20, 0.9],
        [far, 2, 10, 20, 0.8],
    ]
    assert peer("botsort")(boxes.take(np.zeros(0, dtype=int))).frames == LONGEST_PAUSE


def test_what_is_not_confirmed_is_no_track(monkeypatch):
    monkeypatch.setitem(sys.modules, "trackers", trackers_module(OCSORTTracker=Forgetful))
    assert len(peer("ocsort")(video("a", 3)[1]).tracks) == 2 * 8
    assert defaults("sort", ["reach"]) == {"reach": 20.0}
    assert len(peer("sort", {"reach": 0.5})(video("a", 3)[1]).tracks.boxes["id"].unique()) == 24


def test_a_peer_that_fails_is_left_out(monkeypatch, asked):
    monkeypatch.setitem(sys.modules, "trackers", trackers_module(SORTTracker=Failing))
    boxes = {"a": asked.detections["a"].take(asked.detections["a"].frames != 4)}
    peers = {entry.title: peer(name) for name, entry in PEERS.items()}
    with pytest.warns(DataWarning, match="SORT failed on a, and is left out: IndexError"):
        found = measure(Asked(asked.truths, boxes, {"ours": perfect}, peers))
    assert found.peers == ["ByteTrack", "OC-SORT", "BoT-SORT", "C-BIoU"]


def test_peers_by_name():
    assert chosen_peers(" SORT,cbiou,sort") == ["sort", "cbiou"]
    with pytest.raises(DataError, match="no peer 'sorted'; did you mean 'sort'"):
        chosen_peers("sorted")
    with pytest.raises(DataError, match="no peer ''"):
        chosen_peers("")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"mode": "online", "settings": {"interpolate": 1.0}}, "boxes.interpolate does nothing online without a lag"),
        ({"mode": "online", "settings": {"crowd_online": 0}, "lag": 3}, "does nothing online with a lag"),
        ({"mode": "offline", "settings": {"smooth_online": False}}, "boxes.smooth_online does nothing offline"),
        ({"mode": "offline", "lag": 3}, "lag 3 does nothing offline; leave it out"),
    ],
)
def test_what_does_nothing_for_ours(arguments, problem):
    with pytest.raises(DataError, match=problem):
        ours(**arguments)


def test_settings_and_speed_of_ours():
    boxes = video("a", 2)[1]
    online, late, offline = ours("online"), ours("online", lag=3), ours("offline", settings={"minimum_length": 9})
    assert online(boxes).frames == late(boxes).frames == offline(boxes).frames == 8
    assert len(offline(boxes).tracks) == 0
    assert online(boxes).seconds > 0
