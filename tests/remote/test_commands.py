"""The verbs on addresses: the same results as on folders."""

from __future__ import annotations

import json

import fsspec
import numpy as np
import pytest

from gnntrack import Tracker
from gnntrack.outputs import journal
from gnntrack.tracking import by_sequence
from tests.remote.conftest import files, objects, put


@pytest.fixture
def data(root, place):
    """Two short sequences at an address."""
    put(root, f"{place}/data")
    return f"{place}/data"


def without_manifest(found):
    return {name: content for name, content in found.items() if name != "gnntrack.manifest"}


def test_check(gnntrack, root, data):
    here, there = gnntrack("check", root), gnntrack("check", data)
    assert (there.code, there.out) == (here.code, here.out.replace(str(root), data))


@pytest.mark.parametrize("to", ["mot", "kitti", "coco"])
def test_convert(gnntrack, root, data, place, to):
    assert gnntrack("convert", root, "-o", "here", "--to", to).code == 0
    done = gnntrack("convert", data, "-o", f"{place}/there", "--to", to)
    assert (done.code, done.err) == (0, "")
    there = objects(f"{place}/there")
    assert without_manifest(there) == without_manifest(files(root.parent / "here"))
    manifest = json.loads(there["gnntrack.manifest"])
    assert manifest["complete"] and manifest["source"] == data
    assert {entry["name"]: entry["size"] for entry in manifest["files"]} == {
        name: len(content) for name, content in without_manifest(there).items()
    }


def test_from_here_to_there_and_back(gnntrack, root, place):
    assert gnntrack("convert", root, "-o", f"{place}/kitti", "--to", "kitti").code == 0
    assert gnntrack("convert", f"{place}/kitti", "-o", "back", "--to", "kitti").code == 0
    assert gnntrack("convert", root, "-o", "here", "--to", "kitti").code == 0
    assert without_manifest(files(root.parent / "back")) == without_manifest(files(root.parent / "here"))
    assert json.loads((root.parent / "back" / "gnntrack.manifest").read_text())["source"] == f"{place}/kitti"


def test_an_output_is_replaced_only_when_asked(gnntrack, data, place):
    command = ["convert", data, "-o", f"{place}/out", "--to", "kitti"]
    assert gnntrack(*command).code == 0
    before = objects(f"{place}/out")
    done = gnntrack(*command)
    assert (done.code, done.err) == (2, f"error: {place}/out: output exists; pass --overwrite or choose another\n")
    assert objects(f"{place}/out") == before
    assert gnntrack(*command, "--overwrite", "--sequence", "A").code == 0
    after = objects(f"{place}/out")
    assert {name for name in before if name not in after} == {"label_02/B.txt", "det/B.txt"}
    filesystem, key = fsspec.url_to_fs(f"{place}/out/mine.txt")
    filesystem.pipe_file(key, b"mine")
    done = gnntrack(*command, "--overwrite")
    assert done.code == 2
    assert "holds mine.txt, which no earlier run wrote; move it away" in done.err
    assert objects(f"{place}/out")["mine.txt"] == b"mine"


def test_a_failed_output_leaves_nothing(gnntrack, root, place):
    path = root / "B" / "gt" / "gt.txt"
    path.write_text(path.read_text() + "3,1,5,5,0,9,1,1,1\n")
    put(root, f"{place}/data")
    done = gnntrack("convert", f"{place}/data", "-o", f"{place}/out", "--to", "kitti")
    assert done.code in (1, 2) and "gt.txt:17: box is" in done.err
    assert objects(f"{place}/out") == {}


def test_track_and_evaluate(gnntrack, root, data, place, weights):
    assert gnntrack("track", root, "--weights", weights, "-o", "here").code == 0
    put(weights.parent, f"{place}/models")
    done = gnntrack("track", data, "--weights", f"{place}/models/w.safetensors", "-o", f"{place}/there")
    assert done.code == 0, done.err
    assert done.err == f"weights: {place}/models/w.safetensors\n"
    assert without_manifest(objects(f"{place}/there")) == without_manifest(files(root.parent / "here"))
    scored = gnntrack("eval", "--gt", data, "--pred", f"{place}/there", "--json", "--errors", f"{place}/errors.csv")
    assert scored.code == 0, scored.err
    here = gnntrack("eval", "--gt", root, "--pred", "here", "--json", "--errors", "errors.csv")
    assert scored.out == here.out
    assert objects(f"{place}/errors.csv")[""] == (root.parent / "errors.csv").read_bytes()


def test_tracking_resumes(gnntrack, root, data, place, weights, monkeypatch):
    """A run is stopped after its first video; what it had noted is not tracked again."""
    monkeypatch.setattr(journal, "EVERY", -1.0)
    command = ["track", data, "--weights", weights, "-o", f"{place}/out"]
    track, tracked = by_sequence.track_online, []

    def stopping(boxes, *arguments):
        tracked.append(boxes.name)
        if tracked == ["A", "B"]:
            raise KeyboardInterrupt
        return track(boxes, *arguments)

    monkeypatch.setattr(by_sequence, "track_online", stopping)
    assert gnntrack(*command).code == 130
    assert "A.txt" in objects(f"{place}/out") and "B.txt" not in objects(f"{place}/out")
    assert not json.loads(objects(f"{place}/out")["gnntrack.manifest"])["complete"]
    assert gnntrack(*command).code == 2
    done = gnntrack(*command, "--resume")
    assert (done.code, done.out.splitlines()[0]) == (0, f"{place}/out: 1 of 2 files are finished")
    assert tracked == ["A", "B", "B"]
    monkeypatch.setattr(by_sequence, "track_online", track)
    assert gnntrack("track", root, "--weights", weights, "-o", "here").code == 0
    found = objects(f"{place}/out")
    assert without_manifest(found) == without_manifest(files(root.parent / "here"))
    assert set(found) == {"A.txt", "B.txt", "gnntrack.manifest"}
    filesystem, key = fsspec.url_to_fs(f"{place}/out/A.txt")
    filesystem.pipe_file(key, found["A.txt"].replace(b"1", b"2"))
    done = gnntrack(*command, "--resume")
    assert done.code == 2
    assert f"{place}/out/A.txt: it was changed since it was written; move it away" in done.err


def test_what_a_killed_run_had_noted(gnntrack, data, place, weights):
    """The lines that lie beside unfinished results count, as if the run had ended."""
    command = ["track", data, "--weights", weights, "-o", f"{place}/out"]
    assert gnntrack(*command).code == 0
    whole = objects(f"{place}/out")
    manifest = json.loads(whole["gnntrack.manifest"])
    line = json.dumps(manifest["files"][0]) + "\n"
    filesystem, key = fsspec.url_to_fs(f"{place}/out")
    filesystem.rm_file(f"{key}/B.txt")
    claimed = manifest | {"complete": False, "files": [{"name": "A.txt"}, {"name": "B.txt"}]}
    filesystem.pipe_file(f"{key}/gnntrack.manifest", json.dumps(claimed).encode())
    filesystem.pipe_file(f"{key}/gnntrack.finished.000000", line.encode())
    done = gnntrack(*command, "--resume")
    assert (done.code, done.out.splitlines()[0]) == (0, f"{place}/out: 1 of 2 files are finished")
    assert objects(f"{place}/out") == whole


def test_a_tracker_of_remote_weights(root, place, weights, gnntrack, tmp_path):
    put(weights.parent, f"{place}/models")
    there = Tracker.from_pretrained(f"{place}/models/w.safetensors", width=640, height=480)
    here = Tracker.from_pretrained(str(weights), width=640, height=480)
    boxes = np.array([[10.0, 10, 40, 90, 0.9, 1], [110.0, 10, 140, 90, 0.9, 1]])
    assert np.array_equal(there.update(boxes), here.update(boxes))


def test_scenes(gnntrack, place, tmp_path):
    command = ["synth", "--frames", "20", "--objects", "3", "--sequences", "2", "--detector", "dancetrack-yolox"]
    assert gnntrack(*command, "-o", "here").code == 0
    assert gnntrack(*command, "-o", f"{place}/there").code == 0
    assert objects(f"{place}/there") == files(tmp_path / "here")


def test_recipes(gnntrack, root, place, tmp_path):
    """A data set recipe and a model's, and a root that is remote."""
    (tmp_path / "recipes").mkdir()
    (tmp_path / "recipes" / "some.yaml").write_text("root: data\ntraining: [A]\nframe_base: 1\n")
    put(root, f"{place}/data")
    put(tmp_path / "recipes", f"{place}/recipes")
    done = gnntrack("convert", f"{place}/data", "-o", "out", "--dataset", f"{place}/recipes/some.yaml")
    assert (done.code, done.err) == (0, "")


def test_recipes_are_shown_and_checked(gnntrack, place, tmp_path):
    (tmp_path / "recipes").mkdir()
    (tmp_path / "recipes" / "some.yaml").write_text("root: data\ntraining: [A]\nframe_base: 1\n")
    put(tmp_path / "recipes", f"{place}/recipes")
    for verb in ("show", "check"):
        there = gnntrack("recipe", verb, f"{place}/recipes/some.yaml")
        here = gnntrack("recipe", verb, "recipes/some.yaml")
        assert (there.code, there.err) == (0, "")
        assert there.out == here.out.replace("recipes/some.yaml", f"{place}/recipes/some.yaml")


def test_drawings(gnntrack, data, root, place, weights):
    """One, and those of a folder."""
    assert gnntrack("track", data, "--weights", weights, "-o", f"{place}/tracks").code == 0
    for source, out in ((f"{data}/A", "a.png"), (data, "drawn")):
        options = ["--to", "png", "--frames", "4-4"] if out == "drawn" else []
        done = gnntrack("draw", source, "--tracks", f"{place}/tracks", "-o", f"{place}/{out}", "--width", 64, *options)
        assert done.code == 0, done.err
        here = source.replace(data, str(root))
        assert gnntrack("draw", here, "--tracks", f"{place}/tracks", "-o", out, "--width", 64, *options).code == 0
    assert objects(f"{place}/a.png")[""] == (root.parent / "a.png").read_bytes()
    assert without_manifest(objects(f"{place}/drawn")) == without_manifest(files(root.parent / "drawn"))


def test_train_reads_data_and_weights(gnntrack, street, place, association, tmp_path):
    put(tmp_path / "street", f"{place}/street")
    put(association.parent, f"{place}/models")
    recipe = tmp_path / "stages.yaml"
    recipe.write_text("stages: [{train: relinking, clips: 2, length: 40, steps: 3, batch_size: 2}]\n")
    command = ["train", "--recipe", recipe]
    there = gnntrack(
        *command, "--dataset", f"{place}/street", "--start", f"{place}/models/a.safetensors", "-o", "there"
    )
    assert there.code == 0, there.err
    here = gnntrack(*command, "--dataset", "street", "--start", association, "-o", "here")
    assert here.code == 0, here.err
    assert (tmp_path / "there" / "weights.safetensors").read_bytes() == (
        tmp_path / "here" / "weights.safetensors"
    ).read_bytes()
