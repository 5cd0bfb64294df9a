"""Trackers that are saved and loaded continue as if nothing had happened; other files are refused."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from gnntrack.array_saving import write_arrays
from gnntrack.errors import DataError
from gnntrack.loaders.tensors import read_arrays, read_header
from gnntrack.models import (
    AssociationNetwork,
    AssociationNetworkSettings,
    MessagePassing,
    MessagePassingSettings,
    ModelRecipe,
    find_weights,
    load_for_tracking,
    load_weights,
    save_weights,
)
from gnntrack.recipes import changed
from gnntrack.tracking import Tracker
from gnntrack.tracking.saved import _check
from tests.conftest import Detections

SIZE = {"width": 640, "height": 480, "frame_rate": 25}


def crossing(frames=60, people=6, seed=0, pan=3.0):
    """People who cross again and again before a camera that pans: boxes ``(N, 6)`` and vectors ``(N, 4)``."""
    rng = np.random.default_rng(seed)
    phase, looks = rng.uniform(0, 6, people), rng.normal(size=(people, 4))
    for step in range(frames):
        left = 300 + 120 * np.sin(0.15 * step + phase) + pan * step
        corner = np.column_stack([left, 150 + 2.0 * np.arange(people)]) + rng.normal(0, 2, (people, 2))
        confidence = rng.uniform(0.3, 1, people)
        rows = np.column_stack([corner, corner + np.array([45, 110]), confidence, np.arange(people) % 2])
        there = rng.uniform(size=people) > 0.15
        there &= step not in (23, 24)  # nobody
        yield rows[there], (looks + rng.normal(0, 0.1, looks.shape))[there]


def trackers():
    """A way to make a tracker, and the weights to load it with, by what is special."""
    torch.manual_seed(0)
    window = MessagePassing(MessagePassingSettings(hidden=8, rounds=1)).eval()
    plain = AssociationNetwork(AssociationNetworkSettings(hidden=8, rounds=1)).eval()
    network, recipe = load_for_tracking("default")
    slow = recipe.model_copy(update={"tracking": changed(recipe.tracking, {"births.confirm": 3})})
    return {
        "default": (lambda: Tracker.from_pretrained("default", **SIZE), None),
        "size unknown": (lambda: Tracker.from_pretrained("default", frame_rate=25), None),
        "classes": (lambda: Tracker.from_pretrained("default", **SIZE, classes="separate"), None),
        "groups": (lambda: Tracker.from_pretrained("default", **SIZE, classes=[[0, 7]]), None),
        "lag": (lambda: Tracker.from_pretrained("default", **SIZE, lag=7), None),
        "own settings": (lambda: Tracker(network, slow, **SIZE), "default"),
        "window": (lambda: Tracker(window, ModelRecipe(), **SIZE, rounding="greedy", classes="separate"), window),
        "no parts": (lambda: Tracker(plain, ModelRecipe(architecture=plain.settings), **SIZE), plain),
    }


TRACKERS = trackers()


@pytest.mark.parametrize("embeddings", [False, True])
@pytest.mark.parametrize("name", TRACKERS)
def test_a_stream_that_is_cut_goes_on_bit_for_bit(name, embeddings, tmp_path):
    make, weights = TRACKERS[name]
    whole, cut = make(), make()
    if embeddings and not whole._model.uses_embeddings:
        embeddings = False
    for step, (boxes, vectors) in enumerate(crossing()):
        if step % 10 == 5:
            path = tmp_path / f"{step}.state"
            cut.save(path)
            cut = Tracker.load(path, weights)
            assert cut.tracks == whole.tracks
            if weights is None:  # a tracker that was loaded knows where its weights came from
                cut.save(tmp_path / "again")
                assert (tmp_path / "again").read_bytes() == path.read_bytes()
        vectors = vectors if embeddings and step % 7 else None
        one, other = whole.update(boxes, vectors), cut.update(boxes, vectors)
        assert one.tobytes() == other.tobytes()
    assert whole.tracks == cut.tracks
    assert whole.view == cut.view
    rest = [rows.tobytes() for rows in whole.flush()]
    assert rest == [rows.tobytes() for rows in cut.flush()]


def test_identities_are_corrected_in_this_stream():
    """So that the test above sees what it should: tracks show identities that they did not begin with."""
    tracker = Tracker.from_pretrained("default", **SIZE)
    shown = {}
    for boxes, _ in crossing():
        tracker.update(boxes)
        known = tracker._stream.stages.corrector._known
        for track, identity in zip(known.tracks.tolist(), known.shown.tolist(), strict=True):
            shown.setdefault(track, set()).add(identity)
    assert max(map(len, shown.values())) > 1


def test_another_process_goes_on(tmp_path):
    frames = [boxes for boxes, _ in crossing(30)]
    tracker = Tracker.from_pretrained("default", **SIZE)
    for boxes in frames[:20]:
        tracker.update(boxes)
    tracker.save(tmp_path / "state")
    np.savez(tmp_path / "frames.npz", *frames[20:])
    code = """
import sys
import numpy as np
from gnntrack import Tracker
tracker = Tracker.load(sys.argv[1] + "/state")
frames = np.load(sys.argv[1] + "/frames.npz")
np.save(sys.argv[1] + "/result.npy", np.concatenate([tracker.update(frames[name]) for name in frames.files]))
"""
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    expected = np.concatenate([tracker.update(boxes) for boxes in frames[20:]])
    assert np.load(tmp_path / "result.npy").tobytes() == expected.tobytes()


def test_two_trackers_share_nothing(tmp_path):
    one, other = (Tracker.from_pretrained("default", **SIZE) for _ in range(2))
    for (boxes, _), (others, _) in zip(crossing(20), crossing(20, seed=1), strict=True):
        one.update(boxes), other.update(others)
    one.save(tmp_path / "one")
    other.save(tmp_path / "other")
    loaded = [Tracker.load(tmp_path / "one"), Tracker.load(tmp_path / "one"), Tracker.load(tmp_path / "other")]
    boxes = next(crossing(1, seed=2))[0]
    first = loaded[0].update(boxes)
    np.testing.assert_array_equal(first, loaded[1].update(boxes))
    np.testing.assert_array_equal(first, one.update(boxes))
    np.testing.assert_array_equal(loaded[2].update(boxes), other.update(boxes))


def test_a_new_tracker_and_a_reset(tmp_path):
    tracker = Tracker.from_pretrained("default", **SIZE)
    tracker.save(tmp_path / "new")
    assert Tracker.load(tmp_path / "new").tracks == []
    boxes = next(crossing(1))[0]
    tracker.update(boxes)
    tracker.save(tmp_path / "state")
    loaded = Tracker.load(tmp_path / "state")
    loaded.reset()
    loaded.save(tmp_path / "reset")
    assert (tmp_path / "reset").read_bytes() == (tmp_path / "new").read_bytes()


def test_weights_are_found_by_name_by_path_and_by_hand(tmp_path, monkeypatch):
    """A network of torch and the arrays that tracking reads have the same hash; a file may have moved."""
    model, recipe = load_weights("default")
    (tmp_path / "models").mkdir()
    save_weights(tmp_path / "models" / "mine.safetensors", model, recipe)
    monkeypatch.chdir(tmp_path)
    tracker = Tracker.from_pretrained("models/mine.safetensors", **SIZE)
    tracker.save("state")
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    boxes = next(crossing(1))[0]
    results = [Tracker.load("../state", weights).update(boxes) for weights in (None, "default", model)]
    Path(tmp_path / "models" / "mine.safetensors").rename(tmp_path / "moved.safetensors")
    results.append(Tracker.load("../state", tmp_path / "moved.safetensors").update(boxes))
    assert {result.tobytes() for result in results} == {tracker.update(boxes).tobytes()}
    with pytest.raises(DataError, match=r"mine\.safetensors: no such file; give a path, or a shipped name"):
        Tracker.load("../state")


@pytest.fixture
def saved(tmp_path):
    tracker = Tracker.from_pretrained("default", **SIZE)
    for boxes, _ in crossing(12):
        tracker.update(boxes)
    tracker.save(tmp_path / "state")
    return tmp_path / "state"


def test_other_weights_are_refused(saved):
    model, recipe = load_weights("default")
    with torch.no_grad():
        model.tracklets.members[0].head.bias += 1e-3
    with pytest.raises(DataError, match="state: tracked with other weights than these; pass weights: those"):
        Tracker.load(saved, model)
    torch.manual_seed(0)
    window = MessagePassing(MessagePassingSettings(hidden=8, rounds=1))
    with pytest.raises(DataError, match="state: tracked with other weights than these"):
        Tracker.load(saved, window)
    save_weights(saved.with_name("w.safetensors"), model, recipe)
    with pytest.raises(
        DataError, match=r"state: tracked with other weights than .*w\.safetensors.*; pass weights: those"
    ):
        Tracker.load(saved, saved.with_name("w.safetensors"))


def rewritten(path, **changes):
    """The same file with other metadata or arrays, its check sum right again."""
    header = read_header(path)
    state, metadata = read_arrays(path, header), dict(header.metadata)
    about = json.loads(metadata["tracker"]) | changes.pop("about", {})
    state |= {name.replace("__", "."): values for name, values in changes.items()}
    state = {name: values for name, values in state.items() if values is not None}
    text = json.dumps(about)
    write_arrays(path, state, {**metadata, "tracker": text, "sha256": _check(text, state)})


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (lambda path: path.unlink(), "cannot read: No such file"),
        (lambda path: path.write_bytes(b""), "cut off, or no safetensors file"),
        (lambda path: path.write_bytes(path.read_bytes()[:-8]), "tensors of .* bytes in a file that has"),
        (lambda path: path.write_text("1,1,5,5,9,9,1\n" * 9), "cut off, or no safetensors file"),
        (lambda path: path.write_bytes(find_weights("default").read_bytes()), "format is 'gnntrack weights 2', not"),
        (lambda path: save_file({"a": np.zeros(2)}, path), "format is None, not 'gnntrack tracker 1'; expected a file"),
        (
            lambda path: path.write_bytes(path.read_bytes()[:-8] + bytes(8)),
            "was changed after it was written",
        ),
        (lambda path: rewritten(path, about={"lag": -1}), "lag: Input should be greater than or equal to 0"),
        (lambda path: rewritten(path, about={"colour": 1}), "colour: Extra inputs are not permitted"),
        (lambda path: rewritten(path, about={"width": "wide"}), "width: Input should be a valid number"),
        (lambda path: rewritten(path, about={"frame_rate": 0.0}), "frame rate 0.0; give frames a second"),
        (lambda path: rewritten(path, about={"recipe": {"tracking": {"links": {"memori": 3}}}}), "unknown key"),
        (
            lambda path: rewritten(path, about={"source": None}),
            "does not say where its weights came from; pass",
        ),
        (lambda path: rewritten(path, about={"lag": 3}), "parts corrector, linker, votes in the state; give a file"),
        (lambda path: rewritten(path, frame=np.array(-5)), "detections of later frames in the state; give a file"),
        (lambda path: rewritten(path, frame=np.array(1.5)), r"frame of shape \(\) and type float64 in the state"),
        (lambda path: rewritten(path, votes__last=None), "no last in the state"),
        (lambda path: rewritten(path, linker__pool__ids=np.zeros(2, np.int64)), r"of shape \(\d+,\) and type .* state"),
        (lambda path: rewritten(path, linker__sure=np.full((1, 2), np.nan)), "sure is not finite in the state"),
        (lambda path: rewritten(path, used=np.zeros((0, 6))), "tracks without detections in the state"),
    ],
)
def test_other_files_are_refused_in_one_line(saved, spoil, error):
    spoil(saved)
    with pytest.raises(DataError, match=error) as caught:
        Tracker.load(saved)
    assert str(caught.value).startswith(f"{saved}: ")
    assert "\n" not in str(caught.value)


def test_what_cannot_be_saved(tmp_path):
    tracker = Tracker(lambda graph: graph.edge_attr[:, 0], ModelRecipe())
    with pytest.raises(DataError, match="a tracker whose scores come from a function cannot be saved; give"):
        tracker.save(tmp_path / "state")
    tracker = Tracker.from_pretrained("default", lag=3)
    tracker.update(Detections(np.array([[1.0, 1, 9, 9]]), np.ones(1), np.zeros(1)))
    with pytest.raises(DataError, match=r"supervision\.Detections wait to be reported; pass arrays"):
        tracker.save(tmp_path / "state")
    with pytest.raises(DataError, match="is a folder, not a plain file"):
        Tracker.from_pretrained("default").save(tmp_path)
    assert list(tmp_path.iterdir()) == []
