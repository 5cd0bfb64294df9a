"""Only users name addresses: no file that is read can, nor lead elsewhere from one."""

from __future__ import annotations

import json

import numpy as np
import pytest

from gnntrack import DataError, Tracker, TrackerPool, recipes
from gnntrack.datasets.recipe import DatasetRecipe
from gnntrack.datasets.store import GraphStore, write_store
from gnntrack.datasets.store.index import read_index
from gnntrack.losses import build_loss
from gnntrack.models import load_weights
from gnntrack.models.training_settings import SetOfData
from gnntrack.reading import read
from gnntrack.remote_path import RemotePath
from tests.conftest import make_sequence
from tests.remote.conftest import objects, put


@pytest.fixture
def untouched(monkeypatch):
    """No file system is asked for anything."""

    def touched(self):
        raise AssertionError(f"{self} was read")

    monkeypatch.setattr(RemotePath, "_fs", property(touched))


@pytest.mark.parametrize("root", ["s3://elsewhere/data", "https://host/data", "memory://there"])
def test_a_data_set_recipe(gnntrack, tmp_path, untouched, root):
    (tmp_path / "some.yaml").write_text(f"root: {root}\n")
    for command in (["convert", "data", "-o", "out"], ["train", "-o", "out", "--recipe", "mpn"]):
        done = gnntrack(*command, "--dataset", "./some.yaml")
        assert done.code == 2
        assert f"names the address '{root}'; a file cannot; name it on the command line" in done.err
    with pytest.raises(ValueError, match="names the address"):
        DatasetRecipe(root=root)


@pytest.mark.parametrize("root", ["/etc", "../elsewhere", "a/../../b"])
def test_a_recipe_cannot_lead_out_of_a_remote_root(gnntrack, tmp_path, memory, root):
    (tmp_path / "some.yaml").write_text(f"root: {root}\n")
    done = gnntrack("train", "-o", "out", "--recipe", "mpn", "--dataset", "./some.yaml", "--root", memory)
    assert done.code == 2
    assert "leads out of it; use plain names" in done.err


def test_a_recipe_of_stages(gnntrack, tmp_path, untouched):
    for line in ("data: [s3://elsewhere/some.yaml]", "data: ['https://host/some.yaml']"):
        (tmp_path / "stages.yaml").write_text(f"{line}\nstages: [{{train: relinking}}]\n")
        done = gnntrack("train", "-o", "out", "--recipe", "./stages.yaml")
        assert done.code == 2 and "a file cannot; name it on the command line" in done.err
    with pytest.raises(ValueError, match="names the address"):
        SetOfData(recipe="s3://elsewhere/some.yaml")


def test_names_of_recipes_and_losses_that_files_may_hold(untouched):
    with pytest.raises(DataError, match="names the address"):
        recipes.find("datasets", "s3://elsewhere/some.yaml")
    with pytest.raises(DataError, match="names the address"):
        build_loss("https://host/loss.yaml")


def test_a_saved_tracker(tmp_path, memory, weights, gnntrack, monkeypatch):
    put(weights.parent, f"{memory}/models")
    tracker = Tracker.from_pretrained(f"{memory}/models/w.safetensors", width=640, height=480)
    boxes = np.array([[10.0, 10, 40, 90, 0.9, 1]])
    tracker.update(boxes)
    tracker.save(tmp_path / "tracker.state")
    monkeypatch.setattr(RemotePath, "fetch", lambda *_: pytest.fail("it was read"))
    with pytest.raises(DataError, match=r"names the address 'memory://here/models/w.safetensors'; a file cannot"):
        Tracker.load(tmp_path / "tracker.state")
    monkeypatch.undo()
    assert Tracker.load(tmp_path / "tracker.state", weights).update(boxes).shape == (1, 8)


def test_a_saved_pool(tmp_path, memory, weights, gnntrack, monkeypatch):
    put(weights.parent, f"{memory}/models")
    pool = TrackerPool.from_pretrained(f"{memory}/models/w.safetensors")
    pool.save(tmp_path / "pool")
    monkeypatch.setattr(RemotePath, "fetch", lambda *_: pytest.fail("it was read"))
    with pytest.raises(DataError, match=r"names the address 'memory://here/models/w.safetensors'; a file cannot"):
        TrackerPool.load(tmp_path / "pool")


@pytest.mark.parametrize("name", ["../../etc/passwd", "s3://elsewhere/a", "/etc/passwd"])
def test_the_index_of_a_store(memory, name):
    boxes = make_sequence([(frame, 1, 5.0, 5.0, 10.0, 20.0) for frame in range(1, 9)])
    write_store(f"{memory}/graphs", [boxes])
    index = json.loads(objects(f"{memory}/graphs")["index.json"])
    index["shards"][0]["file"] = name
    (RemotePath(f"{memory}/graphs/index.json"))._fs.pipe_file("/here/graphs/index.json", json.dumps(index).encode())
    with pytest.raises(DataError, match="impossible shard"):
        read_index(f"{memory}/graphs")
    with pytest.raises(DataError, match="impossible shard"):
        GraphStore(f"{memory}/graphs")


@pytest.mark.parametrize("name", ["../../B/gt/gt.txt", "s3://elsewhere/gt.txt"])
def test_the_manifest_of_results(gnntrack, root, memory, weights, name):
    """A name in a manifest that leads out makes it one that is not believed; nothing there is deleted."""
    put(root, f"{memory}/data")
    command = ["convert", f"{memory}/data", "-o", f"{memory}/out", "--to", "kitti"]
    assert gnntrack(*command).code == 0
    manifest = json.loads(objects(f"{memory}/out")["gnntrack.manifest"])
    manifest["files"].append({"name": name, "size": 1, "sha256": "0"})
    RemotePath(memory)._fs.pipe_file("/here/out/gnntrack.manifest", json.dumps(manifest).encode())
    before = objects(memory)
    done = gnntrack(*command, "--overwrite")
    assert done.code == 2
    assert objects(memory) == before


def test_seqinfo(root, memory):
    """What the file says of names and folders is not followed."""
    info = root / "A" / "seqinfo.ini"
    info.write_text(info.read_text().replace("name=A", "name=s3://elsewhere/A\nimDir=https://host/img"))
    put(root / "A", f"{memory}/A")
    try:
        (found,) = read(f"{memory}/A", "annotations")
    except DataError as error:
        assert "s3://elsewhere/A" in str(error)
    else:
        assert "/" not in found.name


def test_options_that_name_files(root, memory):
    from gnntrack.formats.options import ReadingOptions

    put(root, f"{memory}/data")
    for name in ("../../other.txt", "s3://elsewhere/det.txt", "/etc/passwd"):
        with pytest.raises(DataError, match="leads out of it"):
            read(f"{memory}/data", "detections", ReadingOptions(detections=name))


def test_nothing_of_this_program_reads_credentials():
    """Only fsspec's packages do."""
    from pathlib import Path

    import gnntrack

    folder = Path(gnntrack.__file__).parent
    words = ("AWS_", "GOOGLE_", "boto", "secret_access", ".aws")
    found = [path.name for path in folder.rglob("*.py") if any(word in path.read_text() for word in words)]
    assert found == ["remote_problems.py"], "it tells the errors of these packages apart by their names"


def test_weights_are_read_as_those_of_a_folder(memory, weights):
    """No pickle, whatever the address says."""
    put(weights.parent, f"{memory}/models")
    RemotePath(memory)._fs.pipe_file("/here/models/evil.safetensors", b"\x80\x04cposix\nsystem\n(S'true'\ntR.")
    with pytest.raises(DataError, match=r"evil\.safetensors: "):
        load_weights(f"{memory}/models/evil.safetensors")
